/** A secret is changed on both sides, one after the other, and no order is refused meanwhile. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { sampleDocument } from '../support/orders.ts';
import { QUICK_WATCH, startTestReceiver, type TestReceiver } from '../support/receiver.ts';

/** As in `sampleDocument`. */
const OLD = 'not a real secret';
const NEW = 'neither is this';
const REPLACED = 'secrets replaced';
const WAITS = 'configuration changed, and these keys wait for a restart';
const STAYS = 'trust not replaced, the one in force stays';

const ACME = {
  key: 'acme',
  from: [{ domain: 'DUNS', identity: '128293714' }],
  shared_secret: 'file:secret',
};

async function save({ folder }: Pick<TestReceiver, 'folder'>, name: string, text: string): Promise<void> {
  await writeFile(join(folder, `${name}.next`), text);
  await rename(join(folder, `${name}.next`), join(folder, name));
}

describe('a receiver whose buyer gets a new secret', () => {
  let receiver: TestReceiver;
  let number = 0;

  async function post(secret: string, password?: string): Promise<number> {
    number += 1;
    using buyer = receiver.buyer();
    const document = sampleDocument({ orderId: `N${number}` }).replace(OLD, secret);
    const authorization = `Basic ${btoa(`coupa:${password}`)}`;
    return (await buyer.post(document, password === undefined ? {} : { authorization })).code;
  }

  async function start(buyer: object = {}): Promise<void> {
    receiver = await startTestReceiver(
      { buyers: [{ ...ACME, ...buyer }] },
      { prepare: (workplace) => save(workplace, 'secret', OLD), watchTiming: QUICK_WATCH },
    );
  }

  afterEach(() => receiver[Symbol.asyncDispose]());

  it('takes old and new until the buyer has changed it, too, and then the new one alone', async () => {
    await start();
    expect([await post(OLD), await post(NEW)]).to.deep.equal([200, 401]);

    await save(receiver, 'secret-before', OLD);
    await receiver.configure({ buyers: [{ ...ACME, shared_secret_previous: 'file:secret-before' }] });
    const [first] = await receiver.told(REPLACED);
    expect(first?.keys).to.deep.equal(['buyers[0].shared_secret_previous']);
    await save(receiver, 'secret', NEW);
    const [, second] = await receiver.told(REPLACED, 2);
    expect(second?.keys).to.deep.equal(['buyers[0].shared_secret']);
    expect(await post(NEW)).to.equal(200);
    expect(receiver.logged.filter(({ msg }) => msg === 'previous secret used')).to.deep.equal([]);
    expect(await post(OLD)).to.equal(200);
    expect(await receiver.told('previous secret used')).to.have.length(1);
    const slots = 'sallyport_authentications_total{buyer="acme",outcome="accepted",slot="previous"}';
    expect(await receiver.metric(slots)).to.equal(1);

    await receiver.configure({ buyers: [ACME] });
    await receiver.told(REPLACED, 3);
    expect([await post(OLD), await post(NEW)]).to.deep.equal([401, 200]);
    expect(receiver.logged.filter(({ msg }) => msg === WAITS)).to.deep.equal([]);
    for (const secret of [OLD, NEW]) expect(JSON.stringify(receiver.logged)).not.to.include(secret);
  });

  it('notices a changed file by itself, also over a connection that is open', async () => {
    await start();
    using buyer = receiver.buyer({ connections: 1 });
    const document = sampleDocument({ orderId: 'kept-alive' });
    expect((await buyer.post(document)).code).to.equal(200);
    await save(receiver, 'secret', NEW);
    const [line] = await receiver.told(REPLACED);
    expect(line).to.deep.include({ level: 'info', keys: ['buyers[0].shared_secret'] });
    expect((await buyer.post(document)).code).to.equal(401);
    expect((await buyer.post(document.replace(OLD, NEW))).code).to.equal(200);
  });

  it('keeps the one in force while the file is empty, and says where', async () => {
    await start();
    await save(receiver, 'secret', '');
    const [line] = await receiver.told(STAYS);
    expect(String(line?.problems)).to.match(
      /sallyport\.yaml:\d+: buyers\[0\]\.shared_secret: .*secret is empty/,
    );
    expect(await post(OLD)).to.equal(200);
    await save(receiver, 'secret', NEW);
    await receiver.told(REPLACED);
    expect([await post(OLD), await post(NEW)]).to.deep.equal([401, 200]);
  });

  it('takes new passwords of HTTP Basic the same way', async () => {
    const prepare = async ({ folder }: { readonly folder: string }): Promise<void> => {
      await save({ folder }, 'secret', OLD);
      await save({ folder }, 'password', 'first');
    };
    const basic = { username: 'coupa', password: 'file:password' };
    receiver = await startTestReceiver(
      { buyers: [{ ...ACME, basic_auth: basic }] },
      { prepare, watchTiming: QUICK_WATCH },
    );
    expect([await post(OLD, 'first'), await post(OLD, 'second'), await post(OLD)]).to.deep.equal([
      200, 401, 401,
    ]);
    await save(receiver, 'password', 'second');
    await receiver.told(REPLACED);
    expect([await post(OLD, 'first'), await post(OLD, 'second')]).to.deep.equal([401, 200]);
  });

  it('lets what a buyer has to prove wait for a restart, and names it', async () => {
    await start();
    await receiver.configure({
      buyers: [{ ...ACME, shared_secret: 'none', basic_auth: { username: 'c', password: 'file:secret' } }],
    });
    const [line] = await receiver.told(WAITS);
    expect(line?.keys).to.have.members(['buyers[0].shared_secret', 'buyers[0].basic_auth']);
    expect([await post(OLD), await post(NEW)]).to.deep.equal([200, 401]);
    expect(receiver.logged.filter(({ msg }) => msg === REPLACED)).to.deep.equal([]);
  });
});
