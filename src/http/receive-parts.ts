/**
 * A multipart request becomes an order and the files beside it. Every part goes to disk as it arrives; only the one that
 * is the order is read into memory, at the end. Parts inside parts are taken out of them.
 */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { Refusal } from '../errors.ts';
import type { Spool, Spooled, SpoolFile } from '../intake/spool.ts';
import { type BodyBudget, type Hold, overloaded } from './body-budget.ts';
import { type Multipart, readContentType } from './content-type.ts';
import { type Coding, codingOf } from './expand-body.ts';
import type { Limits } from './limits.ts';
import { createMultipartParser, MULTIPART_LIMITS, type MultipartParser } from './multipart.ts';
import type { PartHeaders } from './part-headers.ts';
import { ClientGone } from './read-body.ts';
import { createTransferDecoder, type TransferDecoder } from './transfer-decoding.ts';

/** A part that is complete; its bytes are those the sender meant, its transfer encoding undone. */
export interface Part extends Spooled {
  readonly headers: PartHeaders;
}

/** Disposing takes every file away that was not kept, and gives the order's bytes back to the budget. */
export interface ReceivedParts extends AsyncDisposable {
  readonly order: { readonly bytes: Uint8Array; readonly contentType: string };
  readonly attachments: readonly Part[];
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

/** Parts inside parts inside parts. */
const MOST_LEVELS = 4;

interface Level {
  readonly parser: MultipartParser;
  readonly headers: PartHeaders;
}

type Step =
  | { readonly kind: 'open'; readonly headers: PartHeaders }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'close' };

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
  let bytes = 0;
  for await (const chunk of body.chunks) {
    bytes += chunk.length;
    if (bytes > limits.message_bytes) throw tooLarge(limits.message_bytes);
    parser.write(chunk);
    await collector.settle();
  }
  if (!req.complete) throw new ClientGone('the client left before its body was complete');
  parser.end();
  await collector.settle();
  const root = findRoot(collector.parts(), multipart.start);
  if (root.size > limits.body_bytes) throw orderTooLarge(limits.body_bytes);
  if (!inMemory.take(root.size)) throw overloaded();
  const order = { bytes: await root.file.read(), contentType: root.headers.contentType };
  const attachments = collector.parts().filter((part) => part !== root);
  const kept = cleanup.move();
  return {
    order,
    attachments,
    wireBytes: body.wireBytes(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

interface OpenBody {
  /** Ends with the body; a client that leaves ends it early, which `complete` tells. */
  readonly chunks: AsyncGenerator<Buffer>;
  readonly wireBytes: () => number;
}

function openBody(req: IncomingMessage, coding: Coding): OpenBody {
  if (coding === 'identity') {
    let wireBytes = 0;
    const count = (chunk: Buffer): void => {
      wireBytes += chunk.length;
    };
    return { chunks: read(req, req, { coding, count }), wireBytes: () => wireBytes };
  }
  const engine = coding === 'gzip' ? createGunzip() : createInflate();
  req.pipe(engine);
  req.once('close', () => {
    if (!req.complete) engine.destroy();
  });
  return { chunks: read(req, engine, { coding }), wireBytes: () => engine.bytesWritten };
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
    if (!req.complete) throw new ClientGone('the client left before its body was complete');
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal('body-undecodable', `The body is not complete, sound ${coding} data: ${why}.`);
  } finally {
    if (source !== req) {
      req.unpipe();
      source.destroy();
    }
    req.pause();
  }
}

/** Parsers inside parsers, as parts hold parts; what comes out at the bottom are files. */
function createLevels(boundary: string, take: (step: Step) => void): MultipartParser {
  const create = (of: string, level: number): MultipartParser => {
    let inner: Level | undefined;
    return createMultipartParser(
      of,
      {
        part(headers) {
          const { multipart } = nestedOf(headers.contentType);
          if (multipart === undefined) return take({ kind: 'open', headers });
          if (level === MOST_LEVELS)
            throw malformed(`parts lie inside one another ${MOST_LEVELS} times and more`);
          if (headers.encoding !== 'identity')
            throw malformed('a part that holds parts is encoded as a whole');
          inner = { parser: create(multipart.boundary, level + 1), headers };
        },
        data(bytes) {
          if (inner === undefined) take({ kind: 'data', bytes });
          else inner.parser.write(bytes);
        },
        partEnd() {
          if (inner === undefined) return take({ kind: 'close' });
          inner.parser.end();
          inner = undefined;
        },
      },
      MULTIPART_LIMITS,
    );
  };
  return create(boundary, 1);
}

/** A part may be of any type; only one that holds parts is looked into. */
function nestedOf(contentType: string): { readonly multipart?: Multipart } {
  if (!/^\s*multipart\//i.test(contentType)) return {};
  const { multipart } = readContentType(contentType);
  return multipart === undefined ? {} : { multipart };
}

interface Collected extends Part {
  readonly file: SpoolFile;
}

/** The parser speaks at once and files take their time: steps are noted, and taken before the next bytes are read. */
function createCollector({
  spool,
  cleanup,
  onDisk,
}: {
  readonly spool: Spool;
  readonly cleanup: AsyncDisposableStack;
  readonly onDisk: Hold;
}) {
  const parts: Collected[] = [];
  let steps: Step[] = [];
  let current: { headers: PartHeaders; file: SpoolFile; decoder: TransferDecoder } | undefined;

  const write = async (file: SpoolFile, bytes: Uint8Array): Promise<void> => {
    if (bytes.length === 0) return;
    if (!onDisk.take(bytes.length)) throw overloaded();
    await file.write(bytes);
  };
  const run = async (step: Step): Promise<void> => {
    if (step.kind === 'open') {
      if (parts.length >= MULTIPART_LIMITS.parts)
        throw malformed(`it has more than ${MULTIPART_LIMITS.parts} parts`);
      const file = cleanup.use(await spool.begin());
      current = { headers: step.headers, file, decoder: createTransferDecoder(step.headers.encoding) };
      return;
    }
    if (current === undefined) throw new Error('bytes came before the part they belong to');
    const { headers, file, decoder } = current;
    if (step.kind === 'data') return await write(file, decoder.write(step.bytes));
    await write(file, decoder.end());
    parts.push({ headers, file, ...(await file.finish()) });
    current = undefined;
  };

  return {
    take: (step: Step): void => void steps.push(step),
    parts: (): readonly Collected[] => parts,
    async settle(): Promise<void> {
      const now = steps;
      steps = [];
      for (const step of now) await run(step);
    },
  };
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

function malformed(what: string): Refusal {
  return new Refusal('multipart-malformed', `The multipart message cannot be read: ${what}.`);
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
