/** What `simulate` sends, in order: the bytes, what to call them, and how they leave. */
import { readFile } from 'node:fs/promises';
import type { OrderSample, SampleCredential } from '../cxml/write-order.ts';
import { StartupError } from '../errors.ts';
import type { Sending } from './buyer-client.ts';
import { harmless } from './harmless.ts';
import { packEncoded, packMultipart, packPlain } from './pack-post.ts';
import { readDocument } from './read-document.ts';
import { createSampleOrder, writeDate } from './sample-order.ts';
import { isKind, KINDS, type Kind } from './simulate-kinds.ts';

export interface Post {
  readonly name: string;
  readonly orderId: string;
  readonly payloadId: string;
  readonly bytes: Uint8Array;
  readonly sending?: Sending;
}

export interface Wishes {
  readonly what: string;
  readonly from: SampleCredential;
  readonly to: SampleCredential;
  readonly secret?: string;
  /** An order that is there already, to be changed. */
  readonly order?: string;
  /** Of every order; default 3. */
  readonly lines?: number;
  readonly multipart?: 'related' | 'mixed';
  /** How long every body takes on its way. */
  readonly seconds?: number;
}

/** The posts of one round; every round has an order number of its own. */
export type Plan = (round: number, at: Date) => readonly Post[];

/** An order is sent as of a minute ago when a change follows: Coupa's payloadIDs count in seconds. */
const BEFORE_MS = 60_000;
const EPOCH_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const SLOW_SECONDS = 20;
/** The DTD of a supplier that is to confirm orders. */
const NEWER_DTD = '1.2.056';

/** @throws {StartupError} when `what` is neither a known word nor a file */
export async function planPosts(wishes: Wishes): Promise<Plan> {
  const { what, seconds = what === 'slow' ? SLOW_SECONDS : undefined } = wishes;
  const plan = isKind(what) ? planKind(what, wishes) : await planFile(what);
  if (seconds === undefined) return plan;
  return (round, at) => plan(round, at).map((post) => ({ ...post, sending: { ...post.sending, seconds } }));
}

function planKind(kind: Kind, wishes: Wishes): Plan {
  if ((kind === 'update' || kind === 'cancel') && wishes.order !== undefined) {
    const { order } = wishes;
    return (_round, at) => [packPlain(kind, createSample(wishes, order, at, { type: TYPES[kind] }))];
  }
  return (round, at) => playKind(kind, wishes, createOrderNumber(at, round), at);
}

const TYPES = { update: 'update', cancel: 'delete' } as const;

function playKind(kind: Kind, wishes: Wishes, orderId: string, at: Date): readonly Post[] {
  const sample = createSample(wishes, orderId, at);
  const orderedAt = new Date(at.getTime() - BEFORE_MS);
  const earlier = createSample(wishes, orderId, orderedAt);
  switch (kind) {
    case 'order':
    case 'slow':
      return [packPlain('order', sample)];
    case 'duplicate': {
      const first = packPlain('order', sample);
      return [first, { ...first, name: 'the same bytes again' }];
    }
    case 'resend': {
      const again = createSample(wishes, orderId, at, { orderedAt });
      return [packPlain('order', earlier), packPlain('the same order under a new payloadID', again)];
    }
    case 'update':
    case 'cancel': {
      const change = { type: TYPES[kind], orderedAt, documentReference: earlier.payloadId };
      return [packPlain('order', earlier), packPlain(kind, createSample(wishes, orderId, at, change))];
    }
    case 'attachment':
      return [packMultipart(sample, wishes.multipart)];
    case 'confirmation-header':
    case 'confirmation-line':
      return [packPlain('order', askToConfirm(sample, at, kind === 'confirmation-line'))];
    case 'blanket':
      return [packPlain('blanket order', makeBlanket(sample, at))];
    case 'release': {
      const agreement = createSample(wishes, `${orderId}-A`, orderedAt);
      const release = { ...sample, agreementId: agreement.orderId };
      return [packPlain('blanket order', makeBlanket(agreement, orderedAt)), packPlain('release', release)];
    }
    case 'latin-9':
      return [packEncoded(sample, 'ISO-8859-15')];
    case 'utf-16':
      return [packEncoded(sample, 'UTF-16')];
    case 'cut': {
      const post = packPlain('order', sample);
      return [{ ...post, sending: { cutAfterBytes: Math.floor(post.bytes.byteLength / 2) } }];
    }
  }
}

function createSample(
  { from, to, secret, lines }: Wishes,
  orderId: string,
  at: Date,
  change: {
    readonly type?: OrderSample['type'];
    readonly orderedAt?: Date;
    readonly documentReference?: string;
  } = {},
): OrderSample {
  return createSampleOrder({ orderId, type: 'new', at, from, to, secret, lineCount: lines, ...change });
}

/** `ControlKeys` in the header: all or nothing. In the lines: each can be accepted, refused or answered otherwise. */
function askToConfirm(sample: OrderSample, at: Date, byLine: boolean): OrderSample {
  const confirmationDueDate = writeDate(new Date(at.getTime() + 3 * DAY_MS));
  const lines = sample.lines.map((line) => ({
    ...line,
    confirmationDueDate,
    ...(byLine && { confirmation: 'allowed' as const }),
  }));
  return { ...sample, dtdVersion: NEWER_DTD, lines, ...(!byLine && { confirmation: 'allowed' as const }) };
}

function makeBlanket(sample: OrderSample, at: Date): OrderSample {
  const [effectiveDate, expirationDate] = [at, new Date(at.getTime() + 365 * DAY_MS)].map(writeDate);
  if (effectiveDate === undefined || expirationDate === undefined) throw new Error('a date is missing');
  return { ...sample, dtdVersion: NEWER_DTD, blanket: { effectiveDate, expirationDate } };
}

async function planFile(file: string): Promise<Plan> {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await readFile(file));
  } catch (cause) {
    throw new StartupError(
      `${harmless(file)} is neither a file that can be read nor one of ${Object.keys(KINDS).join(', ')}`,
      {
        hint: 'sallyport simulate order --to https://…/cxml, or name a file to post as it is.',
        cause,
      },
    );
  }
  // The file is posted whatever it holds; this is only for the report.
  const { message, order } = readDocument(bytes);
  const post: Post = {
    name: file,
    orderId: order?.purchaseOrderNumber ?? '?',
    payloadId: message?.payloadId ?? '',
    bytes,
  };
  return () => [post];
}

/** Digits only, as most buyers have them, and never twice: milliseconds of this epoch, and the round. */
export function createOrderNumber(at: Date, round: number): string {
  return `${at.getTime() - EPOCH_MS}${round === 0 ? '' : String(round).padStart(6, '0')}`;
}
