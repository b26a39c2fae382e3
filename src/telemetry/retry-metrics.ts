/** The metrics about senders that were told to come again: how many, how long they still will, and who gave up. */
import type { Declarations } from './declare.ts';

/** A message that its sender still means to repeat. */
export interface AwaitedMessage {
  /** Key of the configured buyer, if it was known. */
  readonly buyer?: string | undefined;
  readonly finalAt: Date;
}

export interface RetryMetrics {
  /** A message was answered 5xx until its sender stopped repeating it. `buyer` is a configured key or `unknown`. */
  senderGaveUp(buyer: string): void;
  /** Where a scrape asks for the messages that are still to come. */
  watchSenders(awaited: () => readonly AwaitedMessage[]): void;
  askSenders(): void;
}

export function createRetryMetrics(
  { counter, gauge }: Declarations,
  known: { readonly buyers?: readonly string[] },
): RetryMetrics {
  const buyers = [...(known.buyers ?? []), 'unknown'];
  const expected = gauge(
    'sender_retries_expected',
    'Messages that were answered 5xx and have not come again so far.',
    ['buyer'],
  );
  const final = gauge(
    'sender_final_attempt_timestamp_seconds',
    'About when the first of them is sent for the last time.',
    ['buyer'],
  );
  const gaveUp = counter(
    'sender_gave_up_total',
    'Messages that were answered 5xx until their sender stopped repeating them.',
    ['buyer'],
  );
  for (const buyer of buyers) gaveUp({ buyer });

  let awaited: () => readonly AwaitedMessage[] = () => [];

  return {
    senderGaveUp: (buyer) => gaveUp({ buyer }).inc(),

    watchSenders(source) {
      awaited = source;
    },

    askSenders() {
      const byBuyer = Map.groupBy(awaited(), ({ buyer }) => buyer ?? 'unknown');
      expected.reset();
      final.reset();
      for (const buyer of buyers) expected.set({ buyer }, 0);
      for (const [buyer, messages] of byBuyer) {
        const finals = messages.map(({ finalAt }) => finalAt.getTime());
        expected.set({ buyer }, messages.length);
        final.set({ buyer }, finals.reduce((a, b) => Math.min(a, b)) / 1000);
      }
    },
  };
}
