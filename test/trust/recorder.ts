/** A recorder of what the gate saw, over a made-up store that a test can hold up or break. */
import type { EvidenceBatch } from '../../src/trust/evidence.ts';
import type { Peer, PeerReason, Presented } from '../../src/trust/peer.ts';
import { createEvidence, type EvidenceRecorder } from '../../src/trust/record-evidence.ts';
import { writeChain } from '../../src/trust/sent-chain.ts';
import { recordLog } from '../http/open-listener.ts';

export const AT = new Date('2026-11-21T10:00:00Z');
export const later = (ms: number) => new Date(AT.getTime() + ms);
export const from = (remoteAddress: string, at = AT) => ({ remoteAddress, at });
/** Stands for a certificate. */
export const der = (text: string) => new Uint8Array(Buffer.from(text));

export function peer(text = 'leaf', change: Partial<Peer> = {}): Peer {
  return {
    proven: true,
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

export interface Refusing {
  readonly chain?: readonly string[];
  readonly reasons?: readonly PeerReason[];
  readonly nearMiss?: boolean;
  readonly remoteAddress?: string;
  readonly at?: Date;
  readonly enforced?: boolean;
  readonly openssl?: Presented['openssl'];
}

export function refusal({
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
export function openRecorder({ everyMs = 3_600_000 } = {}) {
  const batches: EvidenceBatch[] = [];
  const state = { broken: false, ms: 0, tries: 0, underWay: 0, most: 0 };
  let gate: Promise<void> = Promise.resolve();
  let open = (): void => {};
  let told = (): void => {};
  const { log, lines } = recordLog();
  const unrecorded = { refusal: 0, chain_use: 0 };
  const nearMisses: string[] = [];
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
      nearMiss: (reason) => void nearMisses.push(reason),
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
    nearMisses,
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
