/**
 * Whoever is refused leaves a record that a person can act on, under the reference it was told; and nobody who wants
 * to be refused often can fill the store or the log, or keep an order out.
 */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { loadConfig } from '../../src/config-file.ts';
import { createGate } from '../../src/http/gate.ts';
import { createQuietLog } from '../../src/http/quiet-log.ts';
import { createReplyIdentity } from '../../src/intake/reply-identity.ts';
import { startReceiver } from '../../src/receiver.ts';
import { openStore, openStoreReader } from '../../src/store/open-store.ts';
import { createMetrics } from '../../src/telemetry/prometheus.ts';
import { createEvidence } from '../../src/trust/record-evidence.ts';
import { createTestTrust, recordLog } from '../http/open-listener.ts';
import { type Answer, createBuyer } from '../support/buyer.ts';
import { knock } from '../support/knock.ts';
import { sampleDocument } from '../support/orders.ts';
import type { Minted, MintOrder } from '../support/pki.ts';
import { COUPA_NAME, prepareWorkplace, startTestReceiver, type TestReceiver } from '../support/receiver.ts';

const QUICK_KEY = { kind: 'p-256', label: 'flood' } as const;
const order = () => sampleDocument({ orderId: randomUUID() });
/** The reference that stands in an answer. */
const toldIn = ({ detail }: Answer) => /reference ([0-9a-f]{10})/.exec(detail)?.[1] ?? 'none';

/** The right name from an issuer that is not pinned, which it shows: what a rotation on Coupa's side looks like. */
function rotated({ pki }: TestReceiver, change: Partial<MintOrder> = {}): Minted {
  return pki.leaf(COUPA_NAME, { issuer: pki.sibling, ...change });
}

describe('a receiver that refuses clients', () => {
  it('has each on record by the reference it was told, and those that Coupa repeats at once', async () => {
    await using receiver = await startTestReceiver();
    const { pki } = receiver;
    const nearMiss = rotated(receiver);
    const stranger = pki.leaf('somebody.example');
    const answers = [
      await knock(receiver, nearMiss, { issuers: [pki.sibling] }),
      await knock(receiver, stranger),
      await knock(receiver, nearMiss, { issuers: [pki.sibling] }),
    ];
    expect(answers.map(({ http }) => http)).to.deep.equal([503, 403, 503]);
    const [first = '', second = '', third] = answers.map(toldIn);
    expect(third).to.equal(first);

    await using store = await receiver.lookIntoStore();
    expect(await store.listRefusedHandshakes()).to.have.length(2);
    expect(await store.listRefusedHandshakes({ nearMissesOnly: true })).to.have.length(1);
    expect(await store.findRefusedHandshake(first)).to.deep.include({
      times: 2,
      nearMiss: true,
      chainPem: nearMiss.pem + pki.sibling.pem,
    });
    expect(await store.findRefusedHandshake(second)).to.deep.include({ times: 1, chainPem: stranger.pem });
  });

  it('has a client on record that is refused on its open connection, and every use before', async () => {
    await using receiver = await startTestReceiver(
      {},
      { watchTiming: { pollMs: 50, quietMs: 20, retryMs: 60_000 } },
    );
    using buyer = receiver.buyer({ connections: 1 });
    expect((await buyer.post(order())).code).to.equal(200);
    expect((await buyer.post(order())).code).to.equal(200);
    const { pki, folder } = receiver;
    const replaced = receiver.told('client refused on an open connection');
    await writeFile(join(folder, 'bundle.pem'), pki.sibling.pem);
    const [line] = await replaced;
    await using store = await receiver.lookIntoStore();
    const record = await store.findRefusedHandshake(String(line?.reference));
    expect(record).to.include({ nearMiss: true, enforced: true });
    const chains = await store.listSeenChains();
    expect(chains).to.have.length(1);
    expect(chains[0]).to.include({ handshakes: 1, name: COUPA_NAME, chainPem: record?.chainPem });
  });

  it('has whom a check on trial would refuse on record, and takes the order', async () => {
    await using receiver = await startTestReceiver({
      trust: { bundle: 'bundle.pem', pins: ['5'.repeat(64)], report_only: ['pins'] },
    });
    using buyer = receiver.buyer();
    expect((await buyer.post(order())).code).to.equal(200);
    await using store = await receiver.lookIntoStore();
    const records = await store.listRefusedHandshakes();
    expect(records).to.have.length(1);
    expect(records[0]).to.include({ enforced: false });
    expect(records[0]?.findings.map(({ reason }) => reason)).to.deep.equal(['pin_mismatch']);
    expect(await store.listSeenChains()).to.have.length(1);
  });

  it('writes down at its end what it has counted', async () => {
    await using workplace = await prepareWorkplace();
    const { pki, folder, configFile } = workplace;
    const config = await loadConfig(configFile, { ...process.env, SALLYPORT_UNSAFE_TESTS: '1' });
    let told: string;
    {
      await using receiver = await startReceiver({ config, log: { ...recordLog().log, fatal() {} } });
      using stranger = createBuyer({
        url: receiver.url,
        ca: pki.server.ca,
        ...pki.client('somebody.example'),
      });
      told = toldIn(await stranger.post(order()));
    }
    await using store = await openStoreReader({ url: `sqlite:${join(folder, 'data', 'sallyport.db')}` });
    expect(await store.findRefusedHandshake(told)).to.include({ reference: told, times: 1 });
  });

  it('takes orders, and keeps its store and log small, while 150 strangers knock', async () => {
    await using receiver = await startTestReceiver();
    using buyer = receiver.buyer();
    // Where a client was let in before has places of its own: from here on all of them come from such an address.
    expect((await buyer.post(order())).code).to.equal(200);
    const startedAt = performance.now();
    const references = new Set<string>();
    for (let round = 0; round < 10; round += 1) {
      const knocks = Array.from({ length: 15 }, (_, index) =>
        knock(receiver, receiver.pki.leaf(`stranger ${round} ${index}`, { key: QUICK_KEY })),
      );
      expect((await buyer.post(order())).code).to.equal(200);
      for (const answer of await Promise.all(knocks)) {
        expect(answer.http).to.equal(403);
        references.add(toldIn(answer));
      }
    }
    const nearMiss = await knock(receiver, rotated(receiver));
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(references.size).to.equal(150);

    await using store = await receiver.lookIntoStore();
    const records = await store.listRefusedHandshakes({ limit: 1_000 });
    // 40 at once of one address, then one a second, and the near miss.
    expect(records.length).to.be.within(41, 42 + seconds);
    expect(records.filter(({ reference }) => references.has(reference))).to.have.length(records.length - 1);
    expect(await store.findRefusedHandshake(toldIn(nearMiss))).to.include({ nearMiss: true });
    expect(await receiver.metric('sallyport_tls_refusals_unrecorded_total')).to.equal(151 - records.length);
    const lines = receiver.logged.filter(({ msg }) => msg === 'client refused');
    expect(lines.length).to.be.at.most(20 + 20 * seconds);
    const unrecorded = lines.filter(({ recorded }) => recorded === false);
    for (const { reference } of unrecorded) {
      expect(await store.findRefusedHandshake(String(reference))).to.equal(undefined);
    }
  });
});

