/** One refused message whole: what came, why it was not taken, what the buyer sees of it, and a text to send. */
import { loadConfig } from '../config-file.ts';
import { REFUSAL_CODES, type RefusalCode } from '../errors.ts';
import type { AnswerStyle } from '../http/answer.ts';
import { payloadConflict } from '../intake/record.ts';
import { isForGood } from '../intake/release.ts';
import { openStoreReader } from '../store/open-store.ts';
import type { StoreReader } from '../store/sqlite-reader.ts';
import type { KeptAttachment, OrderSummary, RefusedSummary } from '../store/store.ts';
import { type BuyersEye, seeAsBuyer, writeMail } from './buyers-eye.ts';
import { describeDeed, describeSight, formatBytes } from './describe-exchange.ts';
import { guessOrderId } from './guess-order.ts';
import { harmless, harmlessJson, shorten } from './harmless.ts';
import { describeAttachment } from './print-message.ts';
import { count, namePlace } from './print-order.ts';
import type { PrintOptions } from './program-options.ts';
import { complainOfNone } from './refused.ts';
import { formatTime } from './stored-orders.ts';
import { indent, layPairs } from './table.ts';
import type { ExitCode, Terminal, TimedSurroundings } from './terminal.ts';
import { wrap } from './wrap.ts';

export async function showRefused(
  id: number,
  { config: file, json = false }: PrintOptions,
  { terminal, env, now }: TimedSurroundings,
): Promise<ExitCode> {
  const config = await loadConfig(file, env);
  await using store = await openStoreReader(config.store);
  const message = await store.findRefused(id);
  if (message === undefined) {
    complainOfNone(id, file, terminal);
    return 1;
  }
  const style = config.buyers.find(({ key }) => key === message.buyer)?.answers ?? config.answers;
  const guessed = message.orderId === null ? await guess(store, id) : undefined;
  const shown: Shown = {
    message,
    attachments: await store.listAttachmentsOfRefused(id),
    keptSince: await findKeptSince(store, message),
    guessed,
    eye: eyeOf({ ...message, orderId: message.orderId ?? guessed ?? null }, style, now()),
  };
  if (json) {
    const { attachments, keptSince, eye } = shown;
    const guessedOrderId = guessed ?? null;
    terminal.print(
      harmlessJson({
        ...message,
        attachments,
        guessedOrderId,
        keptSince: keptSince ?? null,
        buyersEye: eye ?? null,
      }),
    );
  } else {
    terminal.print(...describe(shown, terminal));
  }
  return 0;
}

interface Shown {
  readonly message: RefusedSummary;
  readonly attachments: readonly KeptAttachment[];
  /** The order number, by the looks of a document that could not be read so far. */
  readonly guessed: string | undefined;
  /** The order it speaks of, as far as something about it was taken later. */
  readonly keptSince: OrderSummary | undefined;
  /** Undefined when another version of this receiver wrote the record, with a code of its own. */
  readonly eye: BuyersEye | undefined;
}

async function guess(store: StoreReader, id: number): Promise<string | undefined> {
  const held = await store.readRefused(id);
  return held && guessOrderId(held.bytes);
}

async function findKeptSince(
  store: StoreReader,
  { orderId, buyer, lastReceivedAt }: RefusedSummary,
): Promise<OrderSummary | undefined> {
  if (orderId === null || buyer === null) return undefined;
  const orders = await store.findOrders({ orderId, buyer });
  return orders.find((order) => order.lastReceivedAt > lastReceivedAt);
}

function eyeOf(message: RefusedSummary, style: AnswerStyle, now: Date): BuyersEye | undefined {
  const { code, orderId, payloadId, receivedAt, lastReceivedAt } = message;
  if (!isKnown(code)) return undefined;
  const { text, place } =
    code === 'payload-conflict'
      ? { text: payloadConflict(payloadId).message, place: payloadConflict(payloadId).place }
      : { text: message.text, place: message.place ?? undefined };
  return seeAsBuyer({
    code,
    text,
    place,
    style,
    orderId: orderId ?? undefined,
    payloadId: payloadId ?? undefined,
    came: { firstAt: receivedAt, lastAt: lastReceivedAt, now },
  });
}

