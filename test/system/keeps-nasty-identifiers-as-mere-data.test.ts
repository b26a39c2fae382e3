/**
 * Identifiers that are paths, HTML, escape sequences, formulas, lines or names of JavaScript: kept byte for byte, and
 * harmless wherever they are shown. The real program, its real output.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { type Answer, type Buyer, createBuyer } from '../support/buyer.ts';
import { sampleDocument } from '../support/orders.ts';
import { COUPA_NAME, prepareWorkplace, type Workplace } from '../support/receiver.ts';
import { type Finished, runSallyport, startSallyport, waitForOutput } from '../support/sallyport.ts';

const LONG = 'x'.repeat(10_000);
/** ESC is no character of XML; its C1 form is, and does the same on some terminals. */
const NASTY = [
  '../../etc/passwd',
  '<script>alert(1)</script>',
  '\u009b31mred\u009b2J',
  "=cmd|'/C calc'!A1",
  'one\ntwo\r\n{"level":"fatal"}\tthree',
  '__proto__',
  'constructor',
  '\u202egnp.exe',
  '$(reboot)`reboot`; -rf "/"',
  'a\u2028b\u0085c\u200b\ufeffd',
  '%s%n%x',
  LONG,
] as const;
/** All of them at once, the long one aside. */
const WORST = NASTY.slice(0, -1).join(' ');

