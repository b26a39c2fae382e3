/** Orders with attachments, over real mutual TLS: 200 only once every file is on disk, and each is found again, whole. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { StoreReader } from '../../src/store/sqlite-reader.ts';
import { startTestReceiver, type TestReceiver } from '../support/receiver.ts';
import { runSallyport } from '../support/sallyport.ts';

const PDF = Buffer.from('%PDF-1.7\n%âãÏÓ\nnot a real one', 'latin1');
const TYPE = 'multipart/related; boundary="=_frontier"; type="text/xml"; start="<order@buyer.example>"';

function order(orderId: string, payload: string, urls: readonly string[]): string {
  const party = (name: string, more = '') =>
    `<${name}><Credential domain="DUNS"><Identity>1</Identity></Credential>${more}</${name}>`;
  const files = urls
    .map((url) => `<Attachment visibility="internal"><URL>${url}</URL></Attachment>`)
    .join('');
  return (
    `<?xml version="1.0"?><cXML payloadID="${payload}@buyer.example" timestamp="2026-11-20T09:14:50+00:00"><Header>` +
    `${party('From')}${party('To')}${party('Sender', '<UserAgent>test</UserAgent>')}</Header><Request><OrderRequest>` +
    `<OrderRequestHeader orderID="${orderId}" orderDate="2026-11-20T09:14:50+00:00" type="new"><Total>` +
    `<Money currency="SEK">1</Money></Total><Comments>see ${files}</Comments></OrderRequestHeader>` +
    '</OrderRequest></Request></cXML>'
  );
}

function message(
  document: string,
  files: readonly (readonly [id: string, name: string, bytes: Buffer])[],
): Buffer {
  const parts = [
    `Content-Type: text/xml; charset=utf-8\r\nContent-ID: <order@buyer.example>\r\n\r\n${document}`,
    ...files.map(
      ([id, name, bytes]) =>
        `Content-Type: application/pdf\r\nContent-ID: <${id}>\r\nContent-Disposition: attachment; filename="${name}"\r\n` +
        `Content-Transfer-Encoding: base64\r\n\r\n${bytes.toString('base64').replaceAll(/(.{76})/g, '$1\r\n')}`,
    ),
  ];
  return Buffer.from(`${parts.map((part) => `--=_frontier\r\n${part}\r\n`).join('')}--=_frontier--\r\n`);
}

describe('the receiver keeps the files that come with an order', () => {
  let receiver: TestReceiver;
  before(async () => {
    receiver = await startTestReceiver();
  });
  after(() => receiver[Symbol.asyncDispose]());

  const post = async (bytes: Buffer) => {
    using buyer = receiver.buyer();
    return await buyer.post(bytes, { 'content-type': TYPE });
  };
  const orders = (...args: readonly string[]) =>
    runSallyport(['orders', ...args, '-c', join(receiver.folder, 'sallyport.yaml')], {
      env: { SALLYPORT_UNSAFE_TESTS: '1' },
    });
  const look = async <T>(use: (store: StoreReader) => Promise<T>): Promise<T> => {
    await using store = await receiver.lookIntoStore();
    return await use(store);
  };
  const spooled = () => readdirSync(join(receiver.folder, 'data', 'sallyport.db.attachments', 'incoming'));

  it('whole, named, and found by the order that refers to them', async () => {
    const large = Buffer.alloc(3_000_000, 'abcdefg');
    const sent = message(order('A-1', 'a1', ['cid:drawing%40buyer.example', 'cid:large']), [
      ['drawing@buyer.example', '../../etc/drawing.pdf', PDF],
      ['large', 'large.bin', large],
    ]);
    expect(await post(sent)).to.include({ http: 200, code: 200 });
    const { stdout } = await orders('show', 'A-1', '--json');
    const { attachments, warnings } = JSON.parse(stdout);
    expect(attachments[0]).to.deep.include({
      fileName: '../../etc/drawing.pdf',
      mediaType: 'application/pdf',
      sniffedType: 'application/pdf',
      contentId: 'drawing@buyer.example',
      size: PDF.length,
      sha256: createHash('sha256').update(PDF).digest('hex'),
    });
    expect(attachments[0].references[0]).to.include({ visibility: 'internal' });
    expect(warnings.filter(({ code }: { code: string }) => code.includes('ATTACHMENT'))).to.deep.equal([]);
    expect((await orders('attachment', String(attachments[0].id))).bytes.equals(PDF)).to.equal(true);
    expect((await orders('attachment', String(attachments[1].id))).bytes.equals(large)).to.equal(true);
    expect((await orders('show', 'A-1')).stdout).to.match(
      /file +\d+ {2}\.\.\/\.\.\/etc\/drawing\.pdf, application\/pdf/,
    );
  });

  it('once, however often the message comes again, and leaves none of them behind', async () => {
    const sent = message(order('A-2', 'a2', ['cid:x']), [['x', 'x.pdf', PDF]]);
    const replies = [await post(sent), await post(sent), await post(sent)];
    expect(new Set(replies.map(({ body }) => body.toString())).size).to.equal(1);
    const [found] = await look((store) => store.findOrders({ orderId: 'A-2' }));
    expect(found?.messages).to.have.length(1);
    expect(found?.messages[0]?.attachments).to.have.length(1);
    expect(spooled()).to.deep.equal([]);
  });

  it('and takes another drawing under the same payloadID for another order', async () => {
    const document = order('A-3', 'a3', ['cid:x']);
    expect(await post(message(document, [['x', 'x.pdf', PDF]]))).to.include({ code: 200 });
    const other = await post(message(document, [['x', 'x.pdf', Buffer.from('%PDF-1.7 another')]]));
    expect(other.code).to.equal(409);
    const [held] = await look((store) => store.listRefused({ limit: 1 }));
    expect(held).to.include({ code: 'payload-conflict', orderId: 'A-3' });
    expect(await look((store) => store.listAttachmentsOfRefused(held?.id ?? 0))).to.have.length(1);
  });

  it('and says which did not come', async () => {
    expect(await post(message(order('A-4', 'a4', ['cid:missing']), []))).to.include({ code: 200 });
    const { stdout } = await orders('show', 'A-4');
    expect(stdout).to.contain('W-ATTACHMENT-001').and.to.contain('cid:missing');
  });

  it('but takes no order that is cut short, and keeps it for a person', async () => {
    const sent = message(order('A-5', 'a5', ['cid:x']), [['x', 'x.pdf', PDF]]);
    const answer = await post(sent.subarray(0, sent.length - 8));
    expect(answer).to.include({ http: 200, code: 406 });
    expect(await look((store) => store.findOrders({ orderId: 'A-5' }))).to.deep.equal([]);
    const [held] = await look((store) => store.listRefused({ limit: 1 }));
    expect(held).to.include({ code: 'multipart-malformed' });
    expect(await look((store) => store.listAttachmentsOfRefused(held?.id ?? 0))).to.have.length(1);
    expect(spooled()).to.deep.equal([]);
  });
});
