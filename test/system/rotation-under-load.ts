/** A rotation under load: who posts meanwhile, and the steps that a person takes, broken files among them. */
import { createHash } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createTerminal } from '../../src/cli/terminal.ts';
import {
  distrustTrust,
  promoteTrust,
  rehearseTrust,
  retireTrust,
  rollbackTrust,
  stageTrust,
  type TrustSurroundings,
} from '../../src/cli/trust.ts';
import { openOfflineRotation } from '../../src/receiver-rotation.ts';
import type { LoadClient, OrderLoad } from '../support/order-load.ts';
import { type Identity, type Minted, mintCa, type TestPki } from '../support/pki.ts';
import { COUPA_NAME, type Workplace } from '../support/receiver.ts';
import type { SpawnedReceiver } from '../support/spawned.ts';

export type Issuer = 'old' | 'third' | 'new';

export interface Client extends LoadClient {
  /** Undefined: a stranger, whom no trust lets in. */
  readonly issuer: Issuer | undefined;
}

/** So many posts of each client lie wholly between two steps, however slow the machine is. */
export const BETWEEN_STEPS = 2;
export const NOT_REPLACED = 'trust not replaced, the one in force stays';

/** Kept-alive and fresh connections of every issuer on both versions of TLS, and every kind of stranger. */
export function createClients(pki: TestPki, issuers: Readonly<Record<Issuer, Minted>>): readonly Client[] {
  // A quick key: the clients share the processor with the receiver.
  const key = { kind: 'p-256', label: 'rotation client' } as const;
  const keyUsage = ['digitalSignature'];
  const identityOf = (name: string, issuer: Minted, signer = issuer): Identity => {
    const leaf = pki.leaf(name, { issuer, signer, key, keyUsage });
    return { cert: leaf.pem + issuer.pem, key: leaf.keyPem };
  };
  const forger = mintCa('Test Intermediate A', { key: { kind: 'rsa-2048', label: 'forger' } });
  const stranger = identityOf(COUPA_NAME, mintCa('Stranger'));
  const strangers: readonly (readonly [string, Client['version'], Identity | undefined])[] = [
    ['another name', 'TLSv1.2', identityOf('somebody.example', issuers.old)],
    ['an issuer of their own', 'TLSv1.3', stranger],
    ['a forged signature', 'TLSv1.2', identityOf(COUPA_NAME, issuers.old, forger)],
    ['no certificate', 'TLSv1.3', undefined],
  ];
  const clients: Client[] = [];
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const issuer of ['old', 'third', 'new'] as const) {
      const identity = identityOf(COUPA_NAME, issuers[issuer]);
      const common = { issuer, identity, version };
      clients.push(
        { ...common, name: `${issuer}, kept alive, ${version}`, keepsAlive: true, weight: 3 },
        { ...common, name: `${issuer}, fresh, ${version}`, keepsAlive: false, weight: 1 },
      );
    }
  }
  for (const [name, version, identity] of strangers) {
    clients.push({ name, version, identity, issuer: undefined, keepsAlive: false, weight: 1 });
  }
  return clients;
}

