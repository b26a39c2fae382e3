/** The attempts at one message for a person: a line for each with its time on Coupa's clock, and how it ended. */
import { type CoupaView, seeAsCoupa } from './coupa-view.ts';
import { describeSight, isDelivered, nameOutcome } from './describe-exchange.ts';
import { type Attempt, writeVirtualTime } from './simulate-retry.ts';
import type { Terminal } from './terminal.ts';

/** Example: `+1:00  attempt 2  ✖ HTTP 503, 560 Temporary server error  again in 60 min` */
export function describeAttempt(
  { number, minutes, exchange, nextInMinutes }: Attempt,
  { mark, dim }: Terminal,
): string {
  const good = isDelivered(exchange);
  const next = nextInMinutes === undefined ? '' : `  ${dim(`again in ${nextInMinutes} min`)}`;
  const outcome = `${good ? mark.yes : mark.no} ${nameOutcome(exchange)}`;
  return `  ${writeVirtualTime(minutes).padEnd(6)} ${`attempt ${number}`.padEnd(10)}  ${outcome}${next}`;
}

/** Delivered, or Transmission Failure with what its administrators get to read. */
export function describeEnd(attempts: readonly Attempt[], orderId: string, terminal: Terminal): string[] {
  const last = attempts.at(-1);
  if (last === undefined) return [];
  const { cyan } = terminal;
  const view: CoupaView = seeAsCoupa(last.exchange, orderId);
  const when = `attempt ${last.number}, ${writeVirtualTime(last.minutes)} on Coupa’s clock`;
  if (view.verdict === 'delivered') return [`  ${cyan('→')} delivered at ${when}: Coupa ${view.does}`];
  const why =
    view.verdict === 'final' ? `${view.probably ? 'probably ' : ''}${view.does}` : 'has no repeat left';
  return [
    `  ${cyan('→')} Transmission Failure at ${when}: Coupa ${why}`,
    ...(view.sees === undefined ? [] : describeSight(view.sees, terminal)),
  ];
}
