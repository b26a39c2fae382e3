/**
 * A multipart request becomes an order and the files beside it. Every part goes to disk as it arrives; only the one that
 * is the order is read into memory, at the end. Parts inside parts are taken out of them.
 */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { messageOf, Refusal } from '../errors.ts';
import type { Spool } from '../intake/spool.ts';
import { type BodyBudget, overloaded } from './body-budget.ts';
import { type Collected, createCollector, createLevels, type Part } from './collect-parts.ts';
import type { Multipart } from './content-type.ts';
import { type Coding, codingOf, undecodable } from './expand-body.ts';
import type { Limits } from './limits.ts';
import { malformed } from './part-headers.ts';
import { ClientGone } from './read-body.ts';

/** Disposing takes every file away that was not kept, and gives the order's bytes back to the budget. */
export interface ReceivedParts extends AsyncDisposable {
  readonly order: { readonly bytes: Uint8Array; readonly contentType: string };
  readonly attachments: readonly Part[];
  /** The message could not be taken apart to its end. */
  readonly problem: Refusal | undefined;
  readonly wireBytes: number;
}

export interface PartsPlace {
  readonly limits: Pick<Limits, 'body_bytes' | 'message_bytes'>;
  /** Of what is held in memory, and of what lies on disk. */
  readonly budget: BodyBudget;
  readonly spoolBudget: BodyBudget;
  readonly spool: Spool;
  readonly onWanted?: () => void;
}

/**
 * @throws {Refusal} `multipart-malformed`, `body-too-large`, `body-undecodable`, `encoding-unsupported`, `overloaded`,
 *   `store-unavailable`
 * @throws {ClientGone}
 */
export async function receiveParts(
  req: IncomingMessage,
  multipart: Multipart,
  { limits, budget, spoolBudget, spool, onWanted }: PartsPlace,
): Promise<ReceivedParts> {
  const coding = codingOf(req.headers['content-encoding']);
  const declared = Number(req.headers['content-length'] ?? 0);
  if (declared > limits.message_bytes) throw tooLarge(limits.message_bytes);
  onWanted?.();
  await using cleanup = new AsyncDisposableStack();
  const onDisk = cleanup.use(spoolBudget.hold());
  const inMemory = cleanup.use(budget.hold());
  const collector = createCollector({ spool, cleanup, onDisk });
  const parser = createLevels(multipart.boundary, collector.take);
  const body = openBody(req, coding);
  const problem = await takeApart();
  if (problem !== undefined && collector.parts().length === 0) throw problem;
  const root = findRoot(collector.parts(), multipart.start);
  if (root.size > limits.body_bytes) throw orderTooLarge(limits.body_bytes);
  if (!inMemory.take(root.size)) throw overloaded();
  const order = { bytes: await root.file.read(), contentType: root.headers.contentType };
  const attachments = collector.parts().filter((part) => part !== root);
  const kept = cleanup.move();
  return {
    order,
    attachments,
    problem,
    wireBytes: body.wireBytes(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };

  /** @returns why it could not be taken apart to its end: what came until then is kept for a person */
  async function takeApart(): Promise<Refusal | undefined> {
    try {
      let bytes = 0;
      for await (const chunk of body.chunks) {
        bytes += chunk.length;
        if (bytes > limits.message_bytes) throw tooLarge(limits.message_bytes);
        parser.write(chunk);
        await collector.settle();
      }
      if (hasLeft(req)) throw new ClientGone();
      if (body.isLonger()) throw undecodable(coding, 'data follows its end');
      parser.end();
      await collector.settle();
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'multipart-malformed') throw error;
      await collector.cutOff();
      return error;
    }
  }
}

interface OpenBody {
  /** Ends with the body; a client that leaves ends it early, which `complete` tells. */
  readonly chunks: AsyncGenerator<Buffer>;
  readonly wireBytes: () => number;
  /** More was sent than what was read ended with. */
  readonly isLonger: () => boolean;
}

function openBody(req: IncomingMessage, coding: Coding): OpenBody {
  let wireBytes = 0;
  const count = (chunk: Buffer): void => {
    wireBytes += chunk.length;
  };
  if (coding === 'identity') {
    return {
      chunks: read(req, req, { coding, count }),
      wireBytes: () => wireBytes,
      isLonger: () => !req.complete,
    };
  }
  const engine = coding === 'gzip' ? createGunzip() : createInflate();
  req.on('data', count).pipe(engine);
  req.once('close', () => {
    if (!req.complete) engine.destroy();
  });
  return {
    chunks: read(req, engine, { coding }),
    wireBytes: () => wireBytes,
    // zlib stops at the end of its data and says nothing of what follows.
    isLonger: () => !req.complete || engine.bytesWritten < wireBytes,
  };
}

async function* read(
  req: IncomingMessage,
  source: Readable,
  { coding, count }: { readonly coding: Coding; readonly count?: (chunk: Buffer) => void },
): AsyncGenerator<Buffer> {
  try {
    // Left open: whoever refuses a body in the middle must still be able to answer.
    for await (const chunk of source.iterator({ destroyOnReturn: false })) {
      count?.(chunk);
      yield chunk;
    }
  } catch (error) {
    if (hasLeft(req)) throw new ClientGone();
    throw undecodable(coding, messageOf(error));
  } finally {
    if (source !== req) {
      req.unpipe();
      source.destroy();
    }
    req.pause();
  }
}

/** A body that is not complete says nothing: damage is found while the rest is still on its way. */
function hasLeft(req: IncomingMessage): boolean {
  return !req.complete && req.destroyed;
}

/**
 * The order is the part that `start` names, else the first (RFC 2387, section 3.2). A `start` that names nothing is
 * passed over: the first part is the order in every message that was ever seen.
 */
function findRoot(parts: readonly Collected[], start: string | undefined): Collected {
  const named = start === undefined ? undefined : parts.find(({ headers }) => headers.contentId === start);
  const root = named ?? parts[0];
  if (root === undefined) throw malformed('it has no parts');
  return root;
}

function tooLarge(limitBytes: number): Refusal {
  return new Refusal(
    'body-too-large',
    `The limit of a message with attachments is ${limitBytes} bytes; this one has more.`,
  );
}

function orderTooLarge(limitBytes: number): Refusal {
  return new Refusal(
    'body-too-large',
    `The limit of an order is ${limitBytes} bytes; the one in this message has more.`,
  );
}
