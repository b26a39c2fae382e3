import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { Refusal } from '../../src/errors.ts';
import { startWriter } from '../../src/store/sqlite.ts';
import type { Job } from '../../src/store/sqlite-batch.ts';
import { openWriterLink } from '../../src/store/writer-link.ts';
import { arrival } from './arrivals.ts';
import { refusedHandshake } from './contract-evidence.ts';
import { createSqlitePlace, failureOf } from './sqlite-place.ts';

function order(index: number): Job {
  return { kind: 'order', arrival: arrival({ payloadId: `p${index}`, orderId: `${index}` }) };
}

/** A link to a real writer that the test can hurt. */
async function openLink() {
  await using parts = new AsyncDisposableStack();
  const place = parts.use(await createSqlitePlace());
  const workers: Worker[] = [];
  const batches: number[] = [];
  const events: string[] = [];
  let broken: Error | undefined;
  const write = (_fields: object, message: string) => void events.push(message);
  const start = async (): Promise<Worker> => {
    if (broken !== undefined) throw broken;
    const worker = await startWriter({
      file: join(place.folder, 'orders.db'),
      bound: { maxCount: 10, maxBytes: 1_000 },
      minFreeBytes: 0,
    });
    worker.on('message', ({ outcomes }) => void batches.push(outcomes.length));
    workers.push(worker);
    return worker;
  };
  const link = parts.use(await openWriterLink({ start, log: { error: write, warn: write, info: write } }));
  const owned = parts.move();
  return {
    link,
    workers,
    batches,
    events,
    breakStart: (error: Error | undefined) => {
      broken = error;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe('openWriterLink', () => {
  it('sends what waits as one batch, and what arrives meanwhile as the next', async () => {
    await using opened = await openLink();
    const first = [1, 2, 3].map((index) => opened.link.submit(order(index)));
    await new Promise(setImmediate);
    const second = [4, 5, 6, 7].map((index) => opened.link.submit(order(index)));
    await Promise.all([...first, ...second]);
    expect(opened.batches).to.deep.equal([3, 4]);
  });

  it('divides what is too much for one batch', async () => {
    await using opened = await openLink();
    await Promise.all(Array.from({ length: 300 }, (_, index) => opened.link.submit(order(index))));
    expect(opened.batches).to.deep.equal([256, 44]);
    opened.batches.length = 0;
    const large = Array.from({ length: 3 }, (_, index): Job => {
      const bytes = Buffer.alloc(20 * 1024 * 1024);
      return { kind: 'order', arrival: arrival({ payloadId: `large ${index}`, bytes }) };
    });
    await Promise.all(large.map((job) => opened.link.submit(job)));
    expect(opened.batches).to.deep.equal([1, 1, 1]);
  });

  it('rejects what a crashed writer held, starts another, and goes on', async () => {
    await using opened = await openLink();
    await opened.link.submit(order(1));
    const [doomed] = opened.workers;
    if (doomed !== undefined) doomed.postMessage = () => {}; // takes a batch and never answers
    const held = failureOf(opened.link.submit(order(2)));
    await new Promise(setImmediate);
    const waiting = opened.link.submit(order(3));
    await doomed?.terminate();
    expect(await held)
      .to.be.instanceOf(Refusal)
      .and.include({ code: 'store-unavailable' });
    expect(await waiting).to.deep.include({ failed: false });
    expect(await opened.link.submit(order(4))).to.deep.include({ failed: false });
    expect(opened.workers).to.have.length(2);
    expect(opened.events).to.deep.equal(['store became unavailable', 'store recovered']);
    const again = await opened.link.submit(order(1));
    expect(again.kept).to.include({ outcome: 'replayed' });
  });

  it('rejects with store-unavailable while no writer can be started, and says so once', async () => {
    await using opened = await openLink();
    opened.breakStart(new Error('no such disk'));
    await opened.workers[0]?.terminate();
    for (const index of [1, 2, 3]) {
      const error = await failureOf(opened.link.submit(order(index)));
      expect(error).to.be.instanceOf(Refusal).and.include({ code: 'store-unavailable' });
    }
    expect(opened.events).to.deep.equal(['store became unavailable']);
  });

  it('rejects what cannot cross to the writer, and goes on', async () => {
    await using opened = await openLink();
    const uncloneable = { ...arrival(), findings: (() => 'a bug') as unknown as string };
    const error = await failureOf(opened.link.submit({ kind: 'order', arrival: uncloneable }));
    expect(error).to.be.instanceOf(Refusal).and.include({ code: 'store-unavailable' });
    expect(await opened.link.submit(order(1))).to.deep.include({ failed: false });
  });

  it('leaves it to whoever offers evidence to tell that it was not kept, and why', async () => {
    await using opened = await openLink();
    const refused = [refusedHandshake({ protocol: null as unknown as string })];
    const error = await failureOf(opened.link.submit({ kind: 'evidence', evidence: { uses: [], refused } }));
    expect(error).to.be.instanceOf(Refusal).and.include({ code: 'store-unavailable' });
    expect(String(error)).to.include('constraint');
    expect(opened.events).to.deep.equal([]);
  });

  it('fails to open when the first writer cannot be started', async () => {
    const start = () => Promise.reject(new Error('no such disk'));
    expect(String(await failureOf(openWriterLink({ start, log: undefined })))).to.include('no such disk');
  });

  it('can be disposed twice, and also after its writer crashed', async () => {
    const opened = await openLink();
    await opened.workers[0]?.terminate();
    await opened.link[Symbol.asyncDispose]();
    await opened[Symbol.asyncDispose]();
    expect(await failureOf(opened.link.submit(order(1)))).to.be.instanceOf(Refusal);
  });
});
