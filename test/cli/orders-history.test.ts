import { join } from 'node:path';
import { expect } from 'chai';
import { startTestReceiver, type TestReceiver } from '../support/receiver.ts';
import { runSallyport } from '../support/sallyport.ts';

interface Sent {
  readonly payload: string;
  readonly type: 'new' | 'update' | 'delete';
  readonly version: number;
  readonly total: string;
  readonly lines: readonly (readonly [number: number, part: string, quantity: number])[];
}

function document({ payload, type, version, total, lines }: Sent): Buffer {
  const party = (name: string, identity: string, more = '') =>
    `<${name}><Credential domain="DUNS"><Identity>${identity}</Identity></Credential>${more}</${name}>`;
  const items = lines.map(
    ([number, part, quantity]) =>
      `<ItemOut quantity="${quantity}" lineNumber="${number}"><ItemID><SupplierPartID>${part}</SupplierPartID></ItemID>` +
      `<ItemDetail><UnitPrice><Money currency="SEK">10.00</Money></UnitPrice><Description xml:lang="en">Part ${part}` +
      '</Description><UnitOfMeasure>EA</UnitOfMeasure></ItemDetail></ItemOut>',
  );
  return Buffer.from(
    `<?xml version="1.0"?><cXML payloadID="${payload}@buyer.example" timestamp="2026-11-20T09:14:50+00:00"><Header>` +
      `${party('From', '1')}${party('To', '2')}${party('Sender', '1', '<UserAgent>test</UserAgent>')}</Header>` +
      `<Request><OrderRequest><OrderRequestHeader orderID="4711" orderDate="2026-11-20T09:14:50+00:00" type="${type}" ` +
      `orderVersion="${version}"><Total><Money currency="SEK">${total}</Money></Total></OrderRequestHeader>` +
      `${items.join('')}</OrderRequest></Request></cXML>`,
  );
}

const CHAIN: readonly Sent[] = [
  {
    payload: 'a',
    type: 'new',
    version: 1,
    total: '70.00',
    lines: [
      [1, 'A-1', 4],
      [2, 'B-2', 3],
    ],
  },
  {
    payload: 'c',
    type: 'update',
    version: 3,
    total: '90.0',
    lines: [
      [1, 'A-1', 6],
      [3, 'C-3', 3],
    ],
  },
  {
    payload: 'b',
    type: 'update',
    version: 2,
    total: '80',
    lines: [
      [1, 'A-1', 5],
      [2, 'B-2', 3],
    ],
  },
  {
    payload: 'd',
    type: 'delete',
    version: 4,
    total: '90.00',
    lines: [
      [1, 'A-1', 6],
      [3, 'C-3', 3],
    ],
  },
];

describe('sallyport orders show, of an order that was changed', () => {
  let receiver: TestReceiver;
  before(async () => {
    receiver = await startTestReceiver();
    using buyer = receiver.buyer();
    for (const sent of CHAIN) await buyer.post(document(sent));
  });
  after(() => receiver[Symbol.asyncDispose]());

  const show = (...more: readonly string[]) =>
    runSallyport(['orders', 'show', '4711', ...more, '-c', join(receiver.folder, 'sallyport.yaml')], {
      env: { SALLYPORT_UNSAFE_TESTS: '1' },
    });

  it('tells its history in one look', async () => {
    const { stdout } = await show();
    const lines = stdout.split('\n');
    const from = lines.findIndex((line) => line.trim() === 'history');
    const history = lines
      .slice(from + 1, lines.indexOf('', from))
      .map((line) => line.trim().replace(/\d{4}-\S+ \S+Z/, 'AT'));
    expect(history.map((line) => line.replaceAll(/ {2,}/g, '  '))).to.deep.equal([
      '1  AT  new  PO 4711, new, 2 lines, 70.00 SEK',
      '2  AT  update  6 changes',
      '· orderVersion 1 → 3',
      '· operation new → update',
      '· total.amount 70.00 → 90.0',
      '· line 1 (A-1) quantity 4 → 6',
      '· line 3 (C-3) added: Part C-3',
      '· line 2 (B-2) removed: Part B-2',
      '3  AT  update  never in force  is older than what was in force when it came',
      '4  AT  cancel  in force  2 changes',
      '· orderVersion 3 → 4',
      '· operation update → cancel',
    ]);
    expect(stdout).to.match(/state cancelled +revision 4 of 4/);
  });

  it('carries the change against the revision before in the JSON', async () => {
    const { stdout } = await show('--json');
    const { changes } = JSON.parse(stdout);
    expect(changes).to.deep.equal({
      header: [
        { path: 'orderVersion', before: '3', after: '4' },
        { path: 'operation', before: 'update', after: 'cancel' },
      ],
      lines: [],
      unchangedLines: 2,
    });
  });
});