describe('a gate that is flooded', () => {
  it('keeps few of 2,000 forgeries of the right name, and the real near miss behind them', async () => {
    await using workplace = await prepareWorkplace();
    const { pki, folder } = workplace;
    const { log, lines } = recordLog();
    await using store = await openStore({
      url: `sqlite:${join(folder, 'flood.db')}`,
      refused_max_count: 10,
      refused_max_bytes: 1_000_000,
    });
    const metrics = createMetrics({ version: '0' });
    const clock = () => performance.now();
    await using evidence = createEvidence({
      keep: (batch) => store.keepEvidence(batch),
      log,
      metrics,
      clock,
    });
    using quietLog = createQuietLog({ log, clock });
    const trust = createTestTrust(1, [COUPA_NAME]);
    const now = () => new Date();
    const gate = createGate({
      trust: () => trust,
      replyIdentity: createReplyIdentity({ host: 'test', now }),
      evidence,
      log: { ...log, fatal() {} },
      quietLog,
      metrics,
      now,
      onCostly() {},
    });
    const forged = pki.leaf(COUPA_NAME, { issuer: pki.sibling, key: QUICK_KEY }).der;
    const startedAt = performance.now();
    for (let index = 0; index < 2_000; index += 1) {
      const other = Buffer.from(forged); // its signature is another each time
      other.writeUInt16BE(index, other.length - 2);
      const socket = standInSocket([other]);
      expect(gate.admit(socket, '198.51.100.7')).to.equal(undefined);
      socket.destroy();
    }
    const coupa = standInSocket([pki.leaf(COUPA_NAME, { issuer: pki.sibling }).der, pki.sibling.der]);
    gate.admit(coupa, '203.0.113.9');
    const seconds = (performance.now() - startedAt) / 1_000;
    coupa.destroy();
    await evidence.flush();

    const records = await store.listRefusedHandshakes({ limit: 1_000 });
    // 40 at once of one address, then one a second, and Coupa.
    expect(records.length).to.be.within(41, 42 + seconds);
    expect(records.filter(({ remoteAddress }) => remoteAddress === '203.0.113.9')).to.have.length(1);
    // Those that made a record have a rate of their own.
    expect(lines.filter(({ message }) => message === 'client refused').length).to.be.at.most(
      2 * (20 + 20 * seconds),
    );
    expect(lines.filter(({ level }) => level === 'error')).to.deep.equal([]);
  });
});

/** What the gate asks of a socket, with a chain that was shown on it. */
function standInSocket(chain: readonly Uint8Array[]): TLSSocket {
  const [first] = chain
    .toReversed()
    .reduce<readonly object[]>(([issuerCertificate], raw) => [{ raw, issuerCertificate }], []);
  const facts = {
    authorized: false,
    authorizationError: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    isSessionReused: () => false,
    getProtocol: () => 'TLSv1.3',
    getPeerX509Certificate: () => first,
  };
  return Object.assign(new PassThrough(), facts) as unknown as TLSSocket;
}
