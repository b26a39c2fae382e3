import { expect } from 'chai';
import { createMetrics } from '../../src/telemetry/prometheus.ts';
import type { AwaitedMessage } from '../../src/telemetry/retry-metrics.ts';

const create = () => createMetrics({ version: '0', known: { buyers: ['acme', 'globex'] } });

async function samples(metrics: ReturnType<typeof create>): Promise<string[]> {
  const { body } = await metrics.scrape();
  return body.split('\n').filter((line) => line.startsWith('sallyport_sender_'));
}

describe('the metrics about senders that come again', () => {
  it('exist for every buyer from the start, without a time', async () => {
    expect(await samples(create())).to.have.members([
      'sallyport_sender_retries_expected{buyer="acme"} 0',
      'sallyport_sender_retries_expected{buyer="globex"} 0',
      'sallyport_sender_retries_expected{buyer="unknown"} 0',
      'sallyport_sender_gave_up_total{buyer="acme"} 0',
      'sallyport_sender_gave_up_total{buyer="globex"} 0',
      'sallyport_sender_gave_up_total{buyer="unknown"} 0',
    ]);
  });

  it('tell how many are awaited and when the first of them comes for the last time, until it came', async () => {
    const metrics = create();
    let awaited: AwaitedMessage[] = [
      { buyer: 'acme', finalAt: new Date(3_000_000) },
      { buyer: 'acme', finalAt: new Date(2_000_000) },
      { finalAt: new Date(4_000_000) },
    ];
    metrics.watchSenders(() => awaited);
    expect(await samples(metrics)).to.include.members([
      'sallyport_sender_retries_expected{buyer="acme"} 2',
      'sallyport_sender_retries_expected{buyer="unknown"} 1',
      'sallyport_sender_final_attempt_timestamp_seconds{buyer="acme"} 2000',
      'sallyport_sender_final_attempt_timestamp_seconds{buyer="unknown"} 4000',
    ]);
    awaited = [];
    const after = await samples(metrics);
    expect(after).to.include('sallyport_sender_retries_expected{buyer="acme"} 0');
    expect(after.join()).not.to.contain('final_attempt');
  });

  it('count who gave up', async () => {
    const metrics = create();
    metrics.senderGaveUp('globex');
    expect(await samples(metrics)).to.include('sallyport_sender_gave_up_total{buyer="globex"} 1');
  });
});
