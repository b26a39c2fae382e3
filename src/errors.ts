/**
 * One error type per audience. `Refusal` is told to the buyer, `StartupError` to the operator.
 * Anything else that is thrown is a bug: logged whole, answered as 500 without details.
 */

/** Every reason to refuse a message. A code without a row in `http/answer.ts` does not compile. */
export const REFUSAL_CODES = [
  // the document
  'xml-undecodable',
  'xml-malformed',
  'xml-forbidden',
  'xml-too-complex',
  'not-cxml',
  'order-invalid',
  'request-unsupported',
  // the parts around it
  'multipart-malformed',
  // the sender
  'sender-unknown',
  'sender-forbidden',
  'payload-conflict',
  // the transport
  'path-unknown',
  'method-unsupported',
  'media-type-unsupported',
  'encoding-unsupported',
  'body-too-large',
  'body-undecodable',
  'headers-too-large',
  'request-malformed',
  'expectation-unsupported',
  // the client certificate
  'peer-refused',
  'peer-near-miss',
  // ours: time can heal these, so Coupa is told to repeat
  'request-timeout',
  'store-unavailable',
  'overloaded',
  'shutting-down',
  'internal',
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** Where a fact stands in the document as it was sent. Lines and columns count from 1, columns in characters. */
export interface Place {
  readonly line?: number;
  readonly column?: number;
  /** Local names from the root, with a position where siblings share the name: `cXML/Request/OrderRequest/ItemOut[2]`. */
  readonly path?: string;
  /** Bytes from the start of the body, for what could not be decoded. */
  readonly offset?: number;
}

/** Whose message was refused, as far as it was known by then. */
export interface RefusedParty {
  /** Key of the configured buyer. */
  readonly buyer?: string;
  /** Local name of the request element. */
  readonly requestType?: string;
}

/** A message that is not taken. `message` goes to the buyer: no secret, no file path, no stack. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly place: Place | undefined;
  readonly party: RefusedParty;

  constructor(
    code: RefusalCode,
    message: string,
    options: { place?: Place; cause?: unknown; party?: RefusedParty } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.place = options.place;
    this.party = options.party ?? {};
  }

  /** The same refusal, now that it is known whose message it is: that decides the form of the answer. */
  of(party: RefusedParty): Refusal {
    return new Refusal(this.code, this.message, { place: this.place, cause: this.cause, party });
  }
}

/** Something the operator must mend before the receiver can start. `hint` is the one next step. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
  readonly hint: string;

  constructor(message: string, options: { hint: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
  }
}

/** What the system calls a failure of its own. Example: `ENOENT` */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
