/** What was not taken, for the person who finds out why: the list, and the bytes of one message. */
import type { RefusedSummary } from '../store/store.ts';
import { formatBytes } from './describe-exchange.ts';
import { harmless, harmlessJson, shorten } from './harmless.ts';
import type { ListOptions } from './program-options.ts';
import { formatTime, openReader } from './stored-orders.ts';
import { layTable } from './table.ts';
import type { ExitCode, Surroundings, Terminal } from './terminal.ts';

export async function listRefused(
  { config, limit, json = false }: ListOptions,
  { terminal, env }: Surroundings,
): Promise<ExitCode> {
  await using store = await openReader(config, env);
  const messages = await store.listRefused({ limit });
  if (json) {
    terminal.print(harmlessJson(messages));
    return 0;
  }
  if (messages.length === 0) {
    terminal.print(`${terminal.mark.yes} no message of a trusted client was refused`);
    return 0;
  }
  const columns = [
    { title: 'no.', align: 'right' },
    { title: 'last received' },
    { title: 'times', align: 'right' },
    { title: 'buyer' },
    { title: 'order' },
    { title: 'size', align: 'right' },
    { title: 'reason' },
  ] as const;
  for (const [index, line] of layTable(columns, messages.map(row), terminal.dim).entries()) {
    terminal.print(line);
    const message = messages[index - 1];
    if (message !== undefined) terminal.print(terminal.dim(`     ${shorten(message.text, 160)}`));
  }
  const { refused, conflicts } = await store.counts();
  const hidden = refused + conflicts - messages.length;
  if (hidden > 0) terminal.print(terminal.dim(`${hidden} older ones; --limit shows more`));
  terminal.print(
    `${terminal.cyan('→')} sallyport refused show NO. says what the buyer sees of it, with a text to send`,
  );
  return 0;
}

export async function rawRefused(
  id: number,
  { config }: { readonly config: string },
  { terminal, env }: Surroundings,
): Promise<ExitCode> {
  await using store = await openReader(config, env);
  const message = await store.readRefused(id);
  if (message === undefined) {
    complainOfNone(id, config, terminal);
    return 1;
  }
  terminal.write(message.bytes);
  return 0;
}

export function complainOfNone(id: number, config: string, { complain, mark, cyan }: Terminal): void {
  complain(
    `${mark.no} there is no refused message ${id}: it was released, or had to go because newer ones needed its place`,
    `${cyan('→')} sallyport refused list -c ${harmless(config)} shows what is there`,
  );
}

function row({ id, lastReceivedAt, times, buyer, orderId, size, code }: RefusedSummary): string[] {
  return [
    String(id),
    formatTime(lastReceivedAt),
    String(times),
    buyer ?? '',
    shorten(orderId ?? '', 32),
    formatBytes(size),
    code,
  ];
}
