import { expect } from 'chai';
import { CHAIN_USES_LIMIT } from '../../src/trust/chain-uses.ts';
import type { EvidenceBatch, RefusedHandshake } from '../../src/trust/evidence.ts';
import type { Peer, PeerReason, Presented } from '../../src/trust/peer.ts';
import { createEvidence, type EvidenceRecorder } from '../../src/trust/record-evidence.ts';
import { WAITING_LIMIT } from '../../src/trust/refused-handshakes.ts';
import { digestOf, writeChain } from '../../src/trust/sent-chain.ts';
import { recordLog } from '../http/open-listener.ts';

const AT = new Date('2026-11-21T10:00:00Z');
const later = (ms: number) => new Date(AT.getTime() + ms);
const from = (remoteAddress: string, at = AT) => ({ remoteAddress, at });
/** Stands for a certificate. */
const der = (text: string) => new Uint8Array(Buffer.from(text));

function peer(text = 'leaf', change: Partial<Peer> = {}): Peer {
  return {
    name: 'cxml-supplier.coupahost.com',
    fingerprint: 'fingerprint',
    spki: 'spki',
    subject: 'CN=cxml-supplier.coupahost.com',
    issuer: 'CN=Issuer',
    serial: '0abc',
    notBefore: later(-1),
    notAfter: later(1),
    anchor: 'anchor',
    chainPem: writeChain([der(text), der('issuer')]),
    protocol: 'TLSv1.3',
    ...change,
  };
}

interface Refusing {
  readonly chain?: readonly string[];
  readonly reasons?: readonly PeerReason[];
  readonly nearMiss?: boolean;
  readonly remoteAddress?: string;
  readonly at?: Date;
  readonly enforced?: boolean;
  readonly openssl?: Presented['openssl'];
}

