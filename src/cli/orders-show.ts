/** `orders show`: one order as it is now, read again from its stored bytes, and every message that led there. */
import { contentIdOf, namesOf, referencesOf } from '../cxml/check-attachments.ts';
import type { Order } from '../cxml/order.ts';
import { StartupError } from '../errors.ts';
import { readParameters } from '../http/header-parameters.ts';
import type { KeptAttachment } from '../store/store.ts';
import { harmless, harmlessJson } from './harmless.ts';
import { readHistory } from './order-history.ts';
import { orderJson } from './order-json.ts';
import { describeHistory } from './print-history.ts';
import { describeMessage } from './print-message.ts';
import { describeFinding, describeOrder } from './print-order.ts';
import { readDocument } from './read-document.ts';
import { readReply } from './read-reply.ts';
import { findStored, type OrderOptions, openReader, readStored } from './stored-orders.ts';
import type { ExitCode, Surroundings } from './terminal.ts';

export async function showOrder(
  id: string,
  options: OrderOptions & { readonly json?: boolean },
  { terminal, env }: Surroundings,
): Promise<ExitCode> {
  await using store = await openReader(options.config, env);
  const found = await findStored(store, id, options, terminal);
  if (found === undefined) return 1;
  const { order, current } = found;
  const history = await readHistory(store, order);
  const { bytes } = await readStored(store, current);
  const reading = readDocument(bytes, {
    charset: readParameters(current.contentType).get('charset'),
    parts: current.attachments,
  });
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
    const { receivedAt, peerSpki } = current;
    const proof = peerSpki === '' ? {} : { peerSpkiSha256: peerSpki };
    const source = { receivedAt: receivedAt.toISOString(), ...proof };
    const changes = history.steps.find(({ message: { revision } }) => revision === order.revision)?.changes;
    const attachments = current.attachments.map(attachmentJson(reading.order));
    const parts = {
      order: { ...whole, attachments, ...(changes === undefined ? {} : { changes }) },
      message,
      findings: reading.findings,
    };
    terminal.print(harmlessJson(orderJson(parts, bytes, source)));
    return 0;
  }
  const messages: string[] = [];
  for (const each of order.messages) {
    messages.push(...describeMessage(each, readReply((await readStored(store, each)).reply), terminal));
  }
  const { dim, yellow } = terminal;
  const state = order.state === 'cancelled' ? yellow('cancelled') : 'open';
  terminal.print(
    ...describeOrder(reading.order, terminal),
    '',
    `  ${dim('buyer')} ${order.buyer}  ${dim('state')} ${state}  ${dim('revision')} ${order.revision} of ${order.revisions}`,
    '',
    ...describeHistory(history, order.revision, terminal),
    '',
    ...messages,
    ...reading.findings.flatMap((finding) => describeFinding(finding, terminal)),
  );
  return 0;
}

/** As delivered: by number, never by the sender's name for it, and with the places that refer to it. */
function attachmentJson(order: Order): (attachment: KeptAttachment) => object {
  const references = referencesOf(order);
  return ({ position: _position, ...attachment }) => ({
    ...attachment,
    references: references
      .filter(({ url }) => namesOf(attachment).includes(contentIdOf(url) ?? ''))
      .map(({ path, visibility }) => ({ path, visibility })),
  });
}
