/** One exchange for a person: each step with its time, the Status, and what the buyer would see of it. */
import type { Exchange } from './buyer-client.ts';
import { type CoupaView, type Sight, SUPPLIER_PAGE, seeAsCoupa } from './coupa-view.ts';
import { harmless, shorten } from './harmless.ts';
import type { Terminal } from './terminal.ts';

/** As Coupa sees it. */
export function isDelivered(exchange: Exchange): boolean {
  return seeAsCoupa(exchange, '').verdict === 'delivered';
}

export function describeExchange(exchange: Exchange, orderId: string, terminal: Terminal): string[] {
  const { mark, dim } = terminal;
  const { handshakeMs, requestMs, replyMs, tls, http, status, failure, reply } = exchange;
  const lines: string[] = [];
  const say = (sign: string, name: string, text: string): void => {
    lines.push(`  ${sign} ${name.padEnd(9)} ${text}`);
  };
  if (tls !== '') {
    const time = handshakeMs === 0 ? 'connection kept open' : formatMs(handshakeMs);
    say(mark.yes, 'TLS', `${tls} ${dim(time)}`);
  }
  if (failure !== undefined) {
    say(mark.no, failure.stage === 'tls' ? 'TLS' : 'failed', harmless(failure.message));
  } else {
    say(
      http < 400 ? mark.yes : mark.no,
      'HTTP',
      `${http} ${dim(`answered in ${formatMs(requestMs + replyMs)}`)}`,
    );
    if (status === undefined) say(mark.no, 'Status', `none in ${reply.byteLength} bytes of reply`);
    else say(status.code < 300 ? mark.yes : mark.no, 'Status', `${status.code} ${harmless(status.text)}`);
    if (status?.detail) lines.push(`      ${shorten(status.detail, 400)}`);
  }
  const view = seeAsCoupa(exchange, orderId);
  lines.push(`  ${terminal.cyan('→')} Coupa ${describeDeed(view)}`);
  if (view.sees !== undefined) {
    const when = view.verdict === 'repeated' ? ', probably not before the last repeat has failed' : '';
    lines.push(...describeSight(view.sees, terminal, when));
  }
  return lines;
}

/** What Coupa does now, and how that ends. */
export function describeDeed({
  does,
  probably,
  verdict,
}: Pick<CoupaView, 'does' | 'probably' | 'verdict'>): string {
  const end = verdict === 'final' ? '; the order shows Transmission Failure' : '';
  return `${probably ? 'probably ' : ''}${does}${end}`;
}

/** The mail and the error page of the buyer's administrators, and what they and we can do then. */
export function describeSight(
  { probably, mail, monitor, next }: Sight,
  { dim }: Terminal,
  when = '',
): string[] {
  const say = (name: string, text: string): string => `      ${dim(name.padEnd(8))} ${text}`;
  return [
    `    its administrators ${probably ? 'probably ' : ''}read${when}:`,
    say('mail', mail.subject),
    ...mail.body.map((line) => say('', line)),
    say('page', monitor.page),
    ...(monitor.category === undefined ? [] : [say('category', monitor.category)]),
    say('error', monitor.error),
    say('next', next),
    say('supplier', `reads it in the ${SUPPLIER_PAGE}, if the buyer allows that`),
  ];
}

/** In a few words: `HTTP 503, 560 Temporary server error`. */
export function nameOutcome({ failure, http, status }: Exchange): string {
  if (failure?.stage === 'cut') return failure.message;
  if (failure !== undefined) return `${failure.stage}: ${shorten(failure.message, 60)}`;
  if (status === undefined) return `HTTP ${http} without a Status`;
  return `${http === 200 ? '' : `HTTP ${http}, `}${status.code} ${shorten(status.text, 60)}`;
}

export function exchangeJson(exchange: Exchange, orderId: string): object {
  const { reply, handshakeMs, requestMs, replyMs, ...rest } = exchange;
  const times = { handshakeMs, requestMs, replyMs };
  const rounded = Object.entries(times).map(([name, value]) => [name, Number(value.toFixed(3))]);
  return {
    ...rest,
    ...Object.fromEntries(rounded),
    reply: new TextDecoder().decode(reply),
    coupa: seeAsCoupa(exchange, orderId),
  };
}

export function formatMs(milliseconds: number): string {
  return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  if (bytes < 1_000_000_000) return `${(bytes / 1_000_000).toFixed(1)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}
