/** The kept orders from a terminal. Reads beside a running receiver; an order is read again from its stored bytes. */
import { loadConfig } from '../config-file.ts';
import { StartupError } from '../errors.ts';
import { readContentType } from '../http/content-type.ts';
import { openStoreReader } from '../store/open-store.ts';
import type { StoreReader } from '../store/sqlite-reader.ts';
import type { MessageSummary, OrderDetail, OrderSummary } from '../store/store.ts';
import { harmless, shorten } from './harmless.ts';
import { orderJson } from './order-json.ts';
import { describeMessage } from './print-message.ts';
import { count, describeFinding, describeOrder } from './print-order.ts';
import { readDocument } from './read-document.ts';
import { layTable } from './table.ts';
import type { ExitCode, Terminal } from './terminal.ts';

interface Options {
  readonly config: string;
  readonly buyer?: string;
  readonly json?: boolean;
}

interface Surroundings {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export async function listOrders(
  { config, limit, json = false }: Options & { readonly limit: number },
  { terminal, env }: Surroundings,
): Promise<ExitCode> {
  await using store = await openReader(config, env);
  const orders = await store.listOrders({ limit });
  if (json) {
    terminal.print(JSON.stringify(orders, undefined, 2));
    return 0;
  }
  if (orders.length === 0) {
    terminal.print(
      'no orders yet',
      `${terminal.cyan('→')} sallyport simulate order --to https://… sends one`,
    );
    return 0;
  }
  const { orders: total } = await store.counts();
  const columns = [
    { title: 'received' },
    { title: 'buyer' },
    { title: 'order' },
    { title: 'revision', align: 'right' },
    { title: 'lines', align: 'right' },
    { title: 'total', align: 'right' },
    { title: '' },
    { title: '' },
  ] as const;
  terminal.print(
    ...layTable(
      columns,
      orders.map((order) => listRow(order, terminal)),
      terminal.dim,
    ),
  );
  if (total > orders.length) {
    terminal.print(terminal.dim(`the newest ${orders.length} of ${total}; --limit ${total} shows all`));
  }
  return 0;
}

export async function showOrder(
  id: string,
  options: Options,
  { terminal, env }: Surroundings,
): Promise<ExitCode> {
  await using store = await openReader(options.config, env);
  const found = await find(store, id, options, terminal);
  if (found === undefined) return 1;
  const { order, current } = found;
  const { bytes } = await readBytes(store, current);
  const reading = readDocument(bytes, readContentType(current.contentType).charset);
  const { message } = reading;
  if (reading.order === undefined || message === undefined) {
    throw new StartupError(
      `message ${current.id} of order ${harmless(id)} can no longer be read as an order`,
      {
        hint: `Its bytes are safe: sallyport orders raw ${harmless(id)} --message ${current.id}`,
      },
    );
  }
  if (options.json === true) {
    const { buyer, revision, revisionSource } = reading.order;
    const ours = {
      revision: revision ?? current.revision,
      revisionSource: revisionSource ?? ('receiver' as const),
    };
    const whole = { ...reading.order, ...ours, buyer: { key: order.buyer, ...buyer } };
    const source = { receivedAt: current.receivedAt.toISOString(), peerSpkiSha256: current.peerSpki };
    const parts = { order: whole, message, findings: reading.findings };
    terminal.print(JSON.stringify(orderJson(parts, bytes, source), undefined, 2));
    return 0;
  }
  const { dim, yellow } = terminal;
  const state = order.state === 'cancelled' ? yellow('cancelled') : 'open';
  terminal.print(
    ...describeOrder(reading.order, terminal),
    '',
    `  ${dim('buyer')} ${order.buyer}  ${dim('state')} ${state}  ${dim('revision')} ${order.revision} of ${order.revisions}`,
    '',
    ...order.messages.flatMap((each) => describeMessage(each, terminal)),
    ...reading.findings.flatMap((finding) => describeFinding(finding, terminal)),
  );
  return 0;
}

export async function rawOrder(
  id: string,
  options: Options & { readonly message?: number },
  { terminal, env }: Surroundings,
): Promise<ExitCode> {
  await using store = await openReader(options.config, env);
  const found = await find(store, id, options, terminal);
  if (found === undefined) return 1;
  const { order, current } = found;
  const wanted =
    options.message === undefined ? current : order.messages.find((each) => each.id === options.message);
  if (wanted === undefined) {
    const numbers = order.messages.map((each) => each.id).join(', ');
    terminal.complain(
      `${terminal.mark.no} order ${harmless(id)} has no message ${options.message}`,
      `${terminal.cyan('→')} its messages are ${numbers}`,
    );
    return 1;
  }
  terminal.write((await readBytes(store, wanted)).bytes);
  return 0;
}

async function openReader(file: string, env: Surroundings['env']): Promise<StoreReader> {
  const { store } = await loadConfig(file, env);
  return openStoreReader(store);
}

interface Found {
  readonly order: OrderDetail;
  /** The newest message of the revision in force. */
  readonly current: MessageSummary;
}

async function find(
  store: StoreReader,
  id: string,
  { buyer, config }: Options,
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

async function readBytes(
  store: StoreReader,
  { id }: MessageSummary,
): Promise<{ readonly bytes: Uint8Array }> {
  const stored = await store.readMessage(id);
  if (stored === undefined) throw new Error(`message ${id} has no bytes`);
  return stored;
}

function listRow(order: OrderSummary, { yellow, dim }: Terminal): string[] {
  const { orderId, buyer, revision, revisions, lineCount, totalAmount, currency, lastReceivedAt } = order;
  return [
    formatTime(lastReceivedAt),
    buyer,
    shorten(orderId, 32),
    revision === revisions ? String(revision) : `${revision} of ${revisions}`,
    String(lineCount),
    shorten(totalAmount === null ? '' : `${totalAmount} ${currency ?? ''}`, 24),
    order.environment === 'test' ? dim('test') : '',
    order.state === 'cancelled' ? yellow('cancelled') : '',
  ];
}

/** To the second, in UTC: lists of several machines can be compared. */
function formatTime(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
