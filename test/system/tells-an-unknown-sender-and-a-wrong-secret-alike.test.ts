/** Over mutual TLS: whatever is wrong about a sender, answer, log and store are the same, and hold none of it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import type { CredentialMac } from '../../src/cxml/message.ts';
import { readMacInput, signMac } from '../../src/intake/credential-mac.ts';
import { sampleDocument } from '../support/orders.ts';
import { startTestReceiver, type Workplace } from '../support/receiver.ts';

/** As in `sampleDocument`. */
const SECRET = 'not a real secret';
const PASSWORD = 'nor a reäl password';
const ACME = { domain: 'DUNS', identity: '128293714' };
const WITH_MAC = { domain: 'DUNS', identity: '222' };
const NOBODY = { domain: 'DUNS', identity: '999' };

const BUYERS = [
  {
    key: 'acme',
    from: [ACME],
    shared_secret: 'file:secret',
    shared_secret_previous: 'file:secret-before',
    basic_auth: { username: 'coupa', password: 'file:password' },
  },
  { key: 'with-mac', from: [WITH_MAC], shared_secret: 'file:secret', credential_mac: 'required' },
];

async function writeSecrets({ folder }: Pick<Workplace, 'folder'>): Promise<void> {
  await writeFile(join(folder, 'secret'), SECRET);
  await writeFile(join(folder, 'secret-before'), 'last year');
  await writeFile(join(folder, 'password'), PASSWORD);
}

interface Guess {
  readonly as: { readonly domain: string; readonly identity: string };
  /** Text of the SharedSecret, or a CredentialMac in its place. */
  readonly proof?: string | CredentialMac;
  readonly basic?: string | undefined;
}

function documentOf({ as, proof }: Guess): string {
  const text = sampleDocument({ orderId: '1' }).replaceAll(ACME.identity, as.identity);
  const given =
    proof === undefined
      ? ''
      : typeof proof === 'string'
        ? `<SharedSecret>${proof}</SharedSecret>`
        : `<CredentialMac type="${proof.type}" algorithm="${proof.algorithm}" creationDate="${proof.creationDate}" ` +
          `expirationDate="${proof.expirationDate}">${proof.value}</CredentialMac>`;
  return text.replace(/<SharedSecret>.*<\/SharedSecret>/, given);
}

function headersOf({ basic }: Guess): Record<string, string> {
  return basic === undefined ? {} : { authorization: `Basic ${Buffer.from(basic).toString('base64')}` };
}

function macOf(secret: string, { late = false, as = WITH_MAC } = {}): CredentialMac {
  const at = Date.now() - (late ? 7_200_000 : 0);
  const mac = {
    type: 'FromSenderCredentials',
    algorithm: 'HMAC-SHA1-96',
    creationDate: new Date(at - 60_000).toISOString(),
    // Long enough for a whole run of all tests: these are made when the file is loaded.
    expirationDate: new Date(at + 3_600_000).toISOString(),
    value: '',
  };
  const input = readMacInput(mac, as, as);
  return { ...mac, value: input === undefined ? '' : signMac(input, secret) };
}

const RIGHT: Readonly<Record<string, Guess>> = {
  'both factors': { as: ACME, proof: SECRET, basic: `coupa:${PASSWORD}` },
  'the previous secret': { as: ACME, proof: 'last year', basic: `coupa:${PASSWORD}` },
  'a CredentialMac': { as: WITH_MAC, proof: macOf(SECRET) },
};

