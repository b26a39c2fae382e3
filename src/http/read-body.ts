/**
 * The body of a request, bounded at every step: by its declared length, by its bytes on the wire, by its bytes once
 * expanded, and together with all others by the budget. Never: looks into it.
 */
import type { IncomingMessage } from 'node:http';
import { Refusal } from '../errors.ts';
import { type BodyBudget, type Hold, overloaded } from './body-budget.ts';
import { codingOf, expandBody } from './expand-body.ts';
import type { Limits } from './limits.ts';

/** Disposing gives its bytes back to the budget. */
export interface Body extends Disposable {
  /** As the sender wrote it: gzip or deflate undone. */
  readonly bytes: Uint8Array;
  readonly wireBytes: number;
}

/** The client left before its body was complete. There is nobody to answer and nothing to keep. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';

  constructor() {
    super('the client left before its body was complete');
  }
}

/**
 * @throws {Refusal} `body-too-large`, `body-undecodable`, `encoding-unsupported`, `overloaded`; what is left of the
 *   body is then unread
 * @throws {ClientGone}
 */
export async function readBody(
  req: IncomingMessage,
  {
    limits,
    budget,
    onWanted,
  }: {
    limits: Pick<Limits, 'body_bytes' | 'expanded_bytes'>;
    budget: BodyBudget;
    /** Nothing in the headers speaks against the body: a client that waits for `100 Continue` may send it. */
    onWanted?: () => void;
  },
): Promise<Body> {
  const coding = codingOf(req.headers['content-encoding']);
  checkDeclaredLength(req, limits.body_bytes);
  onWanted?.();
  const hold = budget.hold();
  try {
    const wire = await collect(req, limits.body_bytes, hold);
    if (coding === 'identity') return bodyOf(wire, wire.length, hold);
    const bytes = await expandBody(wire, { coding, limitBytes: limits.expanded_bytes, hold });
    hold.give(wire.length);
    return bodyOf(bytes, wire.length, hold);
  } catch (error) {
    hold[Symbol.dispose]();
    throw error;
  }
}

function bodyOf(bytes: Uint8Array, wireBytes: number, hold: Hold): Body {
  return { bytes, wireBytes, [Symbol.dispose]: hold[Symbol.dispose] };
}

/** The parser has already refused what is not one decimal number. */
function checkDeclaredLength(req: IncomingMessage, limitBytes: number): void {
  const declared = Number(req.headers['content-length'] ?? 0);
  if (declared > limitBytes) throw tooLarge(`has ${declared} bytes`, limitBytes);
}

/**
 * So many pieces are put together into one. A body in chunks of one byte, kept as they come, takes 200 times its size
 * (measured on Node 24), and the limits count only its bytes.
 */
const MOST_SMALL = 256;

function collect(req: IncomingMessage, limitBytes: number, hold: Hold): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let small: Buffer[] = [];
    let size = 0;
    const keep = (chunk: Buffer): void => {
      if (small.push(chunk) < MOST_SMALL) return;
      chunks.push(Buffer.concat(small));
      small = [];
    };
    const stop = (): void => {
      req.off('data', take).off('end', finish).off('close', leave);
    };
    const fail = (error: Error): void => {
      stop();
      req.pause();
      chunks.length = 0;
      small.length = 0;
      reject(error);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limitBytes) fail(tooLarge('has more bytes than that', limitBytes));
      else if (!hold.take(chunk.length)) fail(overloaded());
      else keep(chunk);
    };
    const finish = (): void => {
      stop();
      const all = [...chunks, ...small];
      const [first] = all;
      resolve(all.length === 1 && first !== undefined ? first : Buffer.concat(all, size));
    };
    const leave = (): void => fail(new ClientGone());
    if (req.destroyed) leave();
    else req.on('data', take).on('end', finish).on('close', leave);
  });
}

function tooLarge(found: string, limitBytes: number): Refusal {
  return new Refusal('body-too-large', `The limit of a body is ${limitBytes} bytes; this one ${found}.`);
}
