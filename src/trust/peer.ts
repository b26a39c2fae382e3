/** The words of the trust room: what a client presents, what is trusted, and what is decided. */
import type { Certificate } from './certificate.ts';

/** Every reason against a presented chain. A closed list: log, metric and record use these words and no others. */
export const PEER_REASONS = [
  'no_certificate',
  'untrusted_issuer',
  'bad_signature',
  'expired',
  'not_yet_valid',
  'anchor_expired',
  'name_not_allowed',
  'ambiguous_name',
  'key_usage',
  'extended_key_usage',
  'server_auth_only',
  'is_ca',
  'weak_key',
  'key_type',
  'weak_signature',
  'path_length',
  'name_constraint',
  'unknown_critical_extension',
  'depth',
  'unreadable_certificate',
  'pin_mismatch',
  'deny_listed',
  'address_not_allowed',
  'revoked',
  'revocation_unknown',
  'resumed',
  'openssl',
  'protocol',
  'timeout',
] as const;

export type PeerReason = (typeof PEER_REASONS)[number];

/** One reason with its evidence in plain words. Holds only what the certificate says of itself: public data. */
export interface PeerFinding {
  readonly reason: PeerReason;
  readonly detail: string;
}

/** What a client put on the table, as facts. `chain` is DER, leaf first, as sent. */
export interface Presented {
  readonly chain: readonly Uint8Array[];
  /** OpenSSL's own verdict about the same chain. Both must accept. */
  readonly openssl: { readonly authorized: boolean; readonly error?: string };
  /** The anchors of that verdict: it is given once, in the handshake. Left out: those in force. */
  readonly judgedUnder?: readonly { readonly certificate: Certificate }[];
  /** A resumed session shows no key again, so it is never let in. */
  readonly resumed: boolean;
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly protocol: string;
  /** Where it connected from. Left out: unknown, which is on no address list. */
  readonly remoteAddress?: string;
}

/** A client that was let in. */
export interface Peer {
  /** False: it proved nothing, for it need not (`unproven.ts`), and the facts of a certificate are empty. */
  readonly proven: boolean;
  /** The one common name, byte for byte one of the allowed names; empty when it proved none. */
  readonly name: string;
  /** SHA-256 over the DER, lower-case hex without colons; likewise the SPKI. */
  readonly fingerprint: string;
  readonly spki: string;
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SPKI of the anchor that vouches for it. */
  readonly anchor: string;
  /** The chain as presented, PEM, leaf first. */
  readonly chainPem: string;
  readonly protocol: string;
}

/** All findings against a chain, and what is known of the leaf for the record. */
export interface PeerRefusal {
  readonly findings: readonly PeerFinding[];
  /** The name is right and something else is wrong: what a rotation on Coupa's side looks like. */
  readonly nearMiss: boolean;
  readonly leaf?: {
    readonly names: readonly string[];
    readonly fingerprint: string;
    readonly issuer: string;
    readonly serial: string;
    readonly notAfter: Date;
  };
}

export type Verdict =
  | {
      readonly trusted: true;
      readonly peer: Peer;
      /** What speaks against it and is not enforced: reported, so that a person can act before it is. */
      readonly wouldRefuse: readonly PeerFinding[];
      /** Of a client that proved nothing: what it would have been told if it had to. */
      readonly unproven?: PeerRefusal;
    }
  | { readonly trusted: false; readonly refusal: PeerRefusal };
