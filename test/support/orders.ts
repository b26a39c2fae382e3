/** Documents to send: Coupa's shape, made to measure. */
import { createSampleOrder } from '../../src/cli/sample-order.ts';
import { type OrderSample, writeOrder } from '../../src/cxml/write-order.ts';

export interface Wanted {
  readonly orderId: string;
  /** Default: Coupa's own form, from the orderID. */
  readonly payloadId?: string;
  /** The sample's own lines, again and again until there are this many. Default 3. */
  readonly lines?: number;
  /** Of every line. */
  readonly quantity?: string;
  readonly type?: OrderSample['type'];
  readonly at?: Date;
}

const NOON = new Date('2026-11-20T12:00:00Z');

export function sampleDocument({
  orderId,
  payloadId,
  lines = 3,
  quantity,
  type = 'new',
  at = NOON,
}: Wanted): string {
  const sample = createSampleOrder({
    orderId,
    type,
    at,
    from: { domain: 'DUNS', identity: '128293714' },
    to: { domain: 'NetworkID', identity: 'SUPPLIER-1' },
    secret: 'not a real secret',
  });
  const wanted = Array.from({ length: lines }, (_, index) => {
    const line = sample.lines[index % sample.lines.length];
    if (line === undefined) throw new Error('the sample has no lines');
    return { ...line, lineNumber: index + 1, quantity: quantity ?? line.quantity };
  });
  return writeOrder({ ...sample, payloadId: payloadId ?? sample.payloadId, lines: wanted });
}

/** One document, cheaply made many: every copy has a payloadID and an orderID of its own. */
export function documentSeries(lines: number): (number: number) => Buffer {
  const [before, between, after] = sampleDocument({ orderId: '@ORDER@', payloadId: '@PAYLOAD@', lines })
    .replace('@PAYLOAD@', '\u0000')
    .replace('@ORDER@', '\u0000')
    .split('\u0000');
  return (number) => Buffer.from(`${before}${number}.${number}@load.example${between}L${number}${after}`);
}
