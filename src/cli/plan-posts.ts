/** What `simulate` sends, in order: the bytes, and what to call them. */
import { readFile } from 'node:fs/promises';
import type { SampleCredential } from '../cxml/write-order.ts';
import { writeOrder } from '../cxml/write-order.ts';
import { StartupError } from '../errors.ts';
import { readDocument } from './read-document.ts';
import { createSampleOrder } from './sample-order.ts';

export interface Post {
  readonly name: string;
  readonly orderId: string;
  readonly payloadId: string;
  readonly bytes: Uint8Array;
}

export interface Wishes {
  readonly what: string;
  readonly from: SampleCredential;
  readonly to: SampleCredential;
  readonly secret?: string;
  /** An order that is there already, to be changed. */
  readonly order?: string;
}

/** The posts of one round; every round has an order number of its own. */
export type Plan = (round: number, at: Date) => readonly Post[];

/** An order is sent as of a minute ago when a change follows: Coupa's payloadIDs count in seconds. */
const BEFORE_MS = 60_000;
const EPOCH_MS = Date.UTC(2026, 0, 1);

/** @throws {StartupError} when `what` is neither a known word nor a file */
export async function planPosts(wishes: Wishes): Promise<Plan> {
  const { what, order } = wishes;
  switch (what) {
    case 'order':
      return (round, at) => [create('order', wishes, 'new', createOrderNumber(at, round), at)];
    case 'duplicate':
      return (round, at) => {
        const first = create('order', wishes, 'new', createOrderNumber(at, round), at);
        return [first, { ...first, name: 'the same bytes again' }];
      };
    case 'update':
    case 'cancel': {
      const type = what === 'update' ? 'update' : 'delete';
      if (order !== undefined) return (_round, at) => [create(what, wishes, type, order, at)];
      return (round, at) => {
        const orderedAt = new Date(at.getTime() - BEFORE_MS);
        const first = create('order', wishes, 'new', createOrderNumber(at, round), orderedAt);
        const change = { orderedAt, documentReference: first.payloadId };
        return [first, create(what, wishes, type, first.orderId, at, change)];
      };
    }
    default:
      return planFile(what);
  }
}

function create(
  name: string,
  { from, to, secret }: Wishes,
  type: 'new' | 'update' | 'delete',
  orderId: string,
  at: Date,
  change: { readonly orderedAt?: Date; readonly documentReference?: string } = {},
): Post {
  const sample = createSampleOrder({ orderId, type, at, from, to, secret, ...change });
  return { name, orderId, payloadId: sample.payloadId, bytes: new TextEncoder().encode(writeOrder(sample)) };
}

async function planFile(file: string): Promise<Plan> {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await readFile(file));
  } catch (cause) {
    throw new StartupError(
      `${file} is neither order, update, cancel or duplicate nor a file that can be read`,
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
