/** A pin ends by the clock alone: no file changes, nobody is told, and all that does not rest on it goes on. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { knock, refusalsOf } from '../support/knock.ts';
import { type Minted, mint, mintCa } from '../support/pki.ts';
import { COUPA_NAME, QUICK_WATCH, startTestReceiver } from '../support/receiver.ts';

const HOUR_MS = 3_600_000;
const ANNA = { by: 'anna@host', reason: 'a test' };

/** Of the pinned root, for an hour. */
const endingOf = (issuer: Minted): Minted =>
  mintCa('Ending', { issuer, notAfter: new Date(Date.now() + HOUR_MS) });

describe('a receiver with a pin that has expired', () => {
  it('refuses by it, takes orders by another, distrusts, and shows its own next certificate', async () => {
    let later = 0;
    await using receiver = await startTestReceiver(
      { trust: { bundle: 'two.pem' } },
      {
        now: () => new Date(Date.now() + later),
        watchTiming: QUICK_WATCH,
        prepare: ({ folder, pki }) =>
          writeFile(join(folder, 'two.pem'), endingOf(pki.root).pem + pki.bundlePem),
      },
    );
    const { folder, pki, rotation } = receiver;
    const ending = pki.leaf(COUPA_NAME, { issuer: endingOf(pki.root) });
    const lasting = pki.leaf(COUPA_NAME, { serial: '0abc' });
    expect((await knock(receiver, ending)).code).to.equal(200);
    later = 2 * HOUR_MS;

    expect(await knock(receiver, ending)).to.include({ http: 503, code: 560 });
    expect(refusalsOf(receiver)).to.deep.equal([['anchor_expired']]);
    expect((await knock(receiver, lasting)).code).to.equal(200);

    expect((await rotation.show()).warnings.join()).to.match(/CN=Ending\) expire/);
    await rotation.distrust({ serial: '0abc' }, ANNA);
    expect(await knock(receiver, lasting)).to.include({ http: 503 });
    await writeFile(join(folder, 'server.pem'), renewed().pem);
    await receiver.told('server certificate replaced');
  });

  it('starts', async () => {
    const later = 2 * HOUR_MS;
    await using receiver = await startTestReceiver(
      { trust: { bundle: 'two.pem' } },
      {
        now: () => new Date(Date.now() + later),
        prepare: ({ folder, pki }) =>
          writeFile(join(folder, 'two.pem'), endingOf(pki.root).pem + pki.bundlePem),
      },
    );
    expect((await knock(receiver, receiver.pki.leaf(COUPA_NAME))).code).to.equal(200);
    const [line] = await receiver.told('trust needs attention');
    expect(String(line?.warning)).to.include('CN=Ending expired on');
  });
});

/** Under the same key, as many tools renew. */
function renewed(): Minted {
  return mint({
    subject: 'localhost',
    key: { kind: 'rsa-2048', label: 'server' },
    dns: ['localhost'],
    ips: ['127.0.0.1'],
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['serverAuth'],
  });
}
