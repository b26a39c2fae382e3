/**
 * The words for what the gate saw: the chains it let in, and the handshakes it refused. Certificates are public data;
 * no key, no message and no header is among it. `rotation/rehearse` replays it against another trust.
 */
import type { Peer, PeerFinding, PeerRefusal, Presented } from './peer.ts';

/** One chain of a peer, used so many times since it was last written down. Counted per chain, day and anchor. */
export interface ChainUse extends Omit<Peer, 'proven'> {
  /** SHA-256 over the chain as presented, DER after DER, hex: the same leaf with other intermediates is another. */
  readonly chainDigest: string;
  /** Where it came from last. */
  readonly remoteAddress: string;
  /** When it was first and last used within this count. A request on an open connection is a use, too. */
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** Handshakes within this count; 0 when only requests came over connections that were open. */
  readonly handshakes: number;
}

/** A chain as it was seen over all time. */
export interface SeenChain extends Omit<ChainUse, 'firstAt' | 'lastAt'> {
  readonly id: number;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
  /** All handshakes ever; by day and anchor in `days`, newest first, UTC: `2026-11-21`. */
  readonly handshakes: number;
  readonly days: readonly { readonly day: string; readonly anchor: string; readonly handshakes: number }[];
  /** The last order that came with this certificate. */
  readonly lastOrder: { readonly orderId: string; readonly buyer: string; readonly receivedAt: Date } | null;
}

/** A handshake that was refused, or that would have been: `enforced` tells. */
export interface RefusedHandshake {
  /** What the client was told to name. Lower-case hex; unique. */
  readonly reference: string;
  readonly enforced: boolean;
  readonly at: Date;
  readonly remoteAddress: string;
  readonly protocol: string;
  readonly nearMiss: boolean;
  /** Every reason against it, in plain words. Never empty. */
  readonly findings: readonly PeerFinding[];
  /** OpenSSL's own code where it refused, for example `UNABLE_TO_GET_ISSUER_CERT_LOCALLY`. */
  readonly opensslError: string | null;
  /** Of the leaf; undefined when there was none that could be read. */
  readonly leaf: PeerRefusal['leaf'];
  /** The whole chain as presented, PEM; empty when none was. Bounded by the recorder. */
  readonly chainPem: string;
  /** The same client refused for the same reasons again counts here and keeps its first reference. */
  readonly times: number;
}

export interface RefusedHandshakeRecord extends Omit<RefusedHandshake, 'at'> {
  /** Its number in lists: `trust stage --from-refused 17`. Never given twice. */
  readonly id: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

/** What goes to the store in one write. Of a `reference` that is known, `times` is added and `at` moves `lastAt`. */
export interface EvidenceBatch {
  readonly uses: readonly ChainUse[];
  readonly refused: readonly RefusedHandshake[];
}

/** What the gate reports to. Never throws, never waits: it counts in memory, and writes a little later. */
export interface Evidence {
  /** A handshake was let in. */
  accepted(peer: Peer, seen: { readonly remoteAddress: string; readonly at: Date }): void;
  /** A request came over a connection that is open already. */
  used(peer: Peer, seen: { readonly remoteAddress: string; readonly at: Date }): void;
  /** A client was refused, or would have been. */
  refused(event: {
    readonly refusal: PeerRefusal;
    readonly presented: Presented;
    readonly remoteAddress: string;
    readonly at: Date;
    readonly enforced: boolean;
  }): {
    /** To be told: of the record that exists for this client and these reasons, or a new one. */
    readonly reference: string;
    /** False in a flood: the reference then stands in the log alone. */
    readonly recorded: boolean;
    /** The first of a record. Bounded for each address, so that it can be told even in a flood. */
    readonly isNew: boolean;
  };
}
