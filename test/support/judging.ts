/** What tests of the gate's verdict share: a trust, a chain as presented, and the reasons of a verdict. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../../src/config.ts';
import { parseBundle } from '../../src/trust/bundle.ts';
import { judgePeer } from '../../src/trust/judge-peer.ts';
import type { PeerReason, Presented, Verdict } from '../../src/trust/peer.ts';
import type { Trust } from '../../src/trust/trust.ts';
import { createTrust } from '../../src/trust/trust.ts';
import { createTestPki, type Minted, type MintOrder } from './pki.ts';

export const NAME = 'cxml-supplier.coupahost.com';
export const OTHER_NAME = 'cxml-supplier.coupacloud.com';
/** When the tests began; `mint` makes certificates that are valid around it. */
export const NOW = new Date();

export function daysFromNow(days: number): Date {
  return new Date(NOW.getTime() + days * 86_400_000);
}

/**
 * @param now the time at which the bundle was loaded
 * @param further what narrows it, as `createTrust` takes it
 */
export function trusting(
  anchors: readonly Minted[],
  now: Date = NOW,
  further: Partial<Omit<Parameters<typeof createTrust>[0], 'bundle'>> = {},
): Trust {
  const text = Buffer.from(anchors.map(({ pem }) => pem).join(''));
  const bundle = parseBundle([{ name: 'bundle.pem', text }], now);
  return createTrust({ bundle, names: [NAME, OTHER_NAME], generation: 1, ...further });
}

/** Settings as the configuration has them for this bundle; what was distrusted is in the folder `trust` beside it. */
export function configured(bundle: string, change: Partial<Config['trust']> = {}): Config['trust'] {
  return {
    client_certificate: 'required',
    bundle,
    state: join(bundle, '..', 'trust'),
    names: [NAME],
    pins: [],
    deny: [],
    crl_policy: 'soft',
    report_only: [],
    ...change,
  };
}

/** As OpenSSL would hand it over when it has nothing against it. */
export function present(
  chain: readonly { readonly der: Uint8Array }[],
  change: Partial<Presented> = {},
): Presented {
  return {
    chain: chain.map(({ der }) => der),
    openssl: { authorized: true },
    resumed: false,
    protocol: 'TLSv1.3',
    ...change,
  };
}

/** A throw-away PKI whose intermediate is pinned, and verdicts by that. */
export function pinIntermediate() {
  const pki = createTestPki();
  const trust = trusting([pki.intermediate]);
  const judge = (leaf: Minted, ...sent: Minted[]) => judgePeer(present([leaf, ...sent]), trust, NOW);
  const judgeLeaf = (overrides: Partial<MintOrder>, subject: MintOrder['subject'] = NAME) =>
    reasonsOf(judge(pki.leaf(subject, overrides)));
  return { pki, trust, judge, judgeLeaf };
}

export function reasonsOf(verdict: Verdict): PeerReason[] {
  return verdict.trusted ? [] : verdict.refusal.findings.map(({ reason }) => reason);
}

/** What was let in all the same, because it is only reported. */
export function reportedOf(verdict: Verdict): PeerReason[] | undefined {
  return verdict.trusted ? verdict.wouldRefuse.map(({ reason }) => reason) : undefined;
}

/** SHA-256 of its public key, lower-case hex. */
export function spkiOf({ publicKey }: Minted): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}
