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
    bytes = await readUpTo(path, limitBytes);
  } catch (cause) {
    const code = codeOf(cause) ?? 'unknown error';
    throw new StartupError(`${path}: ${what} cannot be read (${code})`, {
      hint: `check the path under ${key} and that this user may read it`,
      cause,
    });
  }
  if (bytes !== undefined) return bytes;
  throw new StartupError(`${path}: larger than ${limitBytes / 1024 / 1024} MiB, too much for ${what}`, {
    hint: `check that ${key} names the right file`,
  });
}

/**
 * Never opens what is no file: a pipe that nobody writes to, a terminal or a device would keep whoever reads it for ever,
 * and with it every later reload and one of the few threads that read files.
 *
 * @returns undefined when it is larger
 * @throws {Error} as the system gives it, with a `code` for people
 */
export async function readUpTo(path: string, limitBytes: number): Promise<Buffer | undefined> {
  const found = await stat(path);
  if (!found.isFile() && !found.isDirectory()) {
    throw Object.assign(new Error(`${path} is no file`), { code: 'a pipe or a device, and no file' });
  }
  if (found.size > limitBytes) return undefined;
  const bytes = await readFile(path);
  return bytes.length <= limitBytes ? bytes : undefined; // it may have grown since its size was asked for
}
