/**
 * The store room keeps what was received and finds it again. It makes no decisions about messages: the identity
 * rules it applies inside its transaction are given as values by `intake/identity.ts`.
 */
import type { Environment, Operation } from '../cxml/order.ts';
import type { Place } from '../errors.ts';
import type { Peer } from '../trust/peer.ts';
import type { Awaited } from './awaited.ts';
import type { EvidenceStore } from './evidence-store.ts';

/** Certificate facts of the client that sent a message; kept once per fingerprint. */
export type PeerRecord = Pick<
  Peer,
  'fingerprint' | 'name' | 'spki' | 'issuer' | 'serial' | 'notAfter' | 'chainPem'
>;

/** A file that came with a message. What the sender says of it is a claim. */
export interface Attachment {
  /** Without brackets, as in `cid:` references. */
  readonly contentId: string | null;
  /** As sent. */
  readonly mediaType: string;
  /** By its first bytes, where they tell. */
  readonly sniffedType: string | null;
  /** Never a path. */
  readonly fileName: string | null;
  readonly description: string | null;
  /** Bytes, its transfer encoding undone. */
  readonly size: number;
  /** Of those bytes, hex. */
  readonly sha256: string;
}

/** One that has just arrived: its bytes lie in `path`, below the store's `incomingFolder`, until the message is kept. */
export interface DeliveredAttachment extends Attachment {
  readonly path: string;
}

export interface KeptAttachment extends Attachment {
  readonly id: number;
  /** As sent, from 1. */
  readonly position: number;
}

/** The bytes as they came and how they came. */
export interface Delivered {
  readonly bytes: Uint8Array;
  /** Beside `bytes`, when they were one part of several. */
  readonly attachments?: readonly DeliveredAttachment[];
  /** SHA-256 of `bytes`, hex. */
  readonly sha256: string;
  readonly contentType: string;
  /** Request headers, secrets masked, as JSON. */
  readonly headers: string;
  readonly peer: PeerRecord;
  readonly protocol: string;
  readonly remoteAddress: string;
  readonly receivedAt: Date;
  /** It was refused when it came, and a person has it taken now. */
  readonly release?: Release | undefined;
}

/** A refused message is taken after all. Of `refused` nothing is left then but this. */
export interface Release {
  /** The number under which it was held. */
  readonly refused: number;
  /** What it had been refused for. */
  readonly code: string;
  readonly at: Date;
  /** Who decided so, as in the journal of trust: `alice@host`. */
  readonly by: string;
  readonly reason: string;
}

/** A refused message as it came, with all that is needed to take it again. */
export interface Held extends Delivered {
  readonly code: string;
  /** It came several times with other files each time, and holds them all: which belong together is not known. */
  readonly isMixed: boolean;
  /** Their bytes lie in `path`, which is the store's own: to be copied, never moved. */
  readonly attachments: readonly DeliveredAttachment[];
}

/** An order ready to be kept: derived facts for finding and ordering it, and the original behind it. */
export interface Arrival extends Delivered {
  readonly buyer: string;
  readonly environment: Environment;
  readonly payloadId: string | null;
  /** Hex digest that makes two messages the same message: (buyer, payloadID), or sender and content without one. */
  readonly messageKey: string;
  readonly orderId: string;
  /** Hex digest that makes two messages speak of the same order: (buyer, environment, orderID). */
  readonly orderKey: string;
  /** Hex digest of the order's content, envelope left out. One distinct digest is one revision. */
  readonly contentDigest: string;
  readonly operation: Operation;
  /** What tells newer from older, in this order; null where the document does not say. */
  readonly orderVersion: number | null;
  readonly orderedAt: Date | null;
  readonly sentAt: Date | null;
  /** Shown in lists. */
  readonly orderDate: string | null;
  readonly totalAmount: string | null;
  readonly currency: string | null;
  readonly lineCount: number;
  /** JSON of the findings. */
  readonly findings: string;
  /** The reply that is sent once this is committed, and again for every replay, byte for byte. */
  readonly reply: Uint8Array;
}

/** What a person should know about how an order was taken. */
export type KeptNote =
  /** `new` for an order that is known with other content. */
  | 'new-for-known-order'
  /** `update` or `cancel` for an order that was never received. */
  | 'change-for-unknown-order'
  /** Older than the current revision: kept, never current. */
  | 'older-than-current'
  /** Sent again under a new payloadID, but a later revision is current: perhaps the buyer changed the order back. */
  | 'resent-superseded';

export interface Kept {
  /**
   * `kept`: a new revision. `replayed`: the same message again, `reply` is the stored one. `resent`: another message
   * with the content of a known revision, linked to it. `conflict`: the payloadID is taken by other content; held.
   */
  readonly outcome: 'kept' | 'replayed' | 'resent' | 'conflict';
  /** Of `replayed`: the first reply, byte for byte. Of `kept` and `resent`: the arrival's own. Of `conflict`: empty. */
  readonly reply: Uint8Array;
  /** The receiver's own counter within the order, from 1. 0 for a conflict. */
  readonly revision: number;
  /** Is that revision the one in force now? */
  readonly current: boolean;
  readonly notes: readonly KeptNote[];
}

