/** Bytes from a trusted peer become a kept order, exactly once. Never: HTTP, SQL, delivery. */
import type { Peer } from '../trust/peer.ts';

/** A message off the wire, its body complete and within limits. */
export interface ArrivedMessage {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** `charset` of the Content-Type, if it has one. */
  readonly charset?: string;
  /** Request headers, secrets already masked. */
  readonly headers: Readonly<Record<string, string>>;
  readonly peer: Peer;
  readonly remoteAddress: string;
  readonly receivedAt: Date;
}

/** Proof that a message needs no further care: an order is durable, or a question is answered. Only this is answered 200. */
export interface Receipt {
  /** The complete cXML reply, byte for byte what is to be sent. */
  readonly reply: Uint8Array;
  readonly outcome: 'kept' | 'replayed' | 'resent' | 'profile';
  /** Key of the configured buyer. */
  readonly buyer: string;
}

export interface Intake {
  /**
   * @throws {Refusal} with the code to answer by; a refused message is kept for a person before this throws
   */
  receive(message: ArrivedMessage): Promise<Receipt>;
}
