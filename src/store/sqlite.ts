/** The store in one SQLite file: orders are written by one thread of its own, and read by this one. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Refusal, StartupError } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';
import {
  type AttachmentFiles,
  type AttachmentParts,
  attachmentFolder,
  openAttachmentFiles,
} from './attachment-files.ts';
import { isKnownDigest } from './find-attachments.ts';
import { createRunner, openReading } from './sqlite-database.ts';
import { lockFile, prepareFile } from './sqlite-file.ts';
import { openSqliteReader } from './sqlite-reader.ts';
import type { Greeting, WriterData } from './sqlite-writer.ts';
import type { Delivered, Store } from './store.ts';
import { openWriterLink } from './writer-link.ts';

export interface SqliteParts {
  readonly path: string;
  /** Over refused messages and conflicts together; see `keep-refused.ts` for what goes first. */
  readonly refusedMaxCount: number;
  readonly refusedMaxBytes: number;
  /** With less free disk than this, everything is put off. */
  readonly minFreeBytes?: number;
  readonly log?: Pick<Log, 'error' | 'warn' | 'info'>;
}

const MIN_FREE_BYTES = 64 * 1024 * 1024;
const NO_REPLY = new Uint8Array(0);

/**
 * Opens the store, making or migrating it where needed, and holds it alone until disposed. Disposal waits for all that
 * was accepted.
 *
 * @throws {StartupError} when it cannot be opened safely: in use, not ours, newer, or on a disk that cannot promise
 */
export async function openSqliteStore({
  path,
  refusedMaxCount,
  refusedMaxBytes,
  minFreeBytes = MIN_FREE_BYTES,
  log,
}: SqliteParts): Promise<Store> {
  await using parts = new AsyncDisposableStack();
  const held = parts.use(lockFile(prepareFile(path)));
  const bound = { maxCount: refusedMaxCount, maxBytes: refusedMaxBytes };
  // From here the writer's handlers refer to the lock: it is not collected, and so not freed, while there is a writer.
  const start = () => startWriter({ file: held.file, bound, minFreeBytes });
  let forget = (_digests: readonly string[]): void => {};
  const known = parts.use(createKnownDigests(held.file)); // closed after the writer, whose last batch still asks
  const writer = parts.use(await openWriterLink({ start, log, forget: (digests) => forget(digests) }));
  const reader = parts.use(await openSqliteReader(held.file));
  const files = openAttachments({ file: held.file, isKnown: known.has, log });
  forget = files.forget;
  const opened = parts.move();
  return {
    ...reader,
    incomingFolder: files.incoming,
    async keepOrder(arrival) {
      using _files = await keepFiles(files, arrival);
      const { kept } = await writer.submit({ kind: 'order', arrival });
      if (kept === undefined) throw new Error('the writer kept an order and did not say how');
      if (kept.outcome === 'replayed') return kept;
      return { ...kept, reply: kept.outcome === 'conflict' ? NO_REPLY : arrival.reply };
    },
    async keepRefused(refused) {
      using _files = await keepFiles(files, refused);
      await writer.submit({ kind: 'refused', refused });
    },
    async keepAwaited(awaited) {
      await writer.submit({ kind: 'awaited', awaited });
    },
    async keepEvidence(evidence) {
      await writer.submit({ kind: 'evidence', evidence });
    },
    async probe() {
      await writer.submit({ kind: 'probe' });
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** @throws {StartupError} when the writer found that it cannot keep its promises here */
export async function startWriter(data: WriterData): Promise<Worker> {
  const worker = new Worker(new URL('./sqlite-writer.ts', import.meta.url), {
    workerData: data,
    stdin: false,
  });
  // Asked before the greeting is awaited: the end of a thread can come in the same turn as its last message.
  const ended = new Promise<undefined>((resolve) => worker.once('exit', () => resolve(undefined)));
  const greeted = once(worker, 'message').then(([greeting]) => greeting as Greeting);
  const greeting = await Promise.race([greeted, ended]);
  if (greeting?.ready) return worker;
  await ended;
  throw new StartupError(greeting?.message ?? 'the thread that writes orders ended at its start', {
    hint: greeting?.hint ?? 'the message is from SQLite: https://www.sqlite.org/rescode.html',
  });
}

function openAttachments({
  file,
  ...parts
}: Omit<AttachmentParts, 'folder'> & { readonly file: string }): AttachmentFiles {
  try {
    return openAttachmentFiles({ folder: attachmentFolder(file), ...parts });
  } catch (cause) {
    throw new StartupError(`the attachments beside the store cannot be looked through: ${String(cause)}`, {
      hint: `check that the receiver's user owns ${attachmentFolder(file)} and all that is in it`,
      cause,
    });
  }
}

/** Opened with the first question: by then the writer has made the tables. */
function createKnownDigests(file: string): Disposable & { readonly has: (sha256: string) => boolean } {
  let database: ReturnType<typeof openReading> | undefined;
  let run: ReturnType<typeof createRunner> | undefined;
  return {
    has(sha256) {
      database ??= openReading(file);
      run ??= createRunner(database);
      return run(isKnownDigest(sha256));
    },
    [Symbol.dispose]: () => database?.close(),
  };
}

/** @throws {Refusal} `store-unavailable`: without its files a message is not kept */
async function keepFiles(files: AttachmentFiles, { attachments = [] }: Delivered): Promise<Disposable> {
  if (attachments.length === 0) return NO_FILES;
  try {
    return await files.keep(attachments);
  } catch (cause) {
    throw new Refusal(
      'store-unavailable',
      'The attachments of this message could not be stored safely just now. Please send the same message again later.',
      { cause },
    );
  }
}

const NO_FILES: Disposable = { [Symbol.dispose]() {} };
