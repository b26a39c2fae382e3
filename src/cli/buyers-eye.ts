/**
 * A refusal as the buyer sees it: what the sender was told, what Coupa does then, what its administrators read and where,
 * and a text to send them. Pure: no file, no clock.
 */
import { maskCardNumbers } from '../cxml/fragment.ts';
import type { Place, RefusalCode } from '../errors.ts';
import { ANSWERS, type AnswerStyle, explain } from '../http/answer.ts';
import { type Attempt, createRetryClock } from '../intake/retry-clock.ts';
import { type CoupaView, RHYTHMS, type Sight, SUPPLIER_PAGE, seeAnswer } from './coupa-view.ts';
import { shorten } from './harmless.ts';
import { REFUSAL_WORDS } from './refusal-words.ts';
import { wrap } from './wrap.ts';

export interface SeenRefusal {
  readonly code: RefusalCode;
  /** As the refusal says it. */
  readonly text: string;
  readonly place?: Place | undefined;
  /** How this buyer wants refusals. */
  readonly style: AnswerStyle;
  readonly orderId?: string | undefined;
  readonly payloadId?: string | undefined;
  /** When it came for the first and the last time, and what time it is; a document that was only looked at never came. */
  readonly came?: { readonly firstAt: Date; readonly lastAt: Date; readonly now: Date } | undefined;
}

export interface BuyersEye {
  readonly senderWasTold: {
    readonly http: number;
    readonly code: number;
    readonly text: string;
    readonly detail: string;
  };
  readonly coupaDoes: Pick<CoupaView, 'verdict' | 'does' | 'probably'> & {
    readonly repeats?: { readonly times: number; readonly everyMinutes: number };
    /** By its clock, if it came. */
    readonly attempt?: Attempt;
    /** It is past the last attempt. */
    readonly isOver?: boolean;
  };
  readonly administratorReads: Sight & { readonly supplierPage: string };
  /** Ready for a mail; the first line is its subject, an empty line parts paragraphs. */
  readonly paragraph: string;
}

export function seeAsBuyer(refusal: SeenRefusal): BuyersEye {
  const { code, text, place, style, orderId, came } = refusal;
  const { status, http } = ANSWERS[code];
  const detail = explain({ code, message: text, place });
  const told = { http: http[style], ...status, detail };
  const view = seeAnswer({ http: told.http, status: { ...status, detail } }, orderId ?? '<number>');
  const { verdict, does, probably, rhythm, sees } = view;
  if (sees === undefined) throw new Error(`${code} would be taken for a success`);
  const repeats = rhythm && { times: RHYTHMS[rhythm].repeats, everyMinutes: RHYTHMS[rhythm].minutes };
  const attempt = rhythm === 'hourly' && came !== undefined ? countAttempts(came) : undefined;
  const isOver = attempt !== undefined && came !== undefined && came.now > attempt.finalAt;
  const clock = attempt && { attempt, isOver };
  return {
    senderWasTold: told,
    coupaDoes: { verdict, does, probably, ...(repeats && { repeats }), ...clock },
    administratorReads: { ...sees, supplierPage: SUPPLIER_PAGE },
    paragraph: writeParagraph(refusal, {
      sees,
      isRepeated: verdict === 'repeated',
      attempt,
      isOver,
    }),
  };
}

/** As it is to be sent, only that its lines are not endless. */
export function writeMail(paragraph: string): string[] {
  return paragraph.split('\n\n').flatMap((part, index) => (index === 0 ? wrap(part) : ['', ...wrap(part)]));
}

function countAttempts({ firstAt, lastAt }: NonNullable<SeenRefusal['came']>): Attempt {
  const clock = createRetryClock();
  const message = { sha256: '' };
  clock.failed(message, firstAt);
  return clock.failed(message, lastAt);
}

interface Outlook {
  readonly sees: Sight;
  readonly isRepeated: boolean;
  readonly attempt: Attempt | undefined;
  /** It is past the last attempt. */
  readonly isOver: boolean;
}

function writeParagraph(refusal: SeenRefusal, outlook: Outlook): string {
  const { code, orderId, payloadId, came, text, place } = refusal;
  const { wrong, change } = REFUSAL_WORDS[code];
  const order = orderId === undefined ? undefined : shorten(orderId, 60);
  const what = order === undefined ? 'a cXML message from you' : `your purchase order ${order}`;
  const first = came === undefined ? 'cannot' : 'could not';
  const when = came === undefined ? '' : `, which reached us on ${writeTime(came.firstAt)}`;
  const again =
    came === undefined || writeTime(came.lastAt) === writeTime(came.firstAt)
      ? []
      : [`The same message came again, last on ${writeTime(came.lastAt)}.`];
  const number = payloadId === undefined ? [] : [`Its payloadID is ${shorten(payloadId, 120)}.`];
  // The words of the refusal often name the line themselves.
  const { path, line } = place ?? {};
  const isSaid = path === undefined && line !== undefined && text.includes(`line ${line}`);
  const where = isSaid ? '' : writePlace(place);
  return [
    `Subject: ${order === undefined ? 'A cXML message' : `Purchase order ${order}`} could not be taken`,
    'Hello,',
    [`We ${first} take ${what}${when}: ${wrong}`, ...again, ...number].join(' '),
    `Our receiver says: “${shorten(maskCardNumbers(text), 400)}”${where === '' ? '' : ` The place: ${where}.`}`,
    change,
    [...writeOutlook(outlook), writeSight(outlook.sees)].join(' '),
  ].join('\n\n');
}

function writeOutlook({ isRepeated, attempt, isOver }: Outlook): string[] {
  const byHand = 'please send it again by hand.';
  if (!isRepeated) return [`Coupa does not send it again by itself: once that is done, ${byHand}`];
  if (attempt === undefined)
    return [`Coupa ${RHYTHMS.hourly.words}. If it shows Transmission Failure after that, ${byHand}`];
  const { number, of, nextAt, finalAt } = attempt;
  if (isOver || nextAt === undefined)
    return [`Coupa has stopped sending it by itself: if it shows Transmission Failure, ${byHand}`];
  return [
    `Coupa sends it again by itself: this was attempt ${number} of ${of}, the next comes about ${writeTime(nextAt)}, the last about ${writeTime(finalAt)}.`,
    `If it shows Transmission Failure after that, ${byHand}`,
  ];
}

function writeSight({ mail, monitor, probably }: Sight): string {
  return `In Coupa it ${probably ? 'probably ' : ''}shows as “${mail.body[0] ?? ''}”, in a mail “${mail.subject}” and on the page ${monitor.page}.`;
}

/** `line 12, column 5, in cXML/Request/OrderRequest` */
function writePlace({ line, column, path, offset }: Place = {}): string {
  const parts = [
    line === undefined ? [] : [`line ${line}`],
    column === undefined ? [] : [`column ${column}`],
    line === undefined && offset !== undefined ? [`byte ${offset}`] : [],
    path === undefined ? [] : [`in ${shorten(path, 200)}`],
  ];
  return parts.flat().join(', ');
}

/** `2026-11-20 09:00 UTC`: the reader may be anywhere. */
function writeTime(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