/** @returns who is let in, by generation */
export async function rotate({
  workplace: { configFile: config, folder, pki },
  receiver,
  load,
  issuers,
}: {
  readonly workplace: Workplace;
  readonly receiver: SpawnedReceiver;
  readonly load: OrderLoad<Client>;
  readonly issuers: Readonly<Record<Issuer, Minted>>;
}): Promise<readonly (readonly Issuer[])[]> {
  const allowed: (readonly Issuer[])[] = [['old', 'third']];
  const meant = { config, reason: 'the yearly change', yes: true };
  const forced = { ...meant, force: true };
  const take = async (
    name: string,
    command: (around: TrustSurroundings) => Promise<number>,
    { code = 0, now }: { readonly code?: number; readonly now?: readonly Issuer[] } = {},
  ): Promise<void> => {
    const ran = await run(command);
    expect(ran.code, `${name}: ${ran.text}`).to.equal(code);
    if (now === undefined) return;
    allowed.push(now);
    // By now the change is in force, and every post that begins from here on meets it.
    await receiver.told('trust replaced', allowed.length - 1);
    await load.through(BETWEEN_STEPS);
  };
  const count = (message: string): number => receiver.logged.filter(({ msg }) => msg === message).length;
  const place = async (path: string, bytes: string | Uint8Array): Promise<void> => {
    await writeFile(join(folder, 'next'), bytes);
    await rename(join(folder, 'next'), join(folder, path));
  };
  const dropIn = async (path: string, bytes: string | Uint8Array, noticed: 'by itself' | 'by SIGHUP') => {
    const before = count(NOT_REPLACED);
    await place(path, bytes);
    if (noticed === 'by SIGHUP') receiver.kill('SIGHUP');
    await receiver.told(NOT_REPLACED, before + 1);
    expect((await fetch(`${receiver.adminUrl}/readyz`)).status).to.equal(200);
    await load.through(BETWEEN_STEPS);
  };
  const mended = async (mend: Promise<unknown>): Promise<void> => {
    await mend;
    const before = count('trust unchanged');
    receiver.kill('SIGHUP');
    await receiver.told('trust unchanged', before + 1);
  };
  const pinOf = (issuer: Issuer): string => fingerprintOf(issuers[issuer]);
  const broken = 'coupa/broken.pem';

  await load.through(BETWEEN_STEPS);
  await take('stage', (around) => stageTrust(join(folder, 'new.pem'), meant, around));
  await take('rehearse', (around) => rehearseTrust({ config, last: 30 }, around));
  await dropIn('coupa/old.pem', issuers.old.pem.slice(0, -99), 'by itself');
  await take('promote beside a broken file', (around) => promoteTrust([], meant, around), { code: 1 });
  await mended(place('coupa/old.pem', issuers.old.pem));
  await take('promote', (around) => promoteTrust([], meant, around), { now: ['old', 'third', 'new'] });
  await take('retire too early', (around) => retireTrust(pinOf('old'), meant, around), { code: 1 });
  await take('retire', (around) => retireTrust(pinOf('old'), forced, around), { now: ['third', 'new'] });
  await dropIn(broken, issuers.old.der, 'by SIGHUP');
  await mended(rm(join(folder, broken)));
  await take('rollback', (around) => rollbackTrust(meant, around), { now: ['old', 'third', 'new'] });
  // An emergency does not wait until a certificate of our own is in order.
  await dropIn('server.pem', 'half a certif', 'by SIGHUP');
  await take('distrust', (around) => distrustTrust(pinOf('third'), meant, around), { now: ['old', 'new'] });
  await mended(place('server.pem', pki.server.cert));
  await take('rollback to a distrusted pin', (around) => rollbackTrust(meant, around), { code: 1 });
  await take('retire the wrong one', (around) => retireTrust(pinOf('new'), forced, around), { now: ['old'] });
  await dropIn(broken, '', 'by SIGHUP');
  await mended(rm(join(folder, broken)));
  await take('rollback again', (around) => rollbackTrust(meant, around), { now: ['old', 'new'] });
  await take('retire at last', (around) => retireTrust(pinOf('old'), forced, around), { now: ['new'] });
  return allowed;
}

async function run(command: (around: TrustSurroundings) => Promise<number>) {
  const printed: string[] = [];
  const stream = { write: (text: string | Uint8Array) => printed.push(String(text)) };
  const terminal = createTerminal({ out: stream, err: stream, env: {}, now: () => 0 });
  const env = { ...process.env, SALLYPORT_UNSAFE_TESTS: '1' };
  const code = await command({ terminal, env, now: () => new Date(), openOffline: openOfflineRotation });
  return { code, text: printed.join('') };
}

function fingerprintOf({ der }: Minted): string {
  return createHash('sha256').update(der).digest('hex');
}
