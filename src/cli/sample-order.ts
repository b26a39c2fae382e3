/** The order that `simulate` and `demo` send: office equipment, with letters and amounts that careless code misreads. */
import { add } from '../cxml/money.ts';
import type { OrderSample, SampleAddress, SampleCredential, SampleLine } from '../cxml/write-order.ts';

export interface SampleWishes {
  readonly orderId: string;
  readonly type: OrderSample['type'];
  /** Of the message; the payloadID carries it in seconds. */
  readonly at: Date;
  /** When the order was made; the same for all its messages. Default: `at`. */
  readonly orderedAt?: Date;
  readonly from: SampleCredential;
  readonly to: SampleCredential;
  readonly secret?: string;
  /** payloadID of the order that an update or delete is about. */
  readonly documentReference?: string;
  /** How many; the three there are come again and again. Default 3. */
  readonly lineCount?: number;
}

const BUYER = 'Nordlys Instruments AB';

const SHIP_TO: SampleAddress = {
  addressId: '3119',
  name: BUYER,
  deliverTo: ['Åsa Lindqvist', 'Receiving dock 4'],
  street: ['Hamngatan 14'],
  city: 'Göteborg',
  state: '',
  postalCode: '411 06',
  country: { code: 'SE', name: 'Sweden' },
  email: 'asa.lindqvist@buyer.example',
};

const BILL_TO: SampleAddress = {
  ...SHIP_TO,
  addressId: '3001',
  deliverTo: ['Accounts Payable'],
  street: ['Box 77', 'c/o Scanning & Archive'],
  postalCode: '401 20',
  email: 'invoices@buyer.example',
};

const ACCOUNT = {
  name: 'IT Equipment | SE02 | 64401-Computer Equip < $5000',
  segments: [
    { type: 'Cost Center', id: 'SE02', description: 'Dept' },
    { type: 'GL Account', id: '064401', description: 'GL_Acct' },
  ],
} as const;

function createLines(docks: '4' | '6'): SampleLine[] {
  return [
    {
      lineNumber: 1,
      quantity: docks,
      partId: 'DS-4410',
      partAuxiliaryId: '180743323',
      description: 'Docking station, USB-C, 96 W, dual 4K',
      unitOfMeasure: 'EA',
      unitPrice: '189.9',
      charge: docks === '4' ? '759.6' : '1139.4',
      manufacturer: { partId: '0044-10', name: 'Halden' },
      account: ACCOUNT,
    },
    {
      lineNumber: 2,
      quantity: '250',
      partId: '007701',
      description: 'Label, thermal, 57 × 32 mm <white>',
      unitOfMeasure: 'EA',
      unitPrice: '0.0836',
      charge: '20.9',
      account: ACCOUNT,
    },
    {
      lineNumber: 3,
      quantity: '1',
      partId: 'CH-2 B&G',
      description: 'Chair “Månskära”, height-adjustable, black & grey',
      unitOfMeasure: 'EA',
      unitPrice: '1234.5',
      charge: '1234.5',
      account: ACCOUNT,
    },
  ];
}

function repeatLines(lines: readonly SampleLine[], count: number): SampleLine[] {
  return Array.from({ length: count }, (_, at) => {
    const line = lines[at % lines.length];
    if (line === undefined) throw new Error('there are no lines to repeat');
    return { ...line, lineNumber: at + 1 };
  });
}

/** An update raises the first line from 4 to 6 pieces; a revision is a whole order, never a difference. */
export function createSampleOrder({ at, orderedAt = at, lineCount, ...wishes }: SampleWishes): OrderSample {
  const own = createLines(wishes.type === 'update' ? '6' : '4');
  const lines = lineCount === undefined ? own : repeatLines(own, lineCount);
  return {
    ...wishes,
    payloadId: createPayloadId(wishes.orderId, at),
    timestamp: writeDate(at),
    orderDate: writeDate(orderedAt),
    sender: wishes.from,
    currency: 'SEK',
    total: lines.reduce((sum, { charge }) => add(sum, charge) ?? sum, '0.0'),
    shipTo: SHIP_TO,
    billTo: BILL_TO,
    contact: { name: 'Åsa Lindqvist', email: 'asa.lindqvist@buyer.example' },
    payInDays: 30,
    comment: 'Please deliver before noon.\nThe lift takes 400 kg at most.',
    lines,
  };
}

/** Observed in every genuine Coupa order: seconds of sending, then the PO number in six digits, at a host name. */
function createPayloadId(orderId: string, at: Date): string {
  return `${Math.floor(at.getTime() / 1_000)}.${orderId.padStart(6, '0')}@buyer.example`;
}

/** With an offset: the cXML guide does not allow `Z`. */
export function writeDate(at: Date): string {
  return `${at.toISOString().slice(0, 19)}+00:00`;
}
