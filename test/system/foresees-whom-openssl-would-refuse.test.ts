/** Pins of one name: what OpenSSL does with them is known to a rehearsal before it is done to a client. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readCertificate } from '../../src/trust/certificate.ts';
import { knock } from '../support/knock.ts';
import { createTestPki, type Minted, mintCa } from '../support/pki.ts';
import { COUPA_NAME, startTestReceiver, type TestReceiver } from '../support/receiver.ts';

const ANNA = { by: 'anna@host', reason: 'a test' };
const { root, leaf } = createTestPki();
const extension = (oid: string, hex: string) => ({
  withoutKeyIds: true,
  extensions: [{ oid, critical: false, hex }],
});
const one = mintCa('Same', { issuer: root, serial: '01', ...extension('2.5.29.14', '040401010101') });
const otherId = mintCa('Same', { issuer: root, serial: '02', ...extension('2.5.29.14', '040402020202') });
const rekeyed = mintCa('Same', { issuer: root, key: { kind: 'rsa-2048', label: 'rekeyed' } });
const print = ({ der }: Minted): string => readCertificate(der).fingerprint;

const start = (pinned: readonly Minted[]): Promise<TestReceiver> =>
  startTestReceiver(
    { trust: { bundle: 'pins.pem' } },
    {
      prepare: ({ folder }) => writeFile(join(folder, 'pins.pem'), pinned.map(({ pem }) => pem).join('')),
    },
  );

describe('a rotation among pins of one name', () => {
  for (const [by, hex] of [
    ['key identifier', '3006800401010101'],
    ['serial number', '3003820101'],
  ] as const) {
    it(`does not retire the pin that a client names by its ${by}, though the other has its key`, async () => {
      await using receiver = await start([one, otherId]);
      const { rotation } = receiver;
      const client = leaf(COUPA_NAME, { issuer: one, ...extension('2.5.29.35', hex) });
      expect((await knock(receiver, client)).code).to.equal(200);
      const pin = print(one);
      const { conclusions } = await rotation.rehearse({ without: [pin] });
      expect(conclusions[0]).to.include({ state: 'no' });
      const refusal = await rotation.retire({ pin, force: false }, ANNA).catch((error) => error);
      expect(refusal).to.include({ forceable: true }).and.property('message').includes('still needed');
      await rotation.retire({ pin, force: true }, ANNA);
      expect((await knock(receiver, client)).code, 'and rightly').to.equal(560);
    });
  }

  it('does not promote a second key of a name for clients that do not say which they mean', async () => {
    await using receiver = await start([one]);
    const { rotation, folder } = receiver;
    const client = leaf(COUPA_NAME, { issuer: one, withoutKeyIds: true });
    expect((await knock(receiver, client)).code).to.equal(200);
    await rotation.stage({ file: 'new.pem', bytes: Buffer.from(rekeyed.pem) }, ANNA);
    expect((await rotation.rehearse()).safeToPromote).to.equal(false);
    const refusal = await rotation.promote({ pins: [], force: false }, ANNA).catch((error) => error);
    expect(refusal).to.include({ forceable: true }).and.property('message').includes('would be refused');
    // The one that stands first is tried alone.
    await writeFile(join(folder, 'pins.pem'), rekeyed.pem + one.pem);
    await rotation.distrust({ serial: '0abc' }, ANNA);
    expect((await knock(receiver, client)).code, 'and rightly').to.equal(560);
  });
});
