/** Whatever is put where the pinned bundle lies: what was in force stays in force until something better is there. */
import { open, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createBuyer } from '../support/buyer.ts';
import { documentSeries } from '../support/orders.ts';
import { mintCa, type TestPki } from '../support/pki.ts';
import {
  COUPA_NAME,
  QUICK_WATCH,
  startTestReceiver,
  startWatchingReceiver,
  type TestReceiver,
} from '../support/receiver.ts';

const STAYS = 'trust not replaced, the one in force stays';
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
const document = documentSeries(1);

interface Broken {
  readonly content: (pki: TestPki) => string | Uint8Array;
  readonly told: RegExp;
}

const BROKEN: Readonly<Record<string, Broken>> = {
  'is cut off': { content: ({ bundlePem }) => bundlePem.slice(0, -100), told: /bundle\.pem:1: .*cut off/ },
  'is DER': { content: ({ intermediate }) => intermediate.der, told: /bundle\.pem:1: .*DER/ },
  'holds a private key behind a good certificate': {
    content: ({ bundlePem, server }) => bundlePem + server.key,
    told: /bundle\.pem:\d\d: a PRIVATE KEY/,
  },
  'holds a leaf': {
    content: (pki) => pki.bundlePem + pki.leaf(COUPA_NAME).pem,
    told: /bundle\.pem:\d\d: .*leaf/,
  },
  'holds an expired CA beside the good one': {
    content: ({ bundlePem }) => bundlePem + mintCa('Expired', { notAfter: new Date(Date.now() - 1_000) }).pem,
    told: /bundle\.pem:\d\d: .*expired/,
  },
  'is empty': { content: () => '', told: /bundle\.pem:1: no certificate/ },
  'holds more certificates than can be pinned': {
    content: ({ bundlePem }) => bundlePem.repeat(500),
    told: /holds 500 certificates/,
  },
};

describe('a receiver whose new bundle', () => {
  for (const [name, { content, told }] of Object.entries(BROKEN)) {
    it(`${name} keeps serving by the old one, and says what is wrong`, async () => {
      await using receiver = await startTestReceiver({}, { watchTiming: QUICK_WATCH });
      const { pki } = receiver;
      using clients = await openClients(receiver);
      await writeFile(join(receiver.folder, 'bundle.pem'), content(pki));
      const [line] = await receiver.told(STAYS);
      expect(line).to.include({ level: 'error', why: 'files changed', generation: 1 });
      expect(String(line?.problems)).to.match(told);
      expect(line?.remedy).to.be.a('string').and.not.equal('');
      expect(JSON.stringify(receiver.logged)).not.to.include(pki.server.key.slice(40, 80));

      await clients.expectServed();
      expect((await fetch(`${receiver.adminUrl}/readyz`)).status).to.equal(200);
      expect(await receiver.metric('sallyport_config_last_reload_successful')).to.equal(0);
      expect(await receiver.metric('sallyport_trust_reloads_total{outcome="failed"}')).to.equal(1);
      expect(await receiver.metric('sallyport_trust_generation')).to.equal(1);

      await writeFile(join(receiver.folder, 'bundle.pem'), pki.bundlePem);
      await receiver.told('trust unchanged');
      await clients.expectServed();
      expect(await receiver.metric('sallyport_config_last_reload_successful')).to.equal(1);
      expect(await receiver.metric('sallyport_trust_generation')).to.equal(1);
    });
  }

  it('is still being written is not read before it is whole', async () => {
    const watchTiming = { ...QUICK_WATCH, quietMs: 800 };
    await using receiver = await startTestReceiver({}, { watchTiming });
    const { pki } = receiver;
    using clients = await openClients(receiver);
    const text = pki.bundlePem + pki.sibling.pem;
    const file = await open(join(receiver.folder, 'bundle.pem'), 'w');
    // The first is a sound bundle by itself: the sibling would have been forgotten.
    for (const [from, to] of [
      [0, pki.bundlePem.length],
      [pki.bundlePem.length, text.length - 300],
      [text.length - 300, text.length],
    ]) {
      await file.write(text.slice(from, to));
      await clients.expectServed();
    }
    await file.close();
    const [line] = await receiver.told('trust replaced');
    expect(line).to.include({ generation: 2, anchors: 2 });
    expect(receiver.logged.filter(({ msg }) => msg === STAYS)).to.deep.equal([]);
  });

  it('was left half written is taken once it is completed', async () => {
    await using receiver = await startTestReceiver({}, { watchTiming: QUICK_WATCH });
    const { pki } = receiver;
    using clients = await openClients(receiver);
    const text = pki.bundlePem + pki.sibling.pem;
    const file = await open(join(receiver.folder, 'bundle.pem'), 'w');
    await file.write(text.slice(0, -300));
    const [line] = await receiver.told(STAYS);
    expect(String(line?.problems)).to.match(/bundle\.pem:\d\d: .*cut off/);
    await clients.expectServed();
    await file.write(text.slice(-300));
    await file.close();
    expect((await receiver.told('trust replaced'))[0]).to.include({ generation: 2, anchors: 2 });
    await clients.expectServed();
  });

  it('vanished with its folder is missed, and taken when it comes back', async () => {
    await using receiver = await startWatchingReceiver();
    const folder = join(receiver.folder, 'coupa');
    using clients = await openClients(receiver);
    await rename(folder, `${folder}-away`);
    const [line] = await receiver.told(STAYS);
    expect(String(line?.problems)).to.match(/trust\.bundle: \S*coupa does not exist/);
    await clients.expectServed();
    await writeFile(join(`${folder}-away`, 'second.pem'), receiver.pki.sibling.pem);
    await rename(`${folder}-away`, folder);
    expect((await receiver.told('trust replaced'))[0]).to.include({ generation: 2, anchors: 2 });
    await clients.expectServed();
  });
});

/** For each TLS version a client that keeps its connection, and new ones beside it. */
async function openClients({ url, pki }: TestReceiver) {
  const parts = new DisposableStack();
  const connect = (maxVersion: (typeof VERSIONS)[number]) =>
    createBuyer({ url, ca: pki.server.ca, ...pki.client(COUPA_NAME), maxVersion, connections: 1 });
  const kept = VERSIONS.map((version) => parts.use(connect(version)));
  let number = 0;
  const expectServed = async (): Promise<void> => {
    using fresh = new DisposableStack();
    for (const buyer of [...kept, ...VERSIONS.map((version) => fresh.use(connect(version)))]) {
      number += 1;
      expect((await buyer.post(document(number))).code).to.equal(200);
    }
  };
  await expectServed();
  return { expectServed, [Symbol.dispose]: () => parts.dispose() };
}