/** As an attribute or a text that is read back exactly: line ends and controls by reference. */
const written = (text: string): string =>
  text.replace(/[<>&"'\t\n\r\u0080-\u009f\u2028]/g, (each) => `&#${each.charCodeAt(0)};`);

/** Every identifier, name and text of the sample is replaced by the worst. */
function nastyDocument(orderId: string, payloadId: string, quantity = '1'): string {
  const [prologue = '', body = ''] = sampleDocument({
    orderId: '@ORDER@',
    payloadId: '@PAYLOAD@',
    quantity,
  }).split(/(?=<cXML )/);
  const nasty = body
    .replace(
      /(addressID|name|domain|isoCountryCode|role|type|id)="(?!new)[^"]*"/g,
      (_, name) => `${name}="${written(WORST)}"`,
    )
    .replace(/>([^<>@]*[A-Za-z][^<>@]*)</g, () => `>${written(WORST)}<`)
    .replace('@ORDER@', written(orderId))
    .replace('@PAYLOAD@', written(payloadId));
  return prologue + nasty;
}

describe('a receiver that is sent nasty identifiers', () => {
  let workplace: Workplace;
  let child: ChildProcess;
  let adminUrl = '';
  let buyer: Buyer;
  let log = '';
  const answers: Answer[] = [];

  before(async function () {
    this.timeout(60_000);
    workplace = await prepareWorkplace();
    child = startSallyport(['serve', '-c', workplace.configFile], {
      env: { SALLYPORT_UNSAFE_TESTS: '1' },
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      log += chunk.toString('utf8');
    });
    const started = await waitForOutput(child, /"adminUrl":"[^"]*"/);
    const [, url = ''] = /"url":"(https:[^"]*)"/.exec(started) ?? [];
    adminUrl = /"adminUrl":"([^"]*)"/.exec(started)?.[1] ?? '';
    const { pki } = workplace;
    buyer = createBuyer({ url, ca: pki.server.cert, ...pki.client(COUPA_NAME) });
    const agent = { 'user-agent': '../x\u009b31m<b>', 'x-nasty': '=1+1' };
    for (const each of [...NASTY, WORST])
      answers.push(await buyer.post(nastyDocument(each, `p ${each}`), agent));
    // Refused: the same payloadID with other content, a nasty root, and an update of nothing that names a nasty order.
    answers.push(await buyer.post(nastyDocument(WORST, `p ${WORST}`, '2')));
    answers.push(await buyer.post(`<__proto__ a="${written(WORST)}"/>`));
  });
  after(async () => {
    buyer[Symbol.dispose]();
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    await workplace[Symbol.asyncDispose]();
  });

  const run = (...args: readonly string[]): Promise<Finished> =>
    runSallyport([...args, '-c', workplace.configFile], { env: { SALLYPORT_UNSAFE_TESTS: '1' } });

  /** Nothing that a terminal acts on, and no line that the document began. */
  function expectHarmless(text: string, what: string): void {
    expect(text.replaceAll('\n', ''), what).not.to.match(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    expect(text, what).not.to.match(/^(two|three|\{"level":"fatal"\})/m);
  }

  it('answers each: kept, or refused for what it is', () => {
    const codes = answers.map(({ code }) => code);
    expect(codes).to.deep.equal([...NASTY.map(() => 200), 200, 409, 406]);
    for (const { headers, body } of answers) {
      expectHarmless(JSON.stringify(headers), 'headers');
      expect(JSON.stringify(headers)).not.to.match(/passwd|script|calc/);
      expect(body.toString('utf8')).not.to.match(/<script>|\u009b|\u202e/);
    }
  });

  it('gives every orderID back as it was sent, and its bytes', async function () {
    this.timeout(60_000);
    const { code, stdout } = await run('orders', 'list', '--json');
    expect(code).to.equal(0);
    const kept: { orderId: string }[] = JSON.parse(stdout);
    expect(kept.map(({ orderId }) => orderId)).to.have.members([...NASTY, WORST]);
    for (const id of ['__proto__', '../../etc/passwd']) {
      const raw = await run('orders', 'raw', id);
      expect(raw.stdout, id).to.equal(nastyDocument(id, `p ${id}`));
    }
  });

  it('shows them without harm', async () => {
    for (const args of [
      ['orders', 'list'],
      ['orders', 'list', '--json'],
      ['orders', 'show', WORST],
      ['orders', 'show', '__proto__'],
      ['orders', 'show', LONG],
      ['refused', 'list'],
      ['refused', 'list', '--json'],
    ]) {
      const { code, stdout, stderr } = await run(...args);
      expect([code, stderr], args.join(' ').slice(0, 40)).to.deep.equal([0, '']);
      expectHarmless(stdout, args.join(' ').slice(0, 40));
      if (!args.includes('--json')) {
        expect(Math.max(...stdout.split('\n').map(({ length }) => length))).to.be.lessThan(600);
      }
    }
  });

  it('keeps every value exactly in the JSON of the order', async () => {
    const { code, stdout } = await run('orders', 'show', WORST, '--json');
    expect(code).to.equal(0);
    expectHarmless(stdout, 'orders show --json');
    const order = JSON.parse(stdout);
    expect(order.purchaseOrderNumber).to.equal(WORST);
    expect(order.source.payloadId).to.equal(`p ${WORST}`);
    expect([order.lines[0].supplierPartId, order.lines[0].description]).to.deep.equal([WORST, WORST]);
    expect(order.buyer.identifiers[0]).to.include({ domain: WORST });
    expect(order.extrinsics[0]).to.include({ name: WORST });
  });

  it('checks such a document without harm', async () => {
    const file = `${workplace.folder}/nasty.xml`;
    await writeFile(file, nastyDocument(WORST, `p ${WORST}`));
    for (const args of [
      ['check', file],
      ['check', '--json', file],
    ]) {
      const { stdout } = await runSallyport(args);
      expectHarmless(stdout, args.join(' '));
    }
    await rm(file);
  });

  it('logs one JSON object a line, with no raw control character in it', () => {
    const lines = log.trimEnd().split('\n');
    expect(lines.length).to.be.greaterThan(answers.length);
    for (const line of lines) {
      expectHarmless(line, 'a log line');
      expect(JSON.parse(line)).to.include.keys('level', 'msg');
      expect(JSON.parse(line).level).not.to.equal('fatal');
      expect(line.length).to.be.lessThan(20_000);
    }
  });

  it('counts them under labels of its own', async () => {
    const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
    expectHarmless(metrics, '/metrics');
    expect(metrics).not.to.match(/passwd|<script|alert|__proto__|xxxx/);
    for (const line of metrics.trimEnd().split('\n')) {
      expect(line).to.match(/^(|#.*|[a-z_0-9]+(\{[^{}]*\})? [-+.0-9eNaInf]+)$/);
    }
  });

  it('names no file after them', async () => {
    const names = await readdir(workplace.folder, { recursive: true });
    expect(names.filter((name) => /passwd|script|proto|calc|xxxx/.test(name))).to.deep.equal([]);
  });
});
