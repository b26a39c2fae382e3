/** The steps of a rotation on a running receiver, asked for wrongly, all at once, or by whoever may not: trust stays right. */
import { readFile, writeFile } from 'node:fs/promises';
import { type ClientRequest, request } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { readControlFile } from '../../src/admin/control-token.ts';
import { verifyJournal } from '../../src/rotation/read-journal.ts';
import { RotationError } from '../../src/rotation/rotation.ts';
import { der } from '../support/crl.ts';
import { sampleDocument } from '../support/orders.ts';
import { startTestReceiver, type TestReceiver } from '../support/receiver.ts';

const ANNA = { by: 'anna@host', reason: 'a test' };

const stateOf = ({ folder }: TestReceiver): string => join(folder, 'data', 'trust');

async function tokenOf(receiver: TestReceiver): Promise<string> {
  return (await readControlFile(stateOf(receiver)))?.token ?? '';
}

interface Sending {
  readonly sent: ClientRequest;
  /** The status; undefined when the connection was cut first. */
  readonly status: Promise<number | undefined>;
}

/** Not `fetch`: that names itself as a browser does. */
function open({ adminUrl }: TestReceiver, step: string, token: string): Sending {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const sent = request(`${adminUrl}/control/trust/${step}`, { method: 'POST', agent: false, headers });
  const { promise: status, resolve } = Promise.withResolvers<number | undefined>();
  sent.once('response', (response) => resolve(response.resume().statusCode));
  sent.on('error', () => resolve(undefined));
  return { sent, status };
}

async function ask(receiver: TestReceiver, step: string, token: string, body: string) {
  const { sent, status } = open(receiver, step, token);
  sent.end(body);
  return await status;
}

async function expectSound(receiver: TestReceiver, state = stateOf(receiver)): Promise<void> {
  const verdict = verifyJournal(await readFile(join(state, 'journal.jsonl')));
  expect(verdict.problems).to.deep.equal([]);
  using buyer = receiver.buyer();
  expect(await buyer.post(sampleDocument({ orderId: 'still' }))).to.include({ code: 200 });
}

/** As a person would: again, while another is at it. */
async function patiently<T>(step: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await step();
    } catch (error) {
      if (tries === 200 || !(error as Error).message.includes('another command')) throw error;
      await new Promise(setImmediate);
    }
  }
}