function isKnown(code: string): code is RefusalCode {
  return REFUSAL_CODES.some((known) => known === code);
}

function describe(shown: Shown, terminal: Terminal): string[] {
  const { bold, mark, cyan, dim } = terminal;
  const { message, eye, keptSince } = shown;
  const { id, orderId, code } = message;
  const what = orderId === null ? 'a message' : `order ${shorten(orderId, 60)}`;
  const since =
    keptSince === undefined
      ? []
      : [
          `${mark.yes} the order was taken later: revision ${keptSince.revision}, last received ${formatTime(keptSince.lastReceivedAt)}`,
        ];
  return [
    `${mark.no} ${bold(`${what} was refused: ${harmless(code)}`)}`,
    ...since,
    '',
    ...layPairs(factsOf(shown), dim).map(indent),
    ...(eye === undefined ? [] : describeEye(eye, terminal)),
    '',
    `${cyan('→')} sallyport refused raw ${id} > refused.xml; sallyport check refused.xml reads it as the receiver did`,
    ...(isForGood(code)
      ? []
      : [`${cyan('→')} once its cause is mended: sallyport refused release ${id} --reason TEXT`]),
  ];
}

function factsOf({ message, attachments, guessed }: Shown): [string, string | undefined][] {
  const { id, receivedAt, lastReceivedAt, times, peerName, remoteAddress, buyer, payloadId } = message;
  const { text, place, size, sha256 } = message;
  const first = formatTime(receivedAt);
  const where = [namePlace(place ?? {}), shorten(place?.path ?? '', 200)];
  return [
    ['number', String(id)],
    ['when', times === 1 ? first : `${first} to ${formatTime(lastReceivedAt)}, ${count(times, 'time')}`],
    ['from', `${peerName === '' ? 'no name' : harmless(peerName)}, ${harmless(remoteAddress)}`],
    ['buyer', buyer === null ? 'not known' : harmless(buyer)],
    [
      'order',
      guessed === undefined ? undefined : `${shorten(guessed, 60)}, by its looks: it was not read so far`,
    ],
    ['payload', payloadId === null ? 'no payloadID' : shorten(payloadId, 160)],
    ['bytes', `${formatBytes(size)}, sha256 ${sha256}`],
    ...attachments.map((each): [string, string] => ['file', describeAttachment(each)]),
    ['reason', shorten(text, 400)],
    ['where', where.filter((part) => part !== '').join(', ')],
  ];
}

/** What the buyer sees, and the text to send. */
function describeEye(eye: BuyersEye, terminal: Terminal): string[] {
  const { bold } = terminal;
  const { senderWasTold, coupaDoes, administratorReads, paragraph } = eye;
  const { http, code, text, detail } = senderWasTold;
  return [
    '',
    bold('What the sender was told'),
    `  HTTP ${http}, Status ${code} ${text}`,
    ...wrap(shorten(detail, 600), '  '),
    '',
    bold('What Coupa does'),
    `  ${describeDeed(coupaDoes)}`,
    ...describeClock(coupaDoes),
    ...describeSight(administratorReads, terminal),
    '',
    bold('A text for them'),
    ...writeMail(paragraph),
  ];
}

function describeClock({ attempt, isOver }: BuyersEye['coupaDoes']): string[] {
  if (attempt === undefined) return [];
  const { number, of, nextAt, finalAt } = attempt;
  if (isOver || nextAt === undefined) return [`  the last attempt was due about ${formatTime(finalAt)}`];
  return [
    `  attempt ${number} of ${of}; next about ${formatTime(nextAt)}, final about ${formatTime(finalAt)}`,
  ];
}
