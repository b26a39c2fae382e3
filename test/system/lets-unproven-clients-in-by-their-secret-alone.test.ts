/** Where no certificate is required the SharedSecret is the only door, and nothing that is kept claims otherwise. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Answer, createBuyer } from '../support/buyer.ts';
import { sampleDocument } from '../support/orders.ts';
import { createTestPki, type Identity } from '../support/pki.ts';
import { COUPA_NAME, QUICK_WATCH, startTestReceiver, type TestReceiver } from '../support/receiver.ts';
import { runSallyport } from '../support/sallyport.ts';

/** As in `sampleDocument`. */
const SECRET = 'not a real secret';
const ACME = {
  key: 'acme',
  from: [{ domain: 'DUNS', identity: '128293714' }],
  shared_secret: 'file:secret',
};
const STAYS = 'trust not replaced, the one in force stays';
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
const bundle = 'bundle.pem';

function start(
  mode: string,
  { trust = {}, buyer = {} }: { readonly trust?: object; readonly buyer?: object } = {},
): Promise<TestReceiver> {
  const change = { trust: { bundle, client_certificate: mode, ...trust }, buyers: [{ ...ACME, ...buyer }] };
  const prepare = ({ folder }: { readonly folder: string }) => writeFile(join(folder, 'secret'), SECRET);
  return startTestReceiver(change, { prepare, watchTiming: QUICK_WATCH });
}

/** Over a new connection. */
async function post(
  { url, pki }: TestReceiver,
  {
    shows = {},
    secret = SECRET,
    orderId = randomUUID(),
    maxVersion = 'TLSv1.3',
  }: {
    readonly shows?: Partial<Identity>;
    readonly secret?: string;
    readonly orderId?: string;
    readonly maxVersion?: (typeof VERSIONS)[number];
  } = {},
): Promise<Answer> {
  using buyer = createBuyer({ url, ca: pki.server.ca, ...shows, maxVersion });
  return await buyer.post(sampleDocument({ orderId }).replace(SECRET, secret));
}

/** What `orders show` says of the one message of an order. */
async function shown({ folder }: TestReceiver, orderId: string, ...more: string[]): Promise<string> {
  const { code, stdout } = await runSallyport(
    ['orders', 'show', orderId, '-c', join(folder, 'sallyport.yaml'), ...more],
    { env: { NO_COLOR: '1' } },
  );
  expect(code).to.equal(0);
  return stdout;
}

for (const mode of ['requested', 'off']) {
  describe(`a receiver whose client certificates are ${mode}`, () => {
    for (const maxVersion of VERSIONS) {
      it(`takes an order by its secret alone over ${maxVersion}, and refuses a wrong one as ever`, async () => {
        await using receiver = await start(mode);
        expect((await post(receiver, { maxVersion })).code).to.equal(200);
        expect((await post(receiver, { maxVersion, secret: 'guessed' })).code).to.equal(401);
        expect(await receiver.metric(/^sallyport_tls_pin_last_seen/)).to.equal(undefined);
      });
    }

    it('does not let a certificate stand for the secret', async () => {
      await using receiver = await start(mode);
      const shows = receiver.pki.client(COUPA_NAME);
      expect((await post(receiver, { shows, secret: 'guessed' })).code).to.equal(401);
      const foreign = createTestPki().client(COUPA_NAME);
      expect((await post(receiver, { shows: foreign, secret: 'guessed' })).code).to.equal(401);
    });

    it('lets nobody unproven send for a buyer that is bound to names', async () => {
      await using receiver = await start(mode, { buyer: { names: [COUPA_NAME] } });
      expect((await post(receiver)).code).to.equal(403);
      const foreign = receiver.pki.client(COUPA_NAME, { issuer: receiver.pki.sibling });
      expect((await post(receiver, { shows: foreign })).code).to.equal(403);
    });

    it('still keeps to the address list', async () => {
      await using receiver = await startTestReceiver(
        { trust: { bundle, client_certificate: mode, addresses: 'from.txt' }, buyers: [ACME] },
        {
          prepare: async ({ folder }) => {
            await writeFile(join(folder, 'secret'), SECRET);
            await writeFile(join(folder, 'from.txt'), '192.0.2.1\n');
          },
        },
      );
      expect((await post(receiver)).http).to.equal(403);
    });

    it('says in order, log, metric and readiness that nothing was proved', async () => {
      await using receiver = await start(mode);
      expect((await post(receiver, { orderId: '4711' })).code).to.equal(200);
      expect(await shown(receiver, '4711')).to.include(`client certificate: none (mode ${mode}), TLSv1.3`);
      expect(await shown(receiver, '4711', '--json')).not.to.include('peerSpkiSha256');
      const warnings = receiver.logged.filter(({ msg }) => msg === 'trust needs attention');
      expect(warnings.map(({ warning }) => warning).join()).to.include(`trust.client_certificate is ${mode}`);
      expect(await receiver.metric(`sallyport_trust_mode{mode="${mode}"}`)).to.equal(1);
      expect(await receiver.metric('sallyport_trust_mode{mode="required"}')).to.equal(0);
      const ready = await fetch(`${receiver.adminUrl}/readyz`);
      expect(ready.status).to.equal(200);
      expect(await ready.text()).to.include(`trust.client_certificate is ${mode}`);
    });
  });
}