describe('the control port of a running receiver', function () {
  this.timeout(120_000);

  it('takes the steps of many commands one by one, and each is whole in the journal', async () => {
    await using receiver = await startTestReceiver();
    const { rotation, pki } = receiver;
    const file = { file: 'new.pem', bytes: Buffer.from(pki.sibling.pem) };
    const all = await Promise.allSettled([
      ...Array.from({ length: 6 }, () => rotation.stage(file, ANNA)),
      ...Array.from({ length: 6 }, () => rotation.promote({ pins: [], force: true }, ANNA)),
      ...Array.from({ length: 6 }, () => rotation.rollback({}, ANNA)),
      ...Array.from({ length: 6 }, (_, index) => rotation.distrust({ serial: `0abc0${index}` }, ANNA)),
      ...Array.from({ length: 6 }, () => rotation.unstage({ pins: [] }, ANNA)),
    ]);
    for (const each of all) {
      if (each.status === 'rejected') expect(each.reason).to.be.instanceOf(RotationError);
    }
    const shown = await rotation.show();
    expect(shown.distrusted).to.have.length(6);
    expect(shown.journal.intact).to.equal(true);
    await expectSound(receiver);
  });

  it('of two receivers beside one folder lets one at a time change trust, and both end with the same', async () => {
    await using one = await startTestReceiver();
    const trust = { bundle: join(one.folder, 'bundle.pem'), state: stateOf(one) };
    await using other = await startTestReceiver({ trust });
    const file = { file: 'new.pem', bytes: Buffer.from(one.pki.sibling.pem) };
    await patiently(() => one.rotation.stage(file, ANNA));
    const both = await Promise.allSettled(
      [one, other, one, other].map((each) => each.rotation.promote({ pins: [], force: true }, ANNA)),
    );
    expect(both.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    // The other takes the files before its next step.
    await patiently(() => other.rotation.distrust({ serial: '0abcdef0' }, ANNA));
    await patiently(() => one.rotation.distrust({ serial: '0abcdef1' }, ANNA));
    const [here, there] = [await one.rotation.show(), await other.rotation.show()];
    expect(here.fingerprint).to.equal(there.fingerprint);
    expect(here.journal).to.include({ intact: true });
    await expectSound(one);
  });

  it('knows no token but its own', async () => {
    await using receiver = await startTestReceiver();
    await using another = await startTestReceiver();
    const token = await tokenOf(receiver);
    expect(await ask(receiver, 'show', token, '{}')).to.equal(200);
    for (const wrong of [await tokenOf(another), token.toLowerCase(), `${token}A`, token.slice(1), 'x']) {
      expect(await ask(receiver, 'show', wrong, '{}'), wrong).to.equal(401);
    }
    expect(JSON.stringify(receiver.logged)).not.to.include(token);
    expect(await (await fetch(`${receiver.adminUrl}/metrics`)).text()).not.to.include(token);
  });

  it('reads nothing from whoever has no token, and no more than it must of the rest', async () => {
    await using receiver = await startTestReceiver();
    const before = process.memoryUsage().rss;
    const pour = async (token: string): Promise<number | undefined> => {
      const { sent, status } = open(receiver, 'stage', token);
      let isOver = false;
      void status.then(() => {
        isOver = true;
      });
      const chunk = Buffer.alloc(1_000_000, '{');
      for (let count = 0; count < 200 && !isOver; count += 1) {
        if (!sent.write(chunk)) await new Promise(setImmediate);
      }
      sent.end();
      return await status;
    };
    expect(await pour('none')).to.be.oneOf([401, undefined]);
    expect(await pour(await tokenOf(receiver))).to.be.oneOf([413, undefined]);
    expect(process.memoryUsage().rss - before).to.be.below(150_000_000);
    await expectSound(receiver);
  });

  it('is not thrown by JSON that is deep, odd, or named like what objects have by themselves', async () => {
    await using receiver = await startTestReceiver();
    const token = await tokenOf(receiver);
    const bodies = [
      '['.repeat(1_900_000),
      `{"by":${'['.repeat(900_000)}${']'.repeat(900_000)},"reason":null,"pins":[]}`,
      `${'{"pins":'.repeat(200_000)}1${'}'.repeat(200_000)}`,
      '{"__proto__":{"pins":[]},"by":"a","reason":null}',
      '{"constructor":1}',
      '{"pins":{"length":1},"by":"a","reason":null}',
      '{"pins":["__proto__"],"by":"a","reason":null,"toString":1}',
      '\u0000',
    ];
    for (const body of bodies) expect(await ask(receiver, 'unstage', token, body)).to.equal(400);
    for (const step of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '%00', '..%2fshow']) {
      expect(await ask(receiver, step, token, '{}'), step).to.be.oneOf([400, 404]);
    }
    await expectSound(receiver);
  });

  it('takes no step while the files of the bundle are broken, and distrusts all the same once they are mended', async () => {
    await using receiver = await startTestReceiver();
    const { rotation, folder, pki } = receiver;
    const bundle = join(folder, 'bundle.pem');
    const sound = await readFile(bundle);
    await writeFile(bundle, sound.subarray(0, sound.length / 2));
    const file = { file: 'new.pem', bytes: Buffer.from(pki.sibling.pem) };
    const refused = await rotation.stage(file, ANNA).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(RotationError);
    expect((await readFile(bundle)).length).to.equal(Math.floor(sound.length / 2));
    await writeFile(bundle, sound);
    await rotation.stage(file, ANNA);
    await expectSound(receiver);
  });

  it('lets orders through while the files that somebody was sent are opened', async () => {
    await using receiver = await startTestReceiver();
    using buyer = receiver.buyer();
    const { rotation, pki } = receiver;
    let deep: Buffer = Buffer.alloc(0);
    for (let level = 0; level < 2_000; level += 1) deep = der(0x30, deep);
    const hostile: readonly Buffer[] = [
      deep,
      Buffer.alloc(1_000_000, 0x30),
      Buffer.concat([Buffer.of(0x30, 0x80), Buffer.alloc(900_000, Buffer.of(0x30, 0x80))]),
      Buffer.from(pki.sibling.pem.repeat(600)),
      Buffer.from(`-----BEGIN CERTIFICATE-----\n${'A'.repeat(1_000_000)}`),
      Buffer.from('-----BEGIN '.repeat(90_000)),
      Buffer.from('\n'.repeat(1_048_000)),
    ];
    const waits: number[] = [];
    let isOver = false;
    const posting = (async () => {
      for (let number = 0; !isOver; number += 1) {
        const startedAt = performance.now();
        expect(await buyer.post(sampleDocument({ orderId: `P${number}` }))).to.include({ code: 200 });
        waits.push(performance.now() - startedAt);
      }
    })();
    for (const bytes of hostile) {
      const outcome = await rotation.stage({ file: 'x', bytes }, ANNA).catch((error: unknown) => error);
      expect(outcome).to.be.instanceOf(RotationError);
    }
    isOver = true;
    await posting;
    waits.sort((one, other) => one - other);
    expect(waits.at(-1)).to.be.below(1_500);
    await expectSound(receiver);
  });
});
