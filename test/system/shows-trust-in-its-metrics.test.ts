/** What an alert about trust looks at: it follows each step of a rotation, and is still known after a restart. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadConfig } from '../../src/config-file.ts';
import { startReceiver } from '../../src/receiver.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createBuyer } from '../support/buyer.ts';
import { spkiOf } from '../support/judging.ts';
import { documentSeries } from '../support/orders.ts';
import { COUPA_NAME, prepareWorkplace, startTestReceiver } from '../support/receiver.ts';

const ANNA = { by: 'anna@host', reason: null };
const document = documentSeries(1);

describe('the metrics about trust of a running receiver', () => {
  it('follow each step of a rotation', async () => {
    await using receiver = await startTestReceiver();
    const { rotation, pki, metric } = receiver;
    const pin = spkiOf(pki.sibling).slice(0, 12);
    const endOf = (state: string): Promise<number | undefined> =>
      metric(`sallyport_tls_pin_not_after_timestamp_seconds{pin="${pin}",state="${state}"}`);
    const numberOf = (state: string): Promise<number | undefined> =>
      metric(`sallyport_tls_pins{state="${state}"}`);
    expect([await numberOf('active'), await numberOf('staged')]).to.deep.equal([1, 0]);

    await rotation.stage({ file: 'new.pem', bytes: Buffer.from(pki.sibling.pem) }, ANNA);
    expect([await numberOf('active'), await numberOf('staged')]).to.deep.equal([1, 1]);
    expect(await endOf('staged')).to.be.greaterThan(Date.now() / 1000);

    await rotation.promote({ pins: [], force: false }, ANNA);
    expect([await numberOf('active'), await numberOf('staged')]).to.deep.equal([2, 0]);
    expect(await endOf('staged')).to.equal(undefined);
    expect(await endOf('active')).to.be.greaterThan(Date.now() / 1000);

    await rotation.retire({ pin, force: true }, { ...ANNA, reason: 'a test' });
    expect([await numberOf('active'), await endOf('active')]).to.deep.equal([1, undefined]);
    expect(await metric('sallyport_trust_journal_intact')).to.equal(1);
  });

  it('tell that somebody wrote into the journal, without a step being taken', async () => {
    await using receiver = await startTestReceiver();
    await receiver.told('trust journal written');
    await appendFile(join(receiver.folder, 'data', 'trust', 'journal.jsonl'), '{"seq":2}\n{"seq":3}\n');
    expect(await receiver.metric('sallyport_trust_journal_intact')).to.equal(0);
  });

  it('count a near miss, and what is on record of it', async () => {
    await using receiver = await startTestReceiver();
    const { pki, url, metric } = receiver;
    const leaf = pki.leaf(COUPA_NAME, { issuer: pki.sibling });
    const identity = { cert: leaf.pem + pki.sibling.pem, key: leaf.keyPem };
    using buyer = createBuyer({ url, ca: pki.server.cert, ...identity });
    expect((await buyer.post(document(1))).http).to.equal(503);
    await using store = await receiver.lookIntoStore(); // all is written down by then
    expect(await store.listRefusedHandshakes()).to.have.length(1);
    expect(await metric('sallyport_tls_near_misses_total{reason="untrusted_issuer"}')).to.equal(1);
    expect(await metric('sallyport_trust_refused_records{kind="near_miss"}')).to.equal(1);
  });

  it('know after a restart which certificate and which pin were last seen', async () => {
    await using place = await prepareWorkplace();
    const { pki, configFile } = place;
    const config = await loadConfig(configFile, { SALLYPORT_UNSAFE_TESTS: '1' });
    const start = () => startReceiver({ config, log: createLog({ level: 'fatal' }) });
    {
      await using receiver = await start();
      using buyer = createBuyer({ url: receiver.url, ca: pki.server.cert, ...pki.client(COUPA_NAME) });
      expect((await buyer.post(document(1))).http).to.equal(200);
    }
    await using receiver = await start();
    const text = await (await fetch(`${receiver.adminUrl}/metrics`)).text();
    const pin = spkiOf(pki.intermediate).slice(0, 12);
    const ofPin = `sallyport_tls_pin_last_seen_timestamp_seconds{pin="${pin}"}`;
    const ofClient = `sallyport_tls_client_certificate_last_seen_timestamp_seconds{name="${COUPA_NAME}"}`;
    const end = `sallyport_tls_client_certificate_not_after_timestamp_seconds{name="${COUPA_NAME}"}`;
    const sampleOf = (line: string): number =>
      Number(
        text
          .split('\n')
          .find((each) => each.startsWith(line))
          ?.slice(line.length),
      );
    expect(Date.now() / 1000 - sampleOf(ofPin)).to.be.within(0, 600);
    expect(Date.now() / 1000 - sampleOf(ofClient)).to.be.within(0, 600);
    expect(sampleOf(end)).to.be.greaterThan(Date.now() / 1000);
  });
});
