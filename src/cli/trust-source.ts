/** What `trust stage` was told to stage. */
import { open } from 'node:fs/promises';
import { codeOf, StartupError } from '../errors.ts';
import type { StageSource } from '../rotation/rotation.ts';
import { harmless } from './harmless.ts';

export interface StageOptions {
  /** Number or reference of a refused client. */
  readonly fromRefused?: string;
  /** Environment variable that holds the passphrase of a PKCS #12 file. */
  readonly passphraseEnv?: string;
}

const LIMIT_BYTES = 1_048_576;
const NOTHING_STAGED = 'nothing was staged';

/** @throws {StartupError} when it is not clear what, or it cannot be read */
export async function readSource(
  file: string | undefined,
  { fromRefused, passphraseEnv }: StageOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<StageSource> {
  if ((file === undefined) === (fromRefused === undefined)) {
    throw new StartupError(`either a file is staged or what a refused client sent; ${NOTHING_STAGED}`, {
      hint: 'sallyport trust stage FILE, or sallyport trust stage --from-refused N',
    });
  }
  if (file === undefined) return { fromRefused: fromRefused ?? '' };
  const passphrase = passphraseEnv === undefined ? undefined : env[passphraseEnv];
  if (passphraseEnv !== undefined && passphrase === undefined) {
    throw new StartupError(`${harmless(passphraseEnv)} is not set in the environment; ${NOTHING_STAGED}`, {
      hint: 'let it hold the passphrase of the PKCS #12 file',
    });
  }
  const bytes = await readStart(file);
  return { file, bytes, ...(passphrase === undefined ? {} : { passphrase }) };
}

/** One byte more than is taken, of whatever it is: a pipe has no size. */
async function readStart(file: string): Promise<Buffer> {
  try {
    await using handle = await open(file, 'r');
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of handle.createReadStream({ end: LIMIT_BYTES, autoClose: false })) {
      chunks.push(chunk);
      size += chunk.length;
    }
    if (size <= LIMIT_BYTES) return Buffer.concat(chunks);
  } catch (cause) {
    const code = codeOf(cause) ?? 'unknown error';
    throw new StartupError(`${harmless(file)} cannot be read (${code}); ${NOTHING_STAGED}`, {
      hint: 'name the file that Coupa published: .pem, .cer, .p7b or .p12',
      cause,
    });
  }
  throw new StartupError(
    `${harmless(file)} is larger than 1 MiB, so it is no file of certificates; ${NOTHING_STAGED}`,
    { hint: "stage Coupa's intermediate alone" },
  );
}
