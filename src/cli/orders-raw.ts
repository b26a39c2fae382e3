/** `orders raw`: the bytes of a message, exactly as they were received. */
import { harmless } from './harmless.ts';
import { findStored, type OrderOptions, openReader, readStored } from './stored-orders.ts';
import type { ExitCode, Surroundings } from './terminal.ts';

export async function rawOrder(
  id: string,
  options: OrderOptions & { readonly message?: number },
  { terminal, env }: Surroundings,
): Promise<ExitCode> {
  await using store = await openReader(options.config, env);
  const found = await findStored(store, id, options, terminal);
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
  terminal.write((await readStored(store, wanted)).bytes);
  return 0;
}
