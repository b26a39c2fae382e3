/** Releases on the store of a receiver that does not run. */
import { expect } from 'chai';
import { loadConfig } from '../src/config-file.ts';
import { openOfflineReleases } from '../src/receiver-release.ts';
import { openStore } from '../src/store/open-store.ts';
import { createLog } from '../src/telemetry/log.ts';
import { refused } from './store/arrivals.ts';
import { sampleDocument } from './support/orders.ts';
import { COUPA_NAME, prepareWorkplace } from './support/receiver.ts';

const AT = new Date();
const ANNA = { by: 'anna@host', reason: 'mended' };

describe('openOfflineReleases', () => {
  it('ends the wait for a message that was answered 5xx, and for no other', async () => {
    await using workplace = await prepareWorkplace();
    const config = await loadConfig(workplace.configFile, { SALLYPORT_UNSAFE_TESTS: '1' });
    const { cert } = workplace.pki.client(COUPA_NAME);
    const held = refused({
      bytes: Buffer.from(sampleDocument({ orderId: 'W1' })),
      code: 'internal',
      receivedAt: AT,
      remoteAddress: '127.0.0.1',
      protocol: 'TLSv1.3',
    });
    const awaited = { sha256: held.sha256, payloadId: null, buyer: 'anybody', orderId: 'W1', firstAt: AT };
    const other = { ...awaited, sha256: 'b'.repeat(64), orderId: 'W2' };
    {
      await using store = await openStore(config.store);
      await store.keepRefused({ ...held, peer: { ...held.peer, chainPem: cert } });
      await store.keepAwaited([awaited, other]);
    }
    {
      const log = createLog({ level: 'fatal' });
      await using releases = await openOfflineReleases({ config, log, now: () => AT });
      expect(await releases.release(1, ANNA)).to.include({ released: true, orderId: 'W1' });
    }
    await using store = await openStore(config.store);
    expect(await store.listAwaited()).to.deep.equal([other]);
  });
});
