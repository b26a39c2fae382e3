import { join } from 'node:path';
import { expect } from 'chai';
import { showRefused } from '../../src/cli/refused-show.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { openStore } from '../../src/store/open-store.ts';
import { refused } from '../store/arrivals.ts';
import { sampleDocument } from '../support/orders.ts';
import { startTestReceiver, type TestReceiver } from '../support/receiver.ts';
import { runSallyport } from '../support/sallyport.ts';

const UNSAFE = { SALLYPORT_UNSAFE_TESTS: '1' };
const MALFORMED = 1;

describe('sallyport refused show', () => {
  let receiver: TestReceiver;
  let conflict: number;
  let internal: number;
  let foreign: number;
  let withFile: number;
  const receivedAt = new Date('2026-11-20T09:00:00Z');
  const again = new Date('2026-11-20T10:01:00Z');
  before(async () => {
    receiver = await startTestReceiver();
    using buyer = receiver.buyer();
    for (let times = 0; times < 2; times += 1)
      await buyer.post(sampleDocument({ orderId: '1', payloadId: 'one' }).replace('</Total>', ''));
    await buyer.post(sampleDocument({ orderId: '2\u202e', payloadId: 'two' }));
    await buyer.post(sampleDocument({ orderId: '2\u202e', payloadId: 'two', quantity: '99' }));
    const url = `sqlite:${join(receiver.folder, 'bugs', 'orders.db')}`;
    const parts = ['text/xml\r\n\r\n<cXML>', 'application/pdf\r\nContent-ID: <plan>\r\n\r\n%PDF-1.7 a plan'];
    await buyer.post(`${parts.map((part) => `--b\r\nContent-Type: ${part}\r\n`).join('')}--b--\r\n`, {
      'content-type': 'multipart/related; boundary=b; type="text/xml"',
    });
    await using store = await openStore({
      url,
      refused_max_count: 10,
      refused_max_bytes: 1_000_000,
      min_free_bytes: 1,
    });
    for (const at of [receivedAt, again]) {
      const text = 'The receiver failed on this message.';
      await store.keepRefused(refused({ code: 'internal', text, orderId: '4711', receivedAt: at }));
    }
    await store.keepRefused(refused({ code: 'of-a-later-version', text: 'Something else.' }));
    const held = JSON.parse((await run('list', '--json')).stdout) as { id: number; code: string }[];
    conflict = held.find(({ code }) => code === 'payload-conflict')?.id ?? 0;
    const [later, bug] = await store.listRefused();
    [foreign, internal] = [later?.id ?? 0, bug?.id ?? 0];
    withFile = Math.max(...held.filter(({ code }) => code === 'xml-malformed').map(({ id }) => id));
  });
  after(() => receiver[Symbol.asyncDispose]());

  const run = (...args: readonly string[]) =>
    runSallyport(['refused', ...args, '-c', join(receiver.folder, 'sallyport.yaml')], { env: UNSAFE });

  /** With a store of its own, at a time of its own. */
  async function showBug(id: number, now: Date, json = false): Promise<string> {
    await receiver.configure({ store: { url: 'sqlite:bugs/orders.db' } });
    try {
      const printed: string[] = [];
      const terminal = createTerminal({
        out: { write: (text) => printed.push(String(text)) },
        err: { write: (text) => printed.push(String(text)) },
        env: {},
        now: () => 0,
      });
      const config = join(receiver.folder, 'sallyport.yaml');
      const surroundings = { terminal, env: { ...process.env, ...UNSAFE }, now: () => now };
      expect(await showRefused(id, { config, json }, surroundings)).to.equal(0);
      return printed.join('');
    } finally {
      await receiver.configure({});
    }
  }

  it('tells what came and how often, why and where, what the buyer sees, and what to write', async () => {
    const { code, stdout } = await run('show', String(MALFORMED));
    expect(code).to.equal(0);
    for (const part of [
      /✖ a message was refused: xml-malformed/,
      /when +\S+ \S+ to \S+ \S+, 2 times/,
      /from +cxml-supplier\.coupahost\.com, 127\.0\.0\.1/,
      /buyer +not known/,
      /order +1, by its looks/,
      /reason +The document is not well-formed XML/,
      /where +line \d+, column \d+/,
      /What the sender was told\n {2}HTTP 200, Status 406 Not Acceptable/,
      /What Coupa does\n {2}never repeats a 4xx; the order shows Transmission Failure/,
      /page +https:\/\/<instance>\/cxml_request_monitors\/cxml_request_po/,
      /A text for them\nSubject: Purchase order 1 could not be taken\n\nHello,/,
    ]) {
      expect(stdout).to.match(part);
    }
  });

  it('repeats to the person what the sender was told of a conflict, and what it was compared with', async () => {
    const { stdout } = await run('show', String(conflict));
    expect(stdout).to.match(/reason +The payloadID was received before with other content: order 2/);
    expect(stdout).to.contain('payloadID "two" was sent before with other content');
    expect(stdout).to.match(/HTTP 200, Status 409 Conflict/);
    expect(stdout).to.match(/where +cXML\/@payloadID/);
    expect(stdout).not.to.contain('\u202e');
  });

  it('names the files that came with it', async () => {
    expect((await run('show', String(withFile))).stdout).to.match(
      /file +\d+ {2}plan, application\/pdf, 15 B/,
    );
  });

  it('answers as the buyer wants refusals to be told', async () => {
    await receiver.configure({ answers: 'mirror' });
    const { stdout } = await run('show', String(MALFORMED));
    await receiver.configure({});
    expect(stdout).to.match(/HTTP 406, Status 406 Not Acceptable/);
    expect(stdout).to.match(/probably reports the HTTP code without our text/);
  });

  it('counts the attempts at what the sender repeats, until they are over', async () => {
    const during = await showBug(internal, new Date('2026-11-20T10:30:00Z'));
    expect(during).to.match(
      /attempt 2 of 6; next about 2026-11-20 11:00:00Z, final about 2026-11-20 14:00:00Z/,
    );
    const after = await showBug(internal, new Date('2026-11-20T15:30:00Z'));
    expect(after).to.match(/the last attempt was due about 2026-11-20 14:00:00Z/);
    expect(after).to.contain('has stopped sending it by itself');
  });

  it('prints all of it as JSON', async () => {
    const shown = JSON.parse(await showBug(internal, again, true));
    expect(shown).to.include({ id: internal, code: 'internal', times: 2, orderId: '4711' });
    expect(shown).to.deep.include({ attachments: [], keptSince: null });
    expect(shown.buyersEye.senderWasTold).to.include({ http: 500, code: 500 });
    expect(shown.buyersEye.coupaDoes.attempt).to.include({ number: 2, of: 6 });
    expect(shown.buyersEye.paragraph).to.match(/^Subject: Purchase order 4711/);
  });

  it('shows what another version wrote, without an eye for it', async () => {
    const shown = await showBug(foreign, again);
    expect(shown).to.match(/refused: of-a-later-version/);
    expect(shown).not.to.contain('What Coupa does');
  });

  it('says when the order was taken later', async () => {
    using buyer = receiver.buyer();
    await buyer.post(sampleDocument({ orderId: '2\u202e', payloadId: 'three', quantity: '100' }));
    expect((await run('show', String(conflict))).stdout).to.match(/✔ the order was taken later: revision 2/);
  });

  it('says when there is none of that number', async () => {
    const { code, stderr } = await run('show', '4711');
    expect(code).to.equal(1);
    expect(stderr).to.include('no refused message 4711');
  });
});