describe('a receiver whose client certificates are requested', () => {
  it('proves those that are good, and shows them', async () => {
    await using receiver = await start('requested', { buyer: { names: [COUPA_NAME] } });
    const shows = receiver.pki.client(COUPA_NAME);
    expect((await post(receiver, { shows, orderId: '4711' })).code).to.equal(200);
    expect(await shown(receiver, '4711')).to.match(
      /peer +cxml-supplier\.coupahost\.com, TLSv1\.3, sha256 [0-9a-f]{16}/,
    );
    expect(receiver.logged.filter(({ msg }) => msg === 'client would be refused')).to.deep.equal([]);
  });

  it('tells whoever would be refused, with every reason', async () => {
    await using receiver = await start('requested');
    const { pki } = receiver;
    expect((await post(receiver)).code).to.equal(200);
    const foreign = pki.client(COUPA_NAME, { issuer: pki.sibling });
    expect((await post(receiver, { shows: foreign, orderId: '4711' })).code).to.equal(200);
    expect(await shown(receiver, '4711')).to.include('client certificate: not trusted (mode requested)');
    const told = await receiver.told('client would be refused', 2);
    const reasons = told.map(({ findings }) =>
      (findings as { reason: string }[]).map(({ reason }) => reason),
    );
    expect(reasons).to.deep.equal([['no_certificate'], ['untrusted_issuer']]);
    expect(told[1]).to.deep.include({ names: [COUPA_NAME] });
    expect(await receiver.metric('sallyport_tls_would_refuse_total{reason="untrusted_issuer"}')).to.equal(1);
  });

  it('refuses a client on the deny-list', async () => {
    await using receiver = await start('requested', { trust: { deny: [{ serial: '4abc' }] } });
    const { pki } = receiver;
    for (const issuer of [pki.intermediate, pki.sibling]) {
      const shows = pki.client(COUPA_NAME, { serial: '4abc', issuer });
      expect((await post(receiver, { shows })).http).to.equal(503);
    }
  });
});

describe('a receiver whose mode of client certificates changes while it runs', () => {
  for (const [from, to] of [
    ['off', 'required'],
    ['requested', 'required'],
  ] as const) {
    it(`asks for them and refuses whoever has none, from ${from} to ${to}`, async () => {
      await using receiver = await start(from);
      expect((await post(receiver)).code).to.equal(200);
      await receiver.configure({ trust: { bundle, client_certificate: to }, buyers: [ACME] });
      await receiver.told('trust replaced');
      expect((await post(receiver)).http).to.equal(403);
      expect((await post(receiver, { shows: receiver.pki.client(COUPA_NAME) })).code).to.equal(200);
      await receiver.configure({ trust: { bundle, client_certificate: from }, buyers: [ACME] });
      await receiver.told('trust replaced', 2);
      expect((await post(receiver)).code).to.equal(200);
    });
  }

  it('does not open the door while a buyer runs without a secret, even if the file has one by now', async () => {
    await using receiver = await start('required', { buyer: { shared_secret: 'none' } });
    await receiver.configure({ trust: { bundle, client_certificate: 'off' }, buyers: [ACME] });
    const [line] = await receiver.told(STAYS);
    expect(String(line?.problems)).to.match(/off has to wait: buyers\[0\] runs without a shared_secret/);
    expect((await post(receiver)).http).to.equal(403);
  });
});
