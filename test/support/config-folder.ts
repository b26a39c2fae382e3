/** A configuration with every file it speaks of, in a folder of its own. */
import { mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Config } from '../../src/config.ts';
import { loadConfig } from '../../src/config-file.ts';
import { StartupError } from '../../src/errors.ts';

export const PASSWORD = 'hunter2-very-secret';
export const ENV = { ACME_SECRET: PASSWORD };

export const CERTIFICATE = 'certificate: { chain: server.pem, key: "file:server.key" }\n';
/** Five lines: the least that loads. */
export const SMALLEST = `${CERTIFICATE}buyers:
  - key: acme
    from: [{ domain: DUNS, identity: "128293714" }]
    shared_secret: env:ACME_SECRET
`;

export interface ConfigFolder extends Disposable {
  readonly path: string;
  /** Writes a file, by default the configuration, and returns its path. */
  write(text: string | Uint8Array, name?: string): string;
}

export function configFolder(): ConfigFolder {
  const temporary = mkdtempDisposableSync(join(tmpdir(), 'sallyport-config-'));
  mkdirSync(join(temporary.path, 'certs/coupa'), { recursive: true });
  const write = (text: string | Uint8Array, name = 'sallyport.yaml'): string => {
    const file = join(temporary.path, name);
    writeFileSync(file, text);
    return file;
  };
  write('certificate\n', 'server.pem');
  write('private key\n', 'server.key');
  return { path: temporary.path, write, [Symbol.dispose]: () => temporary.remove() };
}

export async function load(text: string | Uint8Array, env: Record<string, string> = ENV): Promise<Config> {
  using here = configFolder();
  return await loadConfig(here.write(text), env);
}

/** The lines told, without the file: `14: buyers[0].key: …`. */
export async function mistakesIn(
  text: string | Uint8Array,
  env: Record<string, string> = ENV,
): Promise<string[]> {
  try {
    await load(text, env);
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    expect(error.hint).to.include('sallyport.yaml');
    return error.message.split('\n').map((line) => line.replace(/^.*sallyport\.yaml:/, ''));
  }
  throw new Error('the configuration was taken');
}
