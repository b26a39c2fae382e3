import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { createSampleOrder } from '../../src/cli/sample-order.ts';
import { SCHEMA_VERSION } from '../../src/cxml/order.ts';
import { writeOrder } from '../../src/cxml/write-order.ts';
import { createFolder, runSallyport } from '../support/sallyport.ts';

const ORDER = writeOrder(
  createSampleOrder({
    orderId: '4711',
    type: 'new',
    at: new Date('2026-11-20T09:14:50Z'),
    from: { domain: 'DUNS', identity: '128293714' },
    to: { domain: 'NetworkID', identity: 'SUPPLIER-1' },
    secret: 'very-secret',
  }),
);

describe('sallyport check', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  beforeEach(async () => {
    folder = await createFolder();
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  async function write(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(folder.file(name), content);
    return folder.file(name);
  }

  it('says that a good order would be kept', async () => {
    const file = await write('order.xml', ORDER);
    const { code, stdout, stderr } = await runSallyport(['check', file]);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.include('✔ kept').and.to.include('PO 4711, new, 3 lines, 2015.0 SEK');
  });

  it('prints the order as it was read, and what ties it to the bytes', async () => {
    const file = await write('order.xml', ORDER);
    const { code, stdout } = await runSallyport(['check', '--json', file]);
    expect(code).to.equal(0);
    const order = JSON.parse(stdout);
    expect(order).to.deep.include({
      schemaVersion: SCHEMA_VERSION,
      purchaseOrderNumber: '4711',
      operation: 'new',
      environment: 'production',
      orderDate: '2026-11-20T09:14:50+00:00',
      total: { amount: '2015.0', currency: 'SEK' },
      warnings: [],
    });
    expect(order.lines[1]).to.deep.include({
      lineNumber: 2,
      quantity: '250',
      supplierPartId: '007701',
      unitPrice: { amount: '0.0836', currency: 'SEK' },
      description: 'Label, thermal, 57 × 32 mm <white>',
    });
    expect(order.source).to.deep.equal({
      format: 'cXML',
      dtdVersion: '1.2.014',
      payloadId: '1795166090.004711@buyer.example',
      timestamp: '2026-11-20T09:14:50+00:00',
      userAgent: 'Coupa Procurement 1.0',
      sha256: createHash('sha256').update(ORDER).digest('hex'),
      size: Buffer.byteLength(ORDER),
      file,
    });
    expect(stdout).not.to.include('very-secret');
  });

  const refused = {
    'a document that breaks off': { text: ORDER.slice(0, 1_000), status: 406, code: 'xml-malformed' },
    'an external entity': {
      text: ORDER.replace('.dtd">', '.dtd" [<!ENTITY x SYSTEM "file:///etc/passwd">]>').replace(
        'noon',
        '&x;',
      ),
      status: 406,
      code: 'xml-forbidden',
    },
    'an order without a number': {
      text: ORDER.replace('orderID="4711"', ''),
      status: 400,
      code: 'order-invalid',
    },
    'an order without a Header': {
      text: ORDER.replace(/<Header>[\s\S]*<\/Header>/, ''),
      status: 401,
      code: 'sender-unknown',
    },
    'another root': { text: '<html/>', status: 406, code: 'not-cxml' },
    'no bytes at all': { text: '', status: 406, code: 'xml-malformed' },
  };
  it('refuses what cannot be an order, says where, and what the buyer would read', async () => {
    const cases = Object.entries(refused);
    const files = await Promise.all(cases.map(([, { text }], at) => write(`case-${at}.xml`, text)));
    const [people, programs] = await Promise.all([
      runSallyport(['check', ...files]),
      runSallyport(['check', '--json', ...files]),
    ]);
    expect([people.code, programs.code]).to.deep.equal([1, 1]);
    const told = people.stdout.split('✖ refused').slice(1);
    const verdicts = JSON.parse(programs.stdout);
    for (const [at, [name, { status, code }]] of cases.entries()) {
      expect(told[at], name).to.include(code).and.to.include(`would read: ${status}`);
      expect(told[at], name).to.match(/case-\d\.xml(:\d+:\d+| byte \d+)/);
      expect(verdicts[at].refused.code, name).to.equal(code);
    }
  });

  it('writes a text to the buyer about one document that it refuses, and about no other', async () => {
    const [bad, good] = [await write('bad.xml', ORDER.slice(0, 1_000)), await write('good.xml', ORDER)];
    const { stdout } = await runSallyport(['check', bad]);
    expect(stdout).to.match(
      /A text for the buyer\nSubject: Purchase order 4711 could not be taken\n\nHello,/,
    );
    expect(stdout).to.include('please send it again by hand');
    for (const files of [[good], [bad, good]])
      expect((await runSallyport(['check', ...files])).stdout).not.to.include('A text for the buyer');
  });

  it('refuses what is larger than the receiver takes by default', async () => {
    const file = await write('large.xml', Buffer.alloc(11 * 1024 * 1024, ' '));
    const { code, stdout } = await runSallyport(['check', file]);
    expect(code).to.equal(1);
    expect(stdout).to.include('body-too-large');
  });

  it('names the line and column of the mistake', async () => {
    const file = await write('order.xml', '<?xml version="1.0"?>\n<cXML>\n  <Header></cXML>');
    const { stdout } = await runSallyport(['check', file]);
    expect(stdout).to.match(/order\.xml:3:\d+/);
  });

  it('checks several files, counts them, and prints an array', async () => {
    const files = [await write('good.xml', ORDER), await write('bad.xml', '<cXML>')];
    const { code, stdout } = await runSallyport(['check', ...files]);
    expect(code).to.equal(1);
    expect(stdout).to.include('2 documents: 1 kept, 1 refused');
    const [good, bad] = JSON.parse((await runSallyport(['check', '--json', ...files])).stdout);
    expect(good.purchaseOrderNumber).to.equal('4711');
    expect(bad.verdict).to.equal('refused');
  });

  it('fails with 2 on a file that cannot be read, and checks the others', async () => {
    const files = [folder.file('none.xml'), await write('good.xml', ORDER), folder.path];
    const { code, stdout, stderr } = await runSallyport(['check', ...files]);
    expect(code).to.equal(2);
    expect(stdout).to.include('✔ kept');
    expect(stderr).to.include('there is no such file').and.to.include('is a folder');
  });

  it('answers a ProfileRequest', async () => {
    const text = ORDER.replace(/<OrderRequest>[\s\S]*<\/OrderRequest>/, '<ProfileRequest/>');
    const { code, stdout } = await runSallyport(['check', await write('profile.xml', text)]);
    expect(code).to.equal(0);
    expect(stdout).to.include('ProfileRequest');
  });

  it('never lets a document speak to the terminal', async () => {
    const text = ORDER.replace('orderID="4711"', 'orderID="47&#x9b;31m&#x202e;11"').replace(
      '2015.0',
      '&#x85;20&#x9b;2J15',
    );
    const { stdout } = await runSallyport(['check', await write('order.xml', text)]);
    expect(stdout.replaceAll('\n', '')).not.to.match(/[\p{Cc}\u202a-\u202e]/u);
  });

  it('prints the schema of an order', async () => {
    const { code, stdout } = await runSallyport(['check', '--schema']);
    const schema = JSON.parse(stdout) as { $id: string; $defs: Record<string, object> };
    expect([code, schema.$id]).to.deep.equal([0, `urn:sallyport:purchase-order:${SCHEMA_VERSION}`]);
    expect(schema.$defs).to.include.keys('Order', 'Line', 'Money', 'Warning', 'Source');
  });

  it('tells with --places where each value stands', async () => {
    const file = await write('order.xml', ORDER);
    const { stdout } = await runSallyport(['check', '--json', '--places', file]);
    const { places } = JSON.parse(stdout) as { places: Record<string, { line: number; path: string }> };
    const { line = 0, path } = places['/lines/0/quantity'] ?? {};
    expect(path).to.match(/ItemOut(\[1\])?\/@quantity$/);
    expect(ORDER.split('\n')[line - 1]).to.contain('<ItemOut');
  });
});