function refusal({
  chain = ['leaf'],
  reasons = ['untrusted_issuer'],
  nearMiss = false,
  remoteAddress = '192.0.2.1',
  at = AT,
  enforced = true,
  openssl = { authorized: false, error: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' },
}: Refusing = {}): Parameters<EvidenceRecorder['refused']>[0] {
  return {
    refusal: { findings: reasons.map((reason) => ({ reason, detail: 'why' })), nearMiss },
    presented: { chain: chain.map(der), openssl, resumed: false, protocol: 'TLSv1.2' },
    remoteAddress,
    at,
    enforced,
  };
}

/** A recorder over a store that a test can hold up or break. */
function opened({ everyMs = 3_600_000 } = {}) {
  const batches: EvidenceBatch[] = [];
  const state = { broken: false, ms: 0, tries: 0, underWay: 0, most: 0 };
  let gate: Promise<void> = Promise.resolve();
  let open = (): void => {};
  let told = (): void => {};
  const { log, lines } = recordLog();
  const unrecorded = { refusal: 0, chain_use: 0 };
  const evidence = createEvidence({
    async keep(batch) {
      state.tries += 1;
      state.underWay += 1;
      state.most = Math.max(state.most, state.underWay);
      await gate;
      state.underWay -= 1;
      if (state.broken) throw new Error('no space');
      batches.push(batch);
      told();
    },
    log,
    metrics: {
      unrecorded(what, count) {
        unrecorded[what] += count;
      },
    },
    clock: () => state.ms,
    timing: { everyMs },
  });
  return {
    evidence,
    batches,
    state,
    lines,
    unrecorded,
    /** Writes wait until `letGo`. */
    hold: () => {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    letGo: () => open(),
    /** Resolves when so many batches were kept. */
    async kept(count: number) {
      while (batches.length < count) {
        await new Promise<void>((resolve) => {
          told = resolve;
        });
      }
    },
    uses: () => batches.flatMap(({ uses }) => uses),
    refused: () => batches.flatMap(({ refused }) => refused),
  };
}

const timesOf = (refused: readonly RefusedHandshake[]) => refused.reduce((sum, { times }) => sum + times, 0);

describe('the recorder of chains that were let in', () => {
  it('writes a chain never seen before at once, with every fact of it', async () => {
    const { evidence, uses, kept } = opened();
    evidence.accepted(peer(), from('192.0.2.1'));
    await kept(1);
    expect(uses()).to.deep.equal([
      {
        ...peer(),
        chainDigest: digestOf([der('leaf'), der('issuer')]),
        remoteAddress: '192.0.2.1',
        firstAt: AT,
        lastAt: AT,
        handshakes: 1,
      },
    ]);
  });

  it('counts what comes next in memory, and writes it with the next batch', async () => {
    const { evidence, batches, kept } = opened();
    const known = peer();
    evidence.accepted(known, from('192.0.2.1'));
    await kept(1);
    evidence.used(known, from('192.0.2.1', later(1_000)));
    evidence.accepted(peer(), from('192.0.2.2', later(3_000)));
    evidence.used(known, from('192.0.2.1', later(2_000)));
    expect(batches).to.have.length(1);
    await evidence.flush();
    expect(batches).to.have.length(2);
    expect(batches[1]?.uses).to.have.length(1);
    expect(batches[1]?.uses[0]).to.deep.include({
      handshakes: 1,
      firstAt: later(1_000),
      lastAt: later(3_000),
    });
  });

  it('counts requests on an open connection as no handshake', async () => {
    const { evidence, uses } = opened();
    evidence.used(peer(), from('192.0.2.1'));
    await evidence.flush();
    expect(uses()[0]?.handshakes).to.equal(0);
  });

  it('counts each chain, anchor and day (UTC) by itself', async () => {
    const { evidence, uses } = opened();
    for (const at of [AT, later(14 * 3_600_000 - 1), later(14 * 3_600_000)]) {
      evidence.accepted(peer(), from('192.0.2.1', at));
    }
    evidence.accepted(peer('other'), from('192.0.2.1'));
    evidence.accepted(peer('leaf', { anchor: 'another' }), from('192.0.2.1'));
    await evidence.flush();
    await evidence.flush();
    const counts = uses().map(({ lastAt, anchor, handshakes }) => [lastAt.getUTCDate(), anchor, handshakes]);
    expect(counts).to.have.deep.members([
      [21, 'anchor', 1], // written at once
      [21, 'anchor', 1],
      [22, 'anchor', 1],
      [21, 'anchor', 1],
      [21, 'another', 1],
    ]);
  });

  it('holds no more than so many chains while the store fails, and counts the rest', async () => {
    const { evidence, state, unrecorded, uses } = opened();
    state.broken = true;
    for (let index = 0; index < CHAIN_USES_LIMIT + 50; index += 1) {
      evidence.accepted(peer(`leaf ${index}`), from('192.0.2.1'));
    }
    await evidence.flush();
    state.broken = false;
    await evidence.flush();
    expect(uses()).to.have.length(CHAIN_USES_LIMIT);
    expect(unrecorded.chain_use).to.equal(50);
  });
});

describe('the recorder of refusals', () => {
  it('writes what was presented and why it was refused', async () => {
    const { evidence, refused } = opened();
    const { reference, recorded } = evidence.refused(refusal({ chain: ['leaf', 'issuer'] }));
    expect(recorded).to.equal(true);
    expect(reference).to.match(/^[0-9a-f]{10}$/);
    await evidence.flush();
    expect(refused()).to.deep.equal([
      {
        reference,
        enforced: true,
        at: AT,
        remoteAddress: '192.0.2.1',
        protocol: 'TLSv1.2',
        nearMiss: false,
        findings: [{ reason: 'untrusted_issuer', detail: 'why' }],
        opensslError: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
        leaf: undefined,
        chainPem: writeChain([der('leaf'), der('issuer')]),
        times: 1,
      },
    ]);
  });

  it('has no code of OpenSSL where that had nothing against it', async () => {
    const { evidence, refused } = opened();
    evidence.refused(refusal({ openssl: { authorized: true } }));
    await evidence.flush();
    expect(refused()[0]?.opensslError).to.equal(null);
  });

  it('writes a near miss at once, a stranger with the next batch', async () => {
    const { evidence, batches, kept, refused } = opened();
    evidence.refused(refusal());
    expect(batches).to.have.length(0);
    evidence.refused(refusal({ nearMiss: true }));
    await kept(1);
    expect(refused()).to.have.length(2);
  });

  it('writes strangers by itself after a while', async () => {
    const { evidence, kept, refused } = opened({ everyMs: 1 });
    evidence.refused(refusal());
    await kept(1);
    expect(refused()).to.have.length(1);
  });

  it('never has two writes under way, and puts what comes meanwhile into the next', async () => {
    const { evidence, state, batches, hold, letGo, kept } = opened();
    hold();
    for (let index = 0; index < 30; index += 1) {
      evidence.refused(refusal({ chain: [`leaf ${index}`], nearMiss: true }));
    }
    letGo();
    await kept(2);
    expect(state.most).to.equal(1);
    expect(batches.map(({ refused }) => refused.length)).to.deep.equal([1, 29]);
  });

  it('collapses the same client and reasons to one reference, also over batches', async () => {
    const { evidence, refused } = opened();
    const first = evidence.refused(refusal());
    const again = evidence.refused(refusal({ at: later(5) }));
    await evidence.flush();
    const afterwards = evidence.refused(refusal({ at: later(9) }));
    await evidence.flush();
    expect([again.reference, afterwards.reference]).to.deep.equal([first.reference, first.reference]);
    expect(refused().map(({ times, at }) => [times, at])).to.deep.equal([
      [2, later(5)],
      [1, later(9)],
    ]);
    expect(refused()[1]?.chainPem).to.equal(refused()[0]?.chainPem);
  });

  for (const [what, change] of [
    ['other reasons', { reasons: ['expired'] }],
    ['another chain', { chain: ['leaf', 'issuer'] }],
    ['another address', { remoteAddress: '192.0.2.2' }],
    ['a check on trial', { enforced: false }],
  ] as const) {
    it(`tells ${what} apart`, () => {
      const { evidence } = opened();
      expect(evidence.refused(refusal(change)).reference).not.to.equal(evidence.refused(refusal()).reference);
    });
  }

  it('takes a host that changes its address within a /64 for one, with and without a chain', () => {
    const { evidence } = opened();
    for (const chain of [['leaf'], []]) {
      const references = ['2001:db8::1', '2001:db8::2'].map(
        (remoteAddress) => evidence.refused(refusal({ chain, remoteAddress })).reference,
      );
      expect(references[0]).to.equal(references[1]);
    }
  });

  it('gives a reference to whoever is over the rate, and says that it is not recorded', async () => {
    const { evidence, refused, unrecorded, state } = opened();
    const told = Array.from({ length: 2_000 }, (_, index) =>
      evidence.refused(refusal({ chain: [`leaf ${index}`], remoteAddress: `192.0.${index % 8}.1` })),
    );
    await evidence.flush();
    const recorded = told.filter((each) => each.recorded);
    expect(recorded).to.have.length(100);
    expect(refused().map(({ reference }) => reference)).to.deep.equal(
      recorded.map(({ reference }) => reference),
    );
    expect(new Set(told.map(({ reference }) => reference)).size).to.equal(2_000);
    expect(unrecorded.refusal).to.equal(1_900);
    state.ms += 10_000;
    expect(evidence.refused(refusal({ chain: ['new'] })).recorded).to.equal(true);
  });

  it('records a near miss and a client on trial in the middle of a flood of strangers', () => {
    const { evidence } = opened();
    for (let index = 0; index < 2_000; index += 1) {
      evidence.refused(refusal({ chain: [`leaf ${index}`], remoteAddress: `192.0.${index % 8}.1` }));
    }
    expect(evidence.refused(refusal({ nearMiss: true })).recorded).to.equal(true);
    expect(evidence.refused(refusal({ enforced: false })).recorded).to.equal(true);
  });

  it('keeps counting whoever is known in a flood of others', async () => {
    const { evidence, refused } = opened();
    evidence.refused(refusal());
    for (let index = 0; index < 500; index += 1) evidence.refused(refusal({ chain: [`leaf ${index}`] }));
    evidence.refused(refusal());
    await evidence.flush();
    expect(refused()[0]?.times).to.equal(2);
  });
});

describe('the recorder over a store that fails', () => {
  it('tries again, counts on meanwhile, and says once that it began and once that it is over', async () => {
    const { evidence, state, uses, refused, lines } = opened();
    state.broken = true;
    evidence.accepted(peer(), from('192.0.2.1'));
    evidence.refused(refusal());
    await evidence.flush();
    evidence.accepted(peer(), from('192.0.2.1', later(7)));
    evidence.refused(refusal({ at: later(7) }));
    await evidence.flush();
    await evidence.flush();
    state.broken = false;
    await evidence.flush();
    await evidence.flush();
    expect(uses()).to.have.length(1);
    expect(uses()[0]).to.deep.include({ handshakes: 2, firstAt: AT, lastAt: later(7) });
    expect(refused()).to.have.length(1);
    expect(refused()[0]).to.deep.include({ times: 2, at: later(7) });
    expect(lines.map(({ level, message }) => [level, message])).to.deep.equal([
      ['warn', 'evidence not kept'],
      ['info', 'evidence kept again'],
    ]);
  });

  it('tries again by itself', async () => {
    const { evidence, state, kept, refused } = opened({ everyMs: 1 });
    state.broken = true;
    evidence.refused(refusal({ nearMiss: true }));
    await evidence.flush();
    state.broken = false;
    await kept(1);
    expect(refused()).to.have.length(1);
  });

  it('does not try at once for each near miss', async () => {
    const { evidence, state } = opened();
    state.broken = true;
    evidence.refused(refusal({ nearMiss: true }));
    await evidence.flush();
    const { tries } = state;
    for (let index = 0; index < 50; index += 1) {
      evidence.refused(refusal({ chain: [`leaf ${index}`], nearMiss: true }));
      await Promise.resolve();
    }
    expect(state.tries).to.equal(tries);
  });

  it('holds so many refusals, and counts every other that is lost', async () => {
    const { evidence, state, unrecorded, refused } = opened();
    state.broken = true;
    for (let index = 0; index < 400; index += 1) {
      state.ms += 1_000;
      evidence.refused(refusal({ chain: [`leaf ${index}`] }));
    }
    await evidence.flush();
    state.broken = false;
    await evidence.flush();
    expect(refused()).to.have.length(WAITING_LIMIT);
    expect(timesOf(refused()) + unrecorded.refusal).to.equal(400);
  });

  it('lets a stranger give way to a near miss', async () => {
    const { evidence, state, refused, unrecorded } = opened();
    state.broken = true;
    for (let index = 0; index < 300; index += 1) {
      state.ms += 1_000;
      evidence.refused(refusal({ chain: [`leaf ${index}`] }));
    }
    expect(evidence.refused(refusal({ nearMiss: true })).recorded).to.equal(true);
    await evidence.flush();
    state.broken = false;
    await evidence.flush();
    expect(refused()).to.have.length(WAITING_LIMIT);
    expect(refused().filter(({ nearMiss }) => nearMiss)).to.have.length(1);
    expect(unrecorded.refusal).to.equal(45);
  });

  it('does not let a store that throws instead of failing break the gate', async () => {
    const { log, lines } = recordLog();
    const evidence = createEvidence({
      keep: () => {
        throw new Error('closed');
      },
      log,
      clock: () => 0,
    });
    expect(evidence.refused(refusal({ nearMiss: true })).recorded).to.equal(true);
    await evidence.flush();
    expect(lines.map(({ message }) => message)).to.deep.equal(['evidence not kept']);
    await evidence[Symbol.asyncDispose]();
  });
});

describe('the end of the recorder', () => {
  it('writes what is counted', async () => {
    const { evidence, refused } = opened();
    evidence.refused(refusal());
    await evidence[Symbol.asyncDispose]();
    expect(refused()).to.have.length(1);
  });

  it('waits for the write that is under way, and for what came since', async () => {
    const { evidence, refused, hold, letGo } = opened();
    hold();
    evidence.refused(refusal({ nearMiss: true }));
    evidence.refused(refusal());
    const ended = evidence[Symbol.asyncDispose]();
    letGo();
    await ended;
    expect(refused()).to.have.length(2);
  });

  it('says how much is lost when the store fails to the end, and starts nothing more', async () => {
    const { evidence, state, lines, batches } = opened({ everyMs: 1 });
    state.broken = true;
    evidence.refused(refusal());
    await evidence[Symbol.asyncDispose]();
    expect(lines.at(-1)).to.deep.include({ message: 'evidence lost', fields: { uses: 0, refused: 1 } });
    state.broken = false;
    evidence.refused(refusal({ nearMiss: true }));
    await new Promise(setImmediate);
    expect(batches).to.have.length(0);
  });
});
