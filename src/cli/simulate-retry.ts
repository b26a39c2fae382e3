/**
 * Coupa's repeats on a fast clock: five an hour apart after a 5xx, four 5 minutes apart after no answer, none after a
 * 4xx. Nobody has shown what happens when answers of both kinds come in turn, nor whether a repeat keeps its payloadID:
 * here each kind is counted by itself, and the same bytes are sent, as the cXML guide asks.
 */
import type { Exchange } from './buyer-client.ts';
import { RHYTHMS, type Rhythm, seeAsCoupa } from './coupa-view.ts';

export interface Attempt {
  /** From 1. */
  readonly number: number;
  /** On Coupa's clock, after the first attempt. */
  readonly minutes: number;
  readonly exchange: Exchange;
  /** In how many minutes of Coupa's it is sent again; undefined after the last. */
  readonly nextInMinutes?: number;
}

export async function* sendUntilDelivered({
  orderId,
  send,
  pause,
}: {
  readonly orderId: string;
  readonly send: (attempt: number) => Promise<Exchange>;
  /** In minutes of Coupa's. */
  readonly pause: (minutes: number) => Promise<unknown>;
}): AsyncGenerator<Attempt, void, void> {
  const used: Record<Rhythm, number> = { hourly: 0, soon: 0 };
  let minutes = 0;
  for (let number = 1; ; number += 1) {
    const exchange = await send(number);
    const { rhythm } = seeAsCoupa(exchange, orderId);
    if (rhythm === undefined || used[rhythm] === RHYTHMS[rhythm].repeats) {
      yield { number, minutes, exchange };
      return;
    }
    used[rhythm] += 1;
    const nextInMinutes = RHYTHMS[rhythm].minutes;
    yield { number, minutes, exchange, nextInMinutes };
    await pause(nextInMinutes);
    minutes += nextInMinutes;
  }
}

/** `+0:05`, `+5:00` */
export function writeVirtualTime(minutes: number): string {
  return `+${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}
