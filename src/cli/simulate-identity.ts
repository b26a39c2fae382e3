/** Who posts, and where: read from the options, each mistake with its remedy. */
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { StartupError } from '../errors.ts';
import type { BuyerIdentity } from './buyer-client.ts';
import { harmless } from './harmless.ts';

export function readUrl(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === 'https:') return url;
  throw new StartupError(`--to ${harmless(text)} is no https:// address`, {
    hint: 'Name the whole address, as Coupa has it: https://po.example.com/cxml',
  });
}

export async function loadIdentity({
  cert,
  key,
  ca,
}: {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}): Promise<BuyerIdentity> {
  if ((cert === undefined) !== (key === undefined)) {
    throw new StartupError(`--${cert === undefined ? 'key' : 'cert'} is given without the other`, {
      hint: 'Give --cert and --key, or neither to connect without a certificate.',
    });
  }
  const identity = {
    cert: await load(cert, '--cert'),
    key: await load(key, '--key'),
    ca: await load(ca, '--ca'),
  };
  try {
    createSecureContext(identity);
  } catch (error) {
    // Without its cause: what the library says could quote the key.
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new StartupError(`--cert, --key and --ca cannot be used together (${code})`, {
      hint: 'Each is PEM; the key is not locked with a passphrase and belongs to the first certificate of --cert.',
    });
  }
  return identity;
}

async function load(file: string | undefined, option: string): Promise<Buffer | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file);
  } catch (cause) {
    throw new StartupError(`${option} ${harmless(file)} cannot be read`, {
      hint: 'Name a PEM file that you may read. `sallyport demo` makes a set to try with.',
      cause,
    });
  }
}

export function readSecret(
  name: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (name === undefined) return undefined;
  const secret = env[name];
  if (secret !== undefined && secret !== '') return secret;
  throw new StartupError(`--secret-env ${harmless(name)}: that variable is not set`, {
    hint: `Set it, or leave the option out: Coupa sends no SharedSecret when none was agreed.`,
  });
}
