/** The words of one connection and of one request on it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Peer, Presented } from '../trust/peer.ts';

/** A client the gate let in. It lives as long as its connection. */
export interface Guest {
  readonly socket: TLSSocket;
  readonly remoteAddress: string;
  /** Kept, so that it can be judged again when the trust changes. */
  readonly presented: Presented;
  peer: Peer;
  /** Of the trust it was last judged by, and when. */
  generation: number;
  judgedAt: number;
  /** A request has come over it. */
  used: boolean;
  /** Requests whose answer is not yet written out. */
  readonly open: Set<Exchange>;
  /** Its bytes no longer parse, or it took too long: one last answer, then the connection ends. */
  broken: boolean;
  /** An answer ends the connection: what follows is not taken, for it could not be answered (RFC 9112, section 9.6). */
  closing: boolean;
}

/** One request and its one answer. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly guest: Guest;
  /** By the monotonic clock, milliseconds. */
  readonly startedAt: number;
  wireBytes: number;
  /** `intake/` has it: from here on it writes the log line of a refusal. */
  handedOn: boolean;
  answered: boolean;
}

/** Whatever handles a request that passed the checks of the listener. */
export type App = (exchange: Exchange) => void;
