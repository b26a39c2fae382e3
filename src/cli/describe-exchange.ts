/** One exchange for a person: each step with its time, the Status, and what the buyer would see of it. */
import type { Exchange } from './buyer-client.ts';
import { seeAsCoupa } from './coupa-view.ts';
import { harmless, shorten } from './harmless.ts';
import type { Terminal } from './terminal.ts';

/** HTTP 200 with cXML Status 200, or what both say otherwise. */
export function isDelivered({ failure, http, status }: Exchange): boolean {
  return failure === undefined && http === 200 && status?.code === 200;
}

export function describeExchange(exchange: Exchange, orderId: string, terminal: Terminal): string[] {
  const { mark, dim, cyan } = terminal;
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
  const { does, sees } = seeAsCoupa(exchange, orderId);
  lines.push(`  ${cyan('→')} Coupa ${does}`);
  if (sees !== undefined) lines.push(`    its administrators read: ${sees}`);
  return lines;
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
