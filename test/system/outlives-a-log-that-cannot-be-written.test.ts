import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createBuyer } from '../support/buyer.ts';
import { needs } from '../support/needs.ts';
import { sampleDocument } from '../support/orders.ts';
import { COUPA_NAME, prepareWorkplace, type Workplace } from '../support/receiver.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Starts the program with its log going to `stdout`; where it listens, it tells people on standard error. */
async function serveWithLogTo(stdout: number | 'pipe', { configFile }: Workplace) {
  const child = spawn(process.execPath, [MAIN, 'serve', '-c', configFile], {
    env: { ...process.env, SALLYPORT_UNSAFE_TESTS: '1', NO_COLOR: '1' },
    stdio: ['ignore', stdout, 'pipe'],
  });
  const ended = once(child, 'exit');
  const { promise: listening, resolve, reject } = Promise.withResolvers<{ url: string; admin: string }>();
  let told = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    told += chunk.toString('utf8');
    const url = /https:\/\/\S+/.exec(told)?.[0];
    const admin = /http:\/\/[0-9.:]+/.exec(told)?.[0];
    if (url !== undefined && admin !== undefined) resolve({ url, admin });
  });
  child.once('exit', () => reject(new Error(`it did not start: ${told}`)));
  return {
    ...(await listening),
    stopReading: () => child.stderr?.destroy(),
    stop: async (): Promise<number | null> => {
      child.kill('SIGTERM');
      await ended;
      return child.exitCode;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

describe('a receiver whose log cannot be written', function () {
  this.timeout(60_000);

  it('keeps orders while the disk of its log is full, and stops when told to', async function () {
    needs(this, existsSync('/dev/full'), 'the device /dev/full');
    await using place = await prepareWorkplace();
    await using receiver = await serveWithLogTo(openSync('/dev/full', 'w'), place);
    using buyer = buyerFor(place, receiver.url);
    for (const orderId of ['1', '2', '3']) {
      expect((await buyer.post(sampleDocument({ orderId }))).code).to.equal(200);
    }
    expect((await fetch(`${receiver.admin}/livez`)).status).to.equal(200);
    expect(await receiver.stop()).to.equal(0);
  });

  it('keeps orders while nobody reads its log, and stops when told to', async () => {
    await using place = await prepareWorkplace();
    await using receiver = await serveWithLogTo('pipe', place);
    using buyer = buyerFor(place, receiver.url);
    // A line of each is some 400 bytes; a pipe takes 64 KiB before it is full.
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) => buyer.post(sampleDocument({ orderId: `${index}` }))),
    );
    expect(new Set(answers.map(({ code }) => code))).to.deep.equal(new Set([200]));
    expect(await receiver.stop()).to.equal(0);
  });

  it('stops in order when nobody reads what it tells people', async () => {
    await using place = await prepareWorkplace();
    await using receiver = await serveWithLogTo('pipe', place);
    receiver.stopReading();
    expect(await receiver.stop()).to.equal(0);
  });
});

function buyerFor({ pki }: Workplace, url: string) {
  return createBuyer({ url, ca: pki.server.cert, ...pki.client(COUPA_NAME) });
}
