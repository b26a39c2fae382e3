/** The metrics of a receiver: their closed lists of labels come from its configuration and from the rooms. */
import { readFileSync } from 'node:fs';
import type { Config } from './config.ts';
import { REFUSAL_CODES, type RefusalCode } from './errors.ts';
import { ANSWERS } from './http/answer.ts';
import { createMetrics, type PrometheusMetrics } from './telemetry/prometheus.ts';
import { PEER_REASONS } from './trust/peer.ts';
import { TRIAL_REASONS } from './trust/trial.ts';

export const VERSION: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version;

export function createReceiverMetrics({ buyers }: Pick<Config, 'buyers'>): PrometheusMetrics {
  const keys = buyers.map(({ key }) => key);
  return createMetrics({
    version: VERSION,
    known: {
      buyers: keys,
      handshakeReasons: PEER_REASONS,
      trialReasons: TRIAL_REASONS,
      refusals: REFUSAL_CODES.flatMap((code) => refusalsOf(code, keys)),
    },
  });
}

/** Refused by what the Header says, whatever the Request asks for, and before anybody is known. */
const OF_SENDER: ReadonlySet<RefusalCode> = new Set(['sender-unknown', 'sender-forbidden']);
/** Refused for the order of a known buyer. */
const OF_ORDER: ReadonlySet<RefusalCode> = new Set(['order-invalid', 'payload-conflict']);
/** Refused for what a known buyer asks for instead of an order, a misspelt one among them. */
const OF_NO_ORDER: ReadonlySet<RefusalCode> = new Set(['request-unsupported']);

/** As each is counted when it comes; labels that a code never has are left out. */
function refusalsOf(reason: RefusalCode, buyers: readonly string[]) {
  const { status } = ANSWERS[reason];
  const labels = { reason, status_class: `${Math.floor(status.code / 100)}xx` };
  const unread = { ...labels, buyer: 'unknown', request_type: 'none' };
  const ofBuyer = (request_type: string) => buyers.map((buyer) => ({ ...labels, buyer, request_type }));
  const ofBuyers = ofBuyer('OrderRequest');
  if (OF_SENDER.has(reason)) return [unread, { ...unread, request_type: 'OrderRequest' }];
  if (OF_ORDER.has(reason)) return ofBuyers;
  if (OF_NO_ORDER.has(reason)) return [...ofBuyer('other'), ...ofBuyer('none')];
  return status.code >= 500 ? [unread, ...ofBuyers] : [unread];
}
