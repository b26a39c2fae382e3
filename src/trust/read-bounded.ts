/** A file that an operator named, read whole and never larger than it could sensibly be. */
import { readFile, stat } from 'node:fs/promises';
import { codeOf, StartupError } from '../errors.ts';

/**
 * @param what for messages. Example: `the address list`
 * @param key of the configuration, for the remedy. Example: `trust.addresses`
 * @throws {StartupError} when it cannot be read or is too large
 */
export async function readBounded(
  path: string,
  { limitBytes, what, key }: { readonly limitBytes: number; readonly what: string; readonly key: string },
): Promise<Buffer> {
  let bytes: Buffer | undefined;
  try {
    const { size } = await stat(path);
    if (size <= limitBytes) bytes = await readFile(path);
  } catch (cause) {
    const code = codeOf(cause) ?? 'unknown error';
    throw new StartupError(`${path}: ${what} cannot be read (${code})`, {
      hint: `check the path under ${key} and that this user may read it`,
      cause,
    });
  }
  // Also when it has grown since its size was asked for.
  if (bytes !== undefined && bytes.length <= limitBytes) return bytes;
  throw new StartupError(`${path}: larger than ${limitBytes / 1024 / 1024} MiB, too much for ${what}`, {
    hint: `check that ${key} names the right file`,
  });
}
