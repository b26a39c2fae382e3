/** What the configuration file says of trust is taken while the receiver runs; the rest of it waits, and says so. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createBuyer } from '../support/buyer.ts';
import { documentSeries } from '../support/orders.ts';
import { COUPA_NAME, QUICK_WATCH, startTestReceiver, type TestReceiver } from '../support/receiver.ts';

const STAYS = 'trust not replaced, the one in force stays';
const WAITS = 'configuration changed, and these keys wait for a restart';
const bundle = 'bundle.pem';
const document = documentSeries(1);
let number = 0;

/** Over a new connection. */
async function post({ url, pki }: TestReceiver, name = COUPA_NAME): Promise<number> {
  using buyer = createBuyer({ url, ca: pki.server.ca, ...pki.client(name) });
  number += 1;
  return (await buyer.post(document(number))).code;
}

describe('a receiver whose configuration file changes', () => {
  let receiver: TestReceiver;
  beforeEach(async () => {
    receiver = await startTestReceiver({}, { watchTiming: QUICK_WATCH });
  });
  afterEach(() => receiver[Symbol.asyncDispose]());

  it('lets a name in from the moment it is listed, and no longer than that', async () => {
    expect(await post(receiver, 'erp.example.com')).to.equal(403);
    await receiver.configure({ trust: { bundle, names: [COUPA_NAME, 'erp.example.com'] } });
    await receiver.told('trust replaced');
    expect(await post(receiver, 'erp.example.com')).to.equal(200);
    await receiver.configure({ trust: { bundle, names: [COUPA_NAME] } });
    await receiver.told('trust replaced', 2);
    expect(await post(receiver, 'erp.example.com')).to.equal(403);
    expect(await post(receiver)).to.equal(200);
    expect(receiver.logged.filter(({ msg }) => msg === WAITS)).to.deep.equal([]);
  });

  it('refuses a client from the moment its serial number is denied', async () => {
    const { url, pki } = receiver;
    const client = pki.client(COUPA_NAME, { serial: '4abc' });
    const postWith = async (): Promise<number> => {
      using buyer = createBuyer({ url, ca: pki.server.ca, ...client });
      number += 1;
      return (await buyer.post(document(number))).code;
    };
    expect(await postWith()).to.equal(200);
    await receiver.configure({ trust: { bundle, deny: [{ serial: '4ABC' }] } });
    await receiver.told('trust replaced');
    expect(await postWith()).to.equal(560);
    expect(await post(receiver)).to.equal(200);
  });

  it('watches the files that it names from then on', async () => {
    const { folder, pki } = receiver;
    await writeFile(join(folder, 'other.pem'), pki.bundlePem);
    await receiver.configure({ trust: { bundle: 'other.pem' } });
    await receiver.told('trust unchanged');
    await writeFile(join(folder, 'next.pem'), pki.sibling.pem);
    await rename(join(folder, 'next.pem'), join(folder, 'other.pem'));
    await receiver.told('trust replaced');
    expect(await post(receiver)).to.equal(560);
  });

  it('changes nothing when the file has a mistake, names its line, and goes on once it is corrected', async () => {
    await receiver.configure({ trust: { bundle, names: ['erp.example.com'], crl_polici: 'hard' } });
    const [line] = await receiver.told(STAYS);
    expect(line).to.include({ level: 'error', why: 'files changed', generation: 1 });
    expect(String(line?.problems)).to.match(/sallyport\.yaml:\d+: trust\.crl_polici: is unknown/);
    expect(line?.remedy).to.be.a('string').that.includes('read again once it is saved');
    expect(await receiver.metric('sallyport_config_last_reload_successful')).to.equal(0);
    expect(await receiver.metric('sallyport_trust_reloads_total{outcome="failed"}')).to.equal(1);
    expect(await post(receiver)).to.equal(200);
    await receiver.configure({ trust: { bundle, names: [COUPA_NAME, 'erp.example.com'] } });
    await receiver.told('trust replaced');
    expect(await post(receiver, 'erp.example.com')).to.equal(200);
    expect(await receiver.metric('sallyport_config_last_reload_successful')).to.equal(1);
  });

  it('names the other keys that were changed, once and without their values, and takes trust all the same', async () => {
    const secret = 'none-of-your-business';
    await writeFile(join(receiver.folder, 'secret'), secret);
    const buyers = [
      { key: 'anybody', unsafe_any_sender: true },
      { key: 'acme', from: [{ domain: 'DUNS', identity: '1' }], shared_secret: 'file:secret' },
    ];
    const trust = { bundle, names: [COUPA_NAME, 'erp.example.com'], state: 'elsewhere' };
    await receiver.configure({ buyers, trust, log: { level: 'debug' } });
    await receiver.told('trust replaced');
    const lines = await receiver.told(WAITS);
    expect(lines.map(({ keys }) => keys)).to.deep.equal([['buyers', 'log.level', 'trust.state']]);
    expect(JSON.stringify(receiver.logged)).not.to.include(secret).and.not.include('debug');
    expect(await post(receiver, 'erp.example.com')).to.equal(200);
    await receiver.configure({ buyers, trust: { ...trust, names: [COUPA_NAME] }, log: { level: 'debug' } });
    await receiver.told('trust replaced', 2);
    await receiver.configure({ buyers, trust, log: { level: 'fatal' }, answers: 'mirror' });
    const [, second] = await receiver.told(WAITS, 2);
    expect(second?.keys).to.deep.equal(['answers', 'buyers', 'log.level', 'trust.state']);
  });
});
