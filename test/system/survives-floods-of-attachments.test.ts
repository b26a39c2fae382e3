/** Files without number, end or owner, over real mutual TLS: the disk stays bounded, and what was answered 200 is whole. */
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { sampleDocument } from '../support/orders.ts';
import { startTestReceiver, type TestReceiver } from '../support/receiver.ts';

interface File {
  readonly name: string;
  readonly text: string;
}

function message(document: string, files: readonly File[]): Buffer {
  const parts = [
    `Content-Type: text/xml\r\nContent-ID: <o>\r\n\r\n${document}`,
    ...files.map(
      ({ name, text }) =>
        `Content-Type: text/plain\r\nContent-ID: <${name}>\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\n${text}`,
    ),
  ];
  return Buffer.from(`${parts.map((part) => `--f\r\n${part}\r\n`).join('')}--f--\r\n`);
}

const HEADERS = { 'content-type': 'multipart/related; boundary=f; start="<o>"' };
const order = (orderId: string) => sampleDocument({ orderId, lines: 1 });
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

interface OnDisk {
  readonly names: readonly string[];
  readonly bytes: number;
}

function onDisk({ storePath }: TestReceiver, which: 'kept' | 'incoming'): OnDisk {
  const entries = readdirSync(join(`${storePath}.attachments`, which), {
    recursive: true,
    withFileTypes: true,
  });
  const files = entries.filter((entry) => entry.isFile());
  const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  return { names: files.map(({ name }) => name), bytes };
}

describe('a receiver that is flooded with attachments', function () {
  this.timeout(120_000);

  it('holds no more of what it refused than its bound, though it is one document with ever other files', async () => {
    const bound = 300_000;
    await using receiver = await startTestReceiver({
      store: { url: 'sqlite:data/sallyport.db', refused_max_bytes: bound },
    });
    using buyer = receiver.buyer();
    const taken = message(order('K1'), [{ name: 'a', text: 'shared' }]);
    expect(await buyer.post(taken, HEADERS)).to.include({ code: 200 });
    for (let count = 0; count < 30; count += 1) {
      const files = [
        { name: 'a', text: 'shared' },
        { name: 'b', text: `${count}`.repeat(20_000) },
      ];
      for (const document of ['<cXML><oops>', order('K1')]) {
        const { code } = await buyer.post(message(document, files), HEADERS);
        expect(code).to.be.oneOf([406, 409]);
      }
      expect(onDisk(receiver, 'kept').bytes).to.be.below(bound + 100_000);
    }
    expect(onDisk(receiver, 'kept').names).to.include(digestOf('shared'));
    expect(onDisk(receiver, 'incoming').names).to.deep.equal([]);
    expect(await buyer.post(taken, HEADERS)).to.include({ code: 200 });
  });

  it('keeps one file under fifty orders that come while messages that name it are dropped', async () => {
    await using receiver = await startTestReceiver({
      store: { url: 'sqlite:data/sallyport.db', refused_max_count: 1 },
    });
    using buyer = receiver.buyer({ connections: 20 });
    const files = [{ name: 'drawing', text: 'of all' }];
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => {
        const document = index % 2 === 0 ? order(`S${index}`) : `<cXML n="${index}"><oops>`;
        return buyer.post(message(document, files), HEADERS);
      }),
    );
    expect(answers.filter(({ code }) => code === 200)).to.have.length(50);
    await buyer.post('<cXML><another>');
    expect(onDisk(receiver, 'kept').names).to.deep.equal([digestOf('of all')]);
    expect(onDisk(receiver, 'incoming').names).to.deep.equal([]);
  });

  it('takes files in another order and by other names for the same message, and one file twice for another', async () => {
    await using receiver = await startTestReceiver();
    using buyer = receiver.buyer();
    const [a, b] = [
      { name: 'a', text: 'one' },
      { name: 'b', text: 'two' },
    ] as const;
    const first = await buyer.post(message(order('I1'), [a, b]), HEADERS);
    const again = await Promise.all([
      buyer.post(message(order('I1'), [b, a]), HEADERS),
      buyer.post(
        message(order('I1'), [
          { ...a, name: 'x' },
          { ...b, name: 'y' },
        ]),
        HEADERS,
      ),
    ]);
    for (const { body } of again) expect(body.equals(first.body)).to.equal(true);
    expect(await buyer.post(message(order('I1'), [a, b, b]), HEADERS)).to.include({ code: 409 });
    expect(await buyer.post(message(order('I1'), [a]), HEADERS)).to.include({ code: 409 });
    await using store = await receiver.lookIntoStore();
    const [found] = await store.findOrders({ orderId: 'I1' });
    expect(found?.messages).to.have.length(1);
  });

  it('answers a replay that comes while the first is still being kept as the first was answered', async () => {
    await using receiver = await startTestReceiver();
    using buyer = receiver.buyer({ connections: 20 });
    const sent = message(order('R1'), [{ name: 'a', text: 'r'.repeat(200_000) }]);
    const answers = await Promise.all(Array.from({ length: 20 }, () => buyer.post(sent, HEADERS)));
    expect(new Set(answers.map(({ body }) => body.toString())).size).to.equal(1);
    expect(answers[0]).to.include({ code: 200 });
    expect(onDisk(receiver, 'kept').names).to.have.length(1);
  });

  it('serves the many that fit and puts off the rest when three hundred come at once, and forgets none of the room', async () => {
    await using receiver = await startTestReceiver({ limits: { spooled_bytes: 2_000_000 } });
    using buyer = receiver.buyer({ connections: 100 });
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) => {
        const files = [{ name: 'a', text: `${index}.`.padEnd(200_000, 'z') }];
        return buyer.post(message(order(`M${index}`), files), HEADERS);
      }),
    );
    for (const { code } of answers) expect(code).to.be.oneOf([200, 560]);
    expect(answers.some(({ code }) => code === 200)).to.equal(true);
    const large = message(order('M-large'), [{ name: 'a', text: 'l'.repeat(1_900_000) }]);
    expect(await buyer.post(large, HEADERS)).to.include({ code: 200 });
    expect(onDisk(receiver, 'incoming').names).to.deep.equal([]);
    expect(onDisk(receiver, 'kept').names).to.have.length(
      answers.filter(({ code }) => code === 200).length + 1,
    );
  });

  it('puts orders with files off while their folder is gone, takes others, and goes on when it is back', async () => {
    await using receiver = await startTestReceiver();
    using buyer = receiver.buyer();
    const folder = `${receiver.storePath}.attachments`;
    const sent = message(order('V1'), [{ name: 'a', text: 'one' }]);
    await rename(folder, `${folder}.away`);
    expect(await buyer.post(sent, HEADERS)).to.include({ http: 503, code: 560 });
    expect(await buyer.post(order('V2'))).to.include({ code: 200 });
    const [line] = await receiver.told('request refused');
    expect(JSON.stringify(line)).to.include('store-unavailable').and.to.include('ENOENT');
    await rename(`${folder}.away`, folder);
    expect(await buyer.post(sent, HEADERS)).to.include({ http: 200, code: 200 });
    expect(onDisk(receiver, 'kept').names).to.deep.equal([digestOf('one')]);
  });
});