const WRONG: Readonly<Record<string, Guess>> = {
  'an identity nobody has': { as: NOBODY, proof: SECRET, basic: `coupa:${PASSWORD}` },
  'a wrong secret': { as: ACME, proof: 'open sesame', basic: `coupa:${PASSWORD}` },
  'no secret': { as: ACME, basic: `coupa:${PASSWORD}` },
  'a wrong password': { as: ACME, proof: SECRET, basic: 'coupa:open sesame' },
  'a wrong user name': { as: ACME, proof: SECRET, basic: `acme:${PASSWORD}` },
  'no Authorization header': { as: ACME, proof: SECRET },
  'neither right': { as: ACME, proof: 'open sesame', basic: 'coupa:open sesame' },
  'a mac where none was agreed': { as: ACME, proof: macOf(SECRET, { as: ACME }), basic: `coupa:${PASSWORD}` },
  'a secret where a mac is required': { as: WITH_MAC, proof: SECRET },
  'a mac made with another secret': { as: WITH_MAC, proof: macOf('open sesame') },
  'a mac made for somebody else': { as: WITH_MAC, proof: macOf(SECRET, { as: ACME }) },
  'a mac that has expired': { as: WITH_MAC, proof: macOf(SECRET, { late: true }) },
  'an unknown algorithm': { as: WITH_MAC, proof: { ...macOf(SECRET), algorithm: 'none' } },
  'a mac of nobody': { as: NOBODY, proof: macOf(SECRET, { as: NOBODY }) },
};

describe('a sender who is guessing', () => {
  it('cannot tell which part was wrong, nor can a reader of log and store', async () => {
    await using receiver = await startTestReceiver({ buyers: BUYERS }, { prepare: writeSecrets });
    using buyer = receiver.buyer({ connections: 1 });
    for (const [what, guess] of Object.entries(RIGHT)) {
      expect((await buyer.post(documentOf(guess), headersOf(guess))).code, what).to.equal(200);
    }

    const seen = [];
    for (const guess of Object.values(WRONG)) {
      const { http, headers, body } = await buyer.post(documentOf(guess), headersOf(guess));
      const text = body.toString('utf8').replace(/(payloadID|timestamp)="[^"]*"/g, '');
      seen.push({ http, headers: { ...headers, date: '' }, text });
    }
    expect(seen[0]?.http).to.equal(200);
    expect(seen[0]?.text).to.include('code="401"');
    expect(seen[0]?.headers).not.to.have.property('www-authenticate');
    for (const [index, what] of Object.keys(WRONG).entries()) {
      expect(seen[index], what).to.deep.equal(seen[0]);
    }

    const lines = receiver.logged
      .filter(({ msg }) => msg === 'message refused')
      .map(({ time, sha256, size, ...rest }) => rest);
    expect(lines).to.have.length(seen.length);
    for (const line of lines) expect(line).to.deep.equal(lines[0]);

    using database = new DatabaseSync(receiver.storePath, { readOnly: true });
    const kept = database.prepare('SELECT code, text, buyer FROM refused').all();
    expect(kept).to.have.length(new Set(Object.values(WRONG).map(documentOf)).size);
    for (const row of kept) expect(row).to.deep.equal(kept[0]);
    const counted = 'sallyport_authentications_total{buyer="unknown",outcome="refused",slot="none"}';
    expect(await receiver.metric(counted)).to.equal(seen.length);
  });

  it('leaves no secret, password or header in the log, and no password in the store', async () => {
    let storePath = '';
    let logged = '';
    {
      await using receiver = await startTestReceiver({ buyers: BUYERS }, { prepare: writeSecrets });
      using buyer = receiver.buyer();
      for (const guess of [...Object.values(RIGHT), ...Object.values(WRONG)]) {
        await buyer.post(documentOf(guess), headersOf(guess));
      }
      using database = new DatabaseSync(receiver.storePath, { readOnly: true });
      // The bytes of a message hold its SharedSecret, as the README says; its headers hold nothing.
      const headers = database.prepare('SELECT headers FROM message UNION SELECT headers FROM refused').all();
      expect(headers.length).to.be.greaterThan(1);
      expect(JSON.stringify(headers)).to.include('***').and.not.include('Basic');
      storePath = receiver.storePath;
      logged = JSON.stringify(receiver.logged);
      const files = await Promise.all(
        [storePath, `${storePath}-wal`].map((file) => readFile(file).catch(() => Buffer.alloc(0))),
      );
      for (const text of [PASSWORD, Buffer.from(`coupa:${PASSWORD}`).toString('base64')]) {
        for (const bytes of files) expect(bytes.includes(text), text).to.equal(false);
      }
    }
    for (const text of [
      SECRET,
      PASSWORD,
      'last year',
      'open sesame',
      macOf(SECRET).value,
      'Basic ',
      'Y291cGE6',
    ]) {
      expect(logged, text).not.to.include(text);
    }
  });
});
