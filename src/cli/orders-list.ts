/** `orders list`: what was kept, newest first. */
import type { OrderSummary } from '../store/store.ts';
import { harmlessJson, shorten } from './harmless.ts';
import type { ListOptions } from './program-options.ts';
import { formatTime, openReader } from './stored-orders.ts';
import { layTable } from './table.ts';
import type { ExitCode, Surroundings, Terminal } from './terminal.ts';

export async function listOrders(
  { config, limit, json = false }: ListOptions,
  { terminal, env }: Surroundings,
): Promise<ExitCode> {
  await using store = await openReader(config, env);
  const orders = await store.listOrders({ limit });
  if (json) {
    terminal.print(harmlessJson(orders));
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
