/** Foreign clients, not ours: curl and `openssl s_client` knock at the gate with the right certificate and with wrong ones. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { needsTool } from '../support/needs.ts';
import { sampleDocument } from '../support/orders.ts';
import type { Identity, Minted, TestPki } from '../support/pki.ts';
import { COUPA_NAME, startTestReceiver, type TestReceiver } from '../support/receiver.ts';

const run = promisify(execFile);

interface Knock {
  readonly reason: string;
  /** The right name with anything else wrong is told to come back; everyone else is told to go. */
  readonly http: 403 | 503;
  readonly credentials: (receiver: TestReceiver) => Identity | undefined;
}

const DAY = 86_400_000;
const KNOCKS: Readonly<Record<string, Knock>> = {
  'no certificate': { reason: 'no_certificate', http: 403, credentials: () => undefined },
  'a self-signed certificate with the right name': {
    reason: 'untrusted_issuer',
    http: 503,
    credentials: ({ pki }) => identityOf(pki.leaf(COUPA_NAME, { issuer: undefined })),
  },
  'a certificate of the right CA with another name': {
    reason: 'name_not_allowed',
    http: 403,
    credentials: ({ pki }) => pki.client('somebody.example'),
  },
  'an expired certificate': {
    reason: 'expired',
    http: 503,
    credentials: ({ pki }) =>
      pki.client(COUPA_NAME, {
        notBefore: new Date(Date.now() - 30 * DAY),
        notAfter: new Date(Date.now() - DAY),
      }),
  },
  'a certificate that was signed with a client certificate': {
    reason: 'untrusted_issuer',
    http: 503,
    credentials: ({ pki }) => signedByClient(pki),
  },
  'a certificate of a sibling of the pinned intermediate': {
    reason: 'untrusted_issuer',
    http: 503,
    credentials: ({ pki }) => identityOf(pki.leaf(COUPA_NAME, { issuer: pki.sibling }), pki.sibling),
  },
};

describe('a receiver that foreign clients knock at', () => {
  let receiver: TestReceiver;
  beforeEach(async () => {
    receiver = await startTestReceiver();
    await writeFile(join(receiver.folder, 'ca.pem'), receiver.pki.server.cert);
    await writeFile(join(receiver.folder, 'order.xml'), sampleDocument({ orderId: '12' }));
  });
  afterEach(() => receiver[Symbol.asyncDispose]());

  for (const version of ['1.2', '1.3']) {
    it(`lets curl with Coupa's certificate in over TLS ${version}`, async function () {
      needsTool(this, 'curl');
      const { http, body } = await curl(receiver, receiver.pki.client(COUPA_NAME), version);
      expect(http).to.equal(200);
      expect(body).to.match(/<Status code="200" text="OK"/);
      expect(await receiver.metric('sallyport_tls_handshakes_total{outcome="accepted"')).to.equal(1);
    });

    for (const [name, { reason, http, credentials }] of Object.entries(KNOCKS)) {
      it(`keeps curl with ${name} out over TLS ${version}, and says why once`, async function () {
        needsTool(this, 'curl');
        const answer = await curl(receiver, credentials(receiver), version);
        expect(answer.http).to.equal(http);
        expect(answer.body).to.match(http === 503 ? /<Status code="560"/ : /<Status code="403"/);
        const lines = receiver.logged.filter((line) => line.msg === 'client refused');
        expect(lines).to.have.length(1);
        expect(JSON.stringify(lines[0])).to.contain(reason);
        const refused = new RegExp(
          `^sallyport_tls_handshakes_total\\{outcome="refused",reason="${reason}"\\} [1-9]`,
        );
        expect(await receiver.metric(refused)).to.equal(1);
        expect(await receiver.metric('sallyport_orders_total{')).to.be.oneOf([undefined, 0]);
      });
    }
  }

  it('tells openssl s_client exactly the pinned names', async function () {
    needsTool(this, 'openssl');
    const { stdout } = await run('bash', [
      '-c',
      `openssl s_client -connect 127.0.0.1:${receiver.port} -tls1_2 </dev/null 2>/dev/null || true`,
    ]);
    const names =
      /Acceptable client certificate CA names\n([\s\S]*?)\n(?:Client Certificate Types|Requested)/.exec(
        stdout,
      );
    expect(names?.[1]?.split('\n')).to.have.length(1);
    expect(names?.[1]).to.match(/Intermediate A/i);
  });

  it('shuts TLS 1.1 and 1.0 out', async function () {
    needsTool(this, 'openssl');
    for (const version of ['-tls1_1', '-tls1']) {
      const { stdout } = await run('bash', [
        '-c',
        `openssl s_client -connect 127.0.0.1:${receiver.port} ${version} -cipher DEFAULT@SECLEVEL=0 </dev/null 2>&1 || true`,
      ]);
      expect(stdout).to.match(/protocol version|alert number 70|no protocols available/);
    }
  });
});

function identityOf(leaf: Minted, ...issuers: readonly Minted[]): Identity {
  return { cert: [leaf, ...issuers].map(({ pem }) => pem).join(''), key: leaf.keyPem };
}

/** Whoever holds a client certificate holds no right to make others. */
function signedByClient(pki: TestPki): Identity {
  const client = pki.leaf(COUPA_NAME, { key: { kind: 'rsa-2048', label: 'client that plays CA' } });
  return identityOf(pki.leaf(COUPA_NAME, { issuer: client }), client, pki.intermediate);
}

async function curl(receiver: TestReceiver, client: Identity | undefined, version: string) {
  const { folder, url } = receiver;
  const own =
    client === undefined ? [] : ['--cert', join(folder, 'client.pem'), '--key', join(folder, 'client.key')];
  if (client !== undefined) {
    await writeFile(join(folder, 'client.pem'), client.cert);
    await writeFile(join(folder, 'client.key'), client.key, { mode: 0o600 });
  }
  const { stdout } = await run('curl', [
    '--silent',
    '--max-time',
    '10',
    `--tlsv${version}`,
    '--tls-max',
    version,
    '--cacert',
    join(folder, 'ca.pem'),
    ...own,
    '--header',
    'Content-Type: text/xml',
    '--data-binary',
    `@${join(folder, 'order.xml')}`,
    '--write-out',
    '\n%{http_code}',
    url,
  ]);
  const at = stdout.lastIndexOf('\n');
  return { http: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) };
}
