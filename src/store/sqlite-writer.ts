/** The one writer, in a thread of its own so that nobody waits for the disk but those whose orders it holds. */
import { dirname } from 'node:path';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { messageOf, StartupError } from '../errors.ts';
import { createFreeSpaceFloor } from './free-space.ts';
import type { RefusedBound } from './keep-refused.ts';
import { createBatchRunner, type Job } from './sqlite-batch.ts';
import { openWriting } from './sqlite-database.ts';
import { asStartupError } from './sqlite-errors.ts';
import { loadMigrations, migrate } from './sqlite-migrate.ts';

export interface WriterData {
  readonly file: string;
  readonly bound: RefusedBound;
  readonly minFreeBytes: number;
}

/** To the writer: a batch, or `close`. From it: one greeting, then one `BatchResult` for each batch. */
export type ToWriter = readonly Job[] | 'close';
export type Greeting = { readonly ready: true } | { readonly ready: false; message: string; hint?: string };

if (parentPort !== null) write(parentPort, workerData as WriterData);

function write(port: MessagePort, { file, bound, minFreeBytes }: WriterData): void {
  try {
    const database = openWriting(file);
    migrate(database, loadMigrations(), () => new Date());
    const objection = createFreeSpaceFloor({ folder: dirname(file), minFreeBytes });
    const runBatch = createBatchRunner({ database, bound, objection });
    port.on('message', (message: ToWriter) => {
      if (message !== 'close') return port.postMessage(runBatch(message));
      database.close();
      port.close();
    });
    port.postMessage({ ready: true } satisfies Greeting);
  } catch (error) {
    const told = asStartupError(error, file);
    const hint = told instanceof StartupError ? { hint: told.hint } : {};
    port.postMessage({ ready: false, message: messageOf(told), ...hint } satisfies Greeting);
    port.close();
  }
}
