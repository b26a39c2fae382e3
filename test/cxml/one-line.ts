/** One line of an order, for tests of what it holds. */
import type { Line } from '../../src/cxml/order.ts';
import { order, orderDocument } from './reading.ts';

export const money = (amount: string): string => `<Money currency="EUR">${amount}</Money>`;
export const eur = (amount: string) => ({ amount, currency: 'EUR' });

export function line(inside: string, attributes = 'quantity="1" lineNumber="1"'): Line {
  const [read] = order(orderDocument('', `<ItemOut ${attributes}>${inside}</ItemOut>`)).lines;
  if (read === undefined) throw new Error('there is no line');
  return read;
}