/** A message from a trusted peer that was not taken; kept for a person, bounded, oldest first out. */
export interface Refused extends Delivered {
  readonly code: string;
  readonly text: string;
  /** Of the reason, in the document. */
  readonly place?: Place | undefined;
  /** Configured buyer if it was known by then. */
  readonly buyer: string | null;
  readonly payloadId: string | null;
  readonly orderId: string | null;
}

export interface OrderSummary {
  readonly id: number;
  readonly buyer: string;
  readonly environment: Environment;
  readonly orderId: string;
  readonly state: 'open' | 'cancelled';
  /** Counter of the current revision, and how many there are. */
  readonly revision: number;
  readonly revisions: number;
  readonly operation: Operation;
  readonly orderDate: string | null;
  readonly totalAmount: string | null;
  readonly currency: string | null;
  readonly lineCount: number;
  readonly firstReceivedAt: Date;
  readonly lastReceivedAt: Date;
}

export interface MessageSummary {
  readonly id: number;
  readonly payloadId: string | null;
  readonly outcome: 'kept' | 'resent';
  readonly revision: number;
  readonly operation: Operation;
  readonly orderVersion: number | null;
  readonly current: boolean;
  readonly receivedAt: Date;
  readonly sha256: string;
  readonly size: number;
  readonly contentType: string;
  readonly peerName: string;
  readonly peerFingerprint: string;
  readonly peerSpki: string;
  readonly protocol: string;
  readonly remoteAddress: string;
  /** How often the very same message came again, and when last. */
  readonly replays: number;
  readonly lastReplayedAt: Date | null;
  readonly notes: readonly KeptNote[];
  readonly attachments: readonly KeptAttachment[];
  readonly released: Release | null;
  /** JSON as given. */
  readonly findings: string;
}

export interface OrderDetail extends OrderSummary {
  /** Oldest first. */
  readonly messages: readonly MessageSummary[];
}

export interface RefusedSummary {
  readonly id: number;
  readonly code: string;
  readonly text: string;
  /** Of the reason, in the document. */
  readonly place: Place | null;
  readonly buyer: string | null;
  readonly payloadId: string | null;
  readonly orderId: string | null;
  /** For the first time. */
  readonly receivedAt: Date;
  readonly lastReceivedAt: Date;
  readonly sha256: string;
  readonly size: number;
  readonly peerName: string;
  readonly remoteAddress: string;
  /** The same bytes refused for the same reason again count here. */
  readonly times: number;
}

export interface StoreCounts {
  readonly messages: number;
  readonly orders: number;
  /** Held for a person, each counted once: refused messages, and apart from them the conflicts. */
  readonly refused: number;
  readonly conflicts: number;
}

/** Two implementations pass one contract (`test/store/contract.ts`). */
export interface Store extends AsyncDisposable, EvidenceStore {
  /** Where attachments are written while they arrive. What is left there at the next start is taken away. */
  readonly incomingFolder: string;
  /**
   * Keeps an order in one transaction: original bytes, peer, revision, findings, reply. Resolves only after the
   * commit is on disk. Concurrent duplicates collapse to one. A released one is no refused message any more then, unless
   * its payloadID is taken by other content: then nothing changes.
   *
   * @throws {Refusal} `store-unavailable` when it could not be made durable, for whatever reason
   */
  keepOrder(arrival: Arrival): Promise<Kept>;
  /** @throws {Refusal} `store-unavailable` */
  keepRefused(refused: Refused): Promise<void>;
  /**
   * In place of what was kept so before.
   *
   * @throws {Refusal} `store-unavailable`
   */
  keepAwaited(all: readonly Awaited[]): Promise<void>;
  /** Oldest first. */
  listAwaited(): Promise<readonly Awaited[]>;
  /** By the last message about them, newest first; 50 unless told, 1,000 at most. */
  listOrders(query?: { readonly limit?: number; readonly buyer?: string }): Promise<readonly OrderSummary[]>;
  /** Orders of that orderID over all buyers and environments, or of one buyer. */
  findOrders(query: { readonly orderId: string; readonly buyer?: string }): Promise<readonly OrderDetail[]>;
  /**
   * The bytes of a message, exactly as received, and the reply that was sent.
   *
   * @throws {Error} naming both digests when the bytes are no longer those that were received
   */
  readMessage(
    id: number,
  ): Promise<{ readonly bytes: Uint8Array; readonly reply: Uint8Array; readonly sha256: string } | undefined>;
  /** Refused messages and conflicts (code `payload-conflict`), newest first; limits as above. */
  listRefused(query?: { readonly limit?: number }): Promise<readonly RefusedSummary[]>;
  findRefused(id: number): Promise<RefusedSummary | undefined>;
  readRefused(id: number): Promise<{ readonly bytes: Uint8Array; readonly sha256: string } | undefined>;
  /**
   * All of a refused message.
   *
   * @throws {Error} naming both digests when the bytes are no longer those that were received
   */
  readHeld(id: number): Promise<Held | undefined>;
  listAttachmentsOfRefused(id: number): Promise<readonly KeptAttachment[]>;
  /**
   * Where the bytes of an attachment lie; the caller holds them against `sha256`.
   */
  findAttachment(id: number): Promise<(KeptAttachment & { readonly path: string }) | undefined>;
  counts(): Promise<StoreCounts>;
  /**
   * Proves that a commit works now, by making one.
   *
   * @throws {Refusal} `store-unavailable` with the reason
   */
  probe(): Promise<void>;
}
