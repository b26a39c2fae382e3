/** Finds kept orders for the commands that show them. Reads beside a running receiver. */
import { loadConfig } from '../config-file.ts';
import { openStoreReader } from '../store/open-store.ts';
import type { StoreReader } from '../store/sqlite-reader.ts';
import type { MessageSummary, OrderDetail } from '../store/store.ts';
import { harmless } from './harmless.ts';
import { count } from './print-order.ts';
import type { Surroundings, Terminal } from './terminal.ts';

export interface OrderOptions {
  readonly config: string;
  readonly buyer?: string;
}

export async function openReader(file: string, env: Surroundings['env']): Promise<StoreReader> {
  const { store } = await loadConfig(file, env);
  return openStoreReader(store);
}

export interface Found {
  readonly order: OrderDetail;
  /** The newest message of the revision in force. */
  readonly current: MessageSummary;
}

/** @returns undefined when there is none; the person has been told */
export async function findStored(
  store: StoreReader,
  id: string,
  { buyer, config }: OrderOptions,
  { complain, mark, cyan }: Terminal,
): Promise<Found | undefined> {
  const orders = await store.findOrders({ orderId: id, ...(buyer === undefined ? {} : { buyer }) });
  const [order, ...others] = orders;
  if (order === undefined) {
    complain(
      `${mark.no} there is no order ${harmless(id)}${buyer === undefined ? '' : ` of buyer ${harmless(buyer)}`}`,
      `${cyan('→')} sallyport orders list -c ${config} shows what is there`,
    );
    return undefined;
  }
  if (others.length > 0) {
    const keys = [...new Set(orders.map((each) => each.buyer))];
    complain(
      `! ${count(orders.length, 'order')} carry the number ${harmless(id)}; this is the one of ${order.buyer}, ${order.environment}`,
      ...(keys.length > 1 ? [`${cyan('→')} --buyer ${keys.join(' or --buyer ')} tells them apart`] : []),
    );
  }
  const current =
    order.messages.findLast((each) => each.revision === order.revision) ?? order.messages.at(-1);
  if (current === undefined) throw new Error(`order ${order.id} has no message`);
  return { order, current };
}

export async function readStored(
  store: StoreReader,
  { id }: MessageSummary,
): Promise<{ readonly bytes: Uint8Array; readonly reply: Uint8Array }> {
  const stored = await store.readMessage(id);
  if (stored === undefined) throw new Error(`message ${id} has no bytes`);
  return stored;
}

/** To the second, in UTC: lists of several machines can be compared. */
export function formatTime(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
