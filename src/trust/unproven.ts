/**
 * A client that is let in without having proved who it is: `trust.client_certificate` is not `required`. Nothing it says
 * of itself is kept as if it were so: whatever it showed, it stands in the store as one of a few fixed words, so that
 * it is never taken for a certificate, and no flood of certificates fills the store.
 */
import type { Peer, PeerReason } from './peer.ts';

/** As `trust.client_certificate` has it. */
export const TRUST_MODES = ['required', 'requested', 'off'] as const;

export type TrustMode = (typeof TRUST_MODES)[number];

/** What shuts the door in every mode: who was thrown out, from where one may come, and what could not be looked at. */
const HELD_IN_EVERY_MODE: ReadonlySet<PeerReason> = new Set([
  'deny_listed',
  'address_not_allowed',
  'protocol',
  'resumed',
  'unreadable_certificate',
]);

/** @param reasons those that would be enforced if a certificate were required */
export function mayComeUnproven(mode: TrustMode, reasons: readonly PeerReason[]): boolean {
  return mode !== 'required' && !reasons.some((reason) => HELD_IN_EVERY_MODE.has(reason));
}

type Shown = 'none' | 'not trusted';

/** RFC 5280 4.1.2.5: no well-defined end. */
const NO_END = new Date('9999-12-31T23:59:59Z');

export function createUnprovenPeer(mode: TrustMode, shown: Shown, protocol: string): Peer {
  return {
    proven: false,
    name: '',
    fingerprint: `unproven:${shown}:${mode}`,
    spki: '',
    subject: '',
    issuer: '',
    serial: '',
    notBefore: new Date(0),
    notAfter: NO_END,
    anchor: '',
    chainPem: '',
    protocol,
  };
}

/**
 * @param fingerprint as the store has it
 * @returns `none (mode requested)`; undefined when it is one of a certificate that was proved
 */
export function describeUnproven(fingerprint: string): string | undefined {
  const found = /^unproven:([a-z ]+):([a-z]+)$/.exec(fingerprint);
  return found === null ? undefined : `${found[1]} (mode ${found[2]})`;
}

/** For the start, `doctor` and whoever asks whether the receiver is ready; undefined where nothing is to be said. */
export function warnAboutMode(mode: TrustMode): string | undefined {
  if (mode === 'required') return undefined;
  const how =
    mode === 'off' ? 'no client is asked for a certificate' : 'a client needs no trusted certificate';
  return `trust.client_certificate is ${mode}: ${how}, so only the SharedSecret proves who sends an order`;
}
