/** The demo's own configuration: a file like any other, so that every other command works with it. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { codeOf, StartupError } from '../errors.ts';
import type { DemoPki } from './demo-pki.ts';

export const DEMO_BUYER = { domain: 'DUNS', identity: '128293714' } as const;
export const DEMO_SUPPLIER = { domain: 'NetworkID', identity: 'SUPPLIER-1' } as const;
export const DEMO_KEY = 'demo-buyer';

export interface DemoFiles {
  readonly config: string;
  readonly secretFile: string;
  readonly secret: string;
}

/** Makes the folder, and keeps everything in it out of git. @throws {StartupError} when it cannot be written */
export async function prepareFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await writeFile(join(dir, '.gitignore'), '*\n');
  } catch (cause) {
    const { message } = cause as Error;
    throw new StartupError(`the demo cannot write to ${dir}: ${message}`, {
      hint: 'Name a folder that you may write to: sallyport demo --dir FOLDER',
      cause,
    });
  }
}

/** Written anew at every start; the secret and the store stay. */
export async function writeDemoConfig({
  dir,
  pki,
  port,
  adminPort,
}: {
  readonly dir: string;
  readonly pki: DemoPki;
  readonly port: number;
  readonly adminPort: number;
}): Promise<DemoFiles> {
  const config = join(dir, 'sallyport.yaml');
  const secretFile = join(dir, 'DEMO-secret');
  const secret = await keepSecret(secretFile);
  await writeFile(
    config,
    `# Written by \`sallyport demo\` at every start. A demo: NOT for production.
listen: { host: 127.0.0.1, port: ${port} }
certificate: { chain: ${basename(pki.serverChain)}, key: "file:${basename(pki.serverKey)}" }
trust: { bundle: ${basename(pki.bundle)} }
buyers:
  - key: ${DEMO_KEY}
    from: [{ domain: ${DEMO_BUYER.domain}, identity: "${DEMO_BUYER.identity}" }]
    to: [{ domain: ${DEMO_SUPPLIER.domain}, identity: ${DEMO_SUPPLIER.identity} }]
    shared_secret: "file:${basename(secretFile)}"
store: { url: "sqlite:sallyport.db" }
admin: { host: 127.0.0.1, port: ${adminPort} }
`,
  );
  return { config, secretFile, secret };
}

async function keepSecret(file: string): Promise<string> {
  const fresh = randomBytes(18).toString('base64url');
  try {
    await writeFile(file, fresh, { flag: 'wx', mode: 0o600 });
    return fresh;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return (await readFile(file, 'utf8')).trim();
  }
}
