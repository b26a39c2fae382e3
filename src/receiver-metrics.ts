/** The metrics of a receiver: their closed lists of labels come from its configuration and from the rooms. */
import { readFileSync } from 'node:fs';
import type { Config } from './config.ts';
import { ANSWERS } from './http/answer.ts';
import { createMetrics, type PrometheusMetrics } from './telemetry/prometheus.ts';
import { PEER_REASONS } from './trust/peer.ts';
import { TRIAL_REASONS } from './trust/trial.ts';

export const VERSION: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version;

export function createReceiverMetrics({ buyers }: Pick<Config, 'buyers'>): PrometheusMetrics {
  const failureCodes = Object.entries(ANSWERS).filter(([, { status }]) => status.code >= 500);
  return createMetrics({
    version: VERSION,
    known: {
      buyers: buyers.map(({ key }) => key),
      handshakeReasons: PEER_REASONS,
      trialReasons: TRIAL_REASONS,
      failureCodes: failureCodes.map(([code]) => code),
    },
  });
}
