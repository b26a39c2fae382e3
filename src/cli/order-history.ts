/** How an order came to be what it is: each revision in the order of its arrival, and what it changed. */
import { compareRevisions, type RevisionChanges } from '../cxml/compare-revisions.ts';
import type { Order } from '../cxml/order.ts';
import { readParameters } from '../http/header-parameters.ts';
import type { StoreReader } from '../store/sqlite-reader.ts';
import type { MessageSummary, OrderDetail } from '../store/store.ts';
import { readDocument } from './read-document.ts';
import { readStored } from './stored-orders.ts';

export interface Step {
  readonly message: MessageSummary;
  /** Undefined when its bytes can no longer be read as an order. */
  readonly order: Order | undefined;
  /** It became the order in force when it came, whatever followed. */
  readonly tookForce: boolean;
  /** Against the revision that was in force before it; undefined of the first, and of one that never was in force. */
  readonly changes: RevisionChanges | undefined;
}

/** Each step is read again from its bytes, so a long history is shown by its end. */
const MOST_STEPS = 20;

/** @returns the steps, oldest first, and how many older ones were left out */
export async function readHistory(
  store: StoreReader,
  { messages }: OrderDetail,
): Promise<{ readonly steps: readonly Step[]; readonly leftOut: number }> {
  const revisions = messages.filter(({ outcome }) => outcome === 'kept');
  const shown = revisions.slice(-MOST_STEPS);
  const steps: Step[] = [];
  let inForce: Order | undefined;
  for (const message of shown) {
    const tookForce = !message.notes.includes('older-than-current');
    const order = await readAgain(store, message);
    const comparable = tookForce && inForce !== undefined && order !== undefined;
    const changes = comparable && inForce && order ? compareRevisions(inForce, order) : undefined;
    steps.push({ message, order, tookForce, changes });
    if (tookForce) inForce = order;
  }
  return { steps, leftOut: revisions.length - shown.length };
}

async function readAgain(store: StoreReader, message: MessageSummary): Promise<Order | undefined> {
  const { bytes } = await readStored(store, message);
  return readDocument(bytes, { charset: readParameters(message.contentType).get('charset') }).order;
}
