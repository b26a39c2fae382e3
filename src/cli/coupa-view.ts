/** What Coupa would do with an answer, and what its administrators would see. Facts: Coupa's public documentation. */
import type { Exchange } from './buyer-client.ts';
import { shorten } from './harmless.ts';

export interface CoupaView {
  /** `delivered`: done. `final`: failed, never repeated. `repeated`: Coupa tries again by itself. */
  readonly verdict: 'delivered' | 'final' | 'repeated';
  readonly does: string;
  /** What a buyer's administrator reads, or undefined when there is nothing to read. */
  readonly sees?: string;
}

const HOURLY = 'repeats it 5 times, an hour apart';

export function seeAsCoupa(exchange: Exchange, orderId: string): CoupaView {
  if (exchange.failure !== undefined) return seeFailure(exchange.failure, orderId);
  const { http, status } = exchange;
  if (http >= 300 && http < 400) {
    return fail('final', `takes the redirect for a failure`, orderId, `${http}: redirects are not followed`);
  }
  if (status === undefined) {
    const does = 'takes an answer without a Status element for a failure, whatever the HTTP code says';
    return fail(http >= 500 ? 'repeated' : 'final', does, orderId, 'No status element in setup response');
  }
  const told = `PO failed: ${status.code} ${shorten(status.text, 200)}`;
  const worst = Math.max(http, status.code);
  if (http >= 400 && http < 500) {
    const does = 'reports the HTTP code and hides our text; it never repeats a 4xx';
    return fail('final', does, orderId, `Connection to supplier failed: ${http}`);
  }
  if (worst >= 500) return fail('repeated', HOURLY, orderId, told);
  if (status.code >= 400) return fail('final', 'never repeats a 4xx', orderId, told);
  return { verdict: 'delivered', does: 'marks the order as sent by cXML' };
}

function seeFailure(failure: NonNullable<Exchange['failure']>, orderId: string): CoupaView {
  const message = shorten(failure.message, 200);
  switch (failure.stage) {
    case 'timeout':
      return fail(
        'repeated',
        'repeats it 4 times, 5 minutes apart',
        orderId,
        'Connection to supplier timed out',
      );
    case 'tls':
      return fail(
        'final',
        'reports a failed connection',
        orderId,
        `Connection to supplier failed: ${message}`,
      );
    case 'connect':
      return fail(
        'final',
        'reports a failed connection',
        orderId,
        `Connection to supplier failed: ${message}`,
      );
    case 'reply':
      return fail('repeated', `takes it for a transport error and ${HOURLY}`, orderId, message);
  }
}

function fail(verdict: 'final' | 'repeated', does: string, orderId: string, text: string): CoupaView {
  const sees = `“cXML Failure (Failed to send PO #${shorten(orderId, 40)})”, with: ${text}`;
  return {
    verdict,
    does: verdict === 'final' ? `${does}; the order shows Transmission Failure` : does,
    sees,
  };
}
