/** Releases on the store of a receiver that does not run. */
import { existsSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { expect } from 'chai';
import type { Config } from '../src/config.ts';
import { loadConfig } from '../src/config-file.ts';
import { StartupError } from '../src/errors.ts';
import type { ReleaseReport } from '../src/intake/release.ts';
import { openOfflineReleases } from '../src/receiver-release.ts';
import { openStore, storeFile } from '../src/store/open-store.ts';
import type { Refused } from '../src/store/store.ts';
import { createLog } from '../src/telemetry/log.ts';
import { refused } from './store/arrivals.ts';
import { needs } from './support/needs.ts';
import { sampleDocument } from './support/orders.ts';
import { COUPA_NAME, prepareWorkplace, type Workplace } from './support/receiver.ts';

const CAME = new Date();
const later = (days: number): Date => new Date(CAME.getTime() + days * 86_400_000);

describe('openOfflineReleases', () => {
  let place: Workplace;
  let config: Config;

  beforeEach(async () => {
    place = await prepareWorkplace();
    config = await loadConfig(place.configFile, { SALLYPORT_UNSAFE_TESTS: '1' });
  });
  afterEach(() => place[Symbol.asyncDispose]());

  const message = (change: Partial<Refused>, cert = place.pki.client(COUPA_NAME).cert): Refused => {
    const from = { code: 'internal', receivedAt: CAME, remoteAddress: '127.0.0.1', protocol: 'TLSv1.3' };
    const made = refused({ ...from, ...change });
    return { ...made, peer: { ...made.peer, chainPem: cert } };
  };
  const hold = async (held: Refused): Promise<void> => {
    await using store = await openStore(config.store);
    await store.keepRefused(held);
  };
  const release = async (id = 1): Promise<ReleaseReport> => {
    const log = createLog({ level: 'fatal' });
    await using releases = await openOfflineReleases({ config, log, now: () => later(3) });
    return await releases.release(id, { by: 'anna@host', reason: 'mended' });
  };

  it('ends the wait for a message that was answered 5xx, and for no other', async () => {
    const held = message({ bytes: Buffer.from(sampleDocument({ orderId: 'W1' })) });
    const of = { payloadId: null, buyer: 'anybody', firstAt: CAME };
    const other = { ...of, sha256: 'b'.repeat(64), orderId: 'W2' };
    await hold(held);
    {
      await using store = await openStore(config.store);
      await store.keepAwaited([{ ...of, sha256: held.sha256, orderId: 'W1' }, other]);
    }
    expect(await release()).to.include({ released: true, orderId: 'W1' });
    await using store = await openStore(config.store);
    expect(await store.listAwaited()).to.deep.equal([other]);
  });

  it('makes no store where there is none', async () => {
    const error = await release().catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(StartupError).with.property('message').that.includes('there is no store');
    expect(existsSync(storeFile(config.store.url))).to.equal(false);
  });

  it('leaves a message held while the disk is too full for an order', async () => {
    await hold(message({ bytes: Buffer.from(sampleDocument({ orderId: 'D1' })) }));
    const { store } = config;
    config = { ...config, store: { ...store, min_free_bytes: 1024 ** 5 } };
    expect(await release()).to.include({
      released: false,
      problem: 'the store cannot take it at this moment',
    });
    config = { ...config, store };
    expect(await release(), 'once there is room').to.include({ released: true, orderId: 'D1' });
  });

  it('leaves the store of another user alone', async function () {
    needs(this, process.geteuid?.() === 0, 'to be root');
    await hold(message({ bytes: Buffer.from(sampleDocument({ orderId: 'U1' })) }));
    await chown(storeFile(config.store.url), 65_532, 65_532);
    const error = await release().catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(StartupError).with.property('hint').that.includes("receiver's user");
  });

  it('reads a message in the encoding that it came with', async () => {
    const document = sampleDocument({ orderId: 'Münze' }).replace(/^<\?xml[^>]*>/, '');
    const bytes = Buffer.from(document.replaceAll(/[\u0100-\uffff]/g, '?'), 'latin1');
    await hold(message({ bytes, contentType: 'text/xml; charset=ISO-8859-1' }));
    expect(await release()).to.include({ released: true, orderId: 'Münze' });
  });

  it('takes what a client sent whose certificate has expired since, and not what came after its end', async () => {
    const { cert } = place.pki.client(COUPA_NAME, { notAfter: later(1) });
    await hold(
      message({ bytes: Buffer.from(sampleDocument({ orderId: 'E1' })), receivedAt: later(2) }, cert),
    );
    await hold(message({ bytes: Buffer.from(sampleDocument({ orderId: 'E2' })) }, cert));
    expect(await release(1))
      .to.include({ released: false })
      .and.have.property('problem')
      .that.includes('expired');
    expect(await release(2)).to.include({ released: true, orderId: 'E2' });
  });
});
