/**
 * Every reason against a client, made by a real certificate over real TLS 1.2 and 1.3, for chains of RSA, EC
 * and Ed25519: the answer, the one line in the log, the metric, and the record in the store. Foreign clients:
 * `lets-only-coupa-in.test.ts`.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect } from 'chai';
import { PEER_REASONS, type PeerReason } from '../../src/trust/peer.ts';
import { type Authority, createAuthority } from '../support/authority.ts';
import { type Answer, createBuyer } from '../support/buyer.ts';
import type { KeyKind } from '../support/key-pairs.ts';
import { sampleDocument } from '../support/orders.ts';
import { startTestReceiver, type TestReceiver } from '../support/receiver.ts';
import { REFUSED_CLIENTS, type RefusedClient, type Shown, USUAL_KINDS } from '../support/refused-clients.ts';

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
const EVERY_KIND: readonly KeyKind[] = ['rsa-2048', 'rsa-4096', 'p-256', 'p-384', 'p-521', 'ed25519'];

/** Refused before that, by TLS itself: there is nobody to answer yet. */
const BROKEN: Partial<Record<PeerReason, (receiver: TestReceiver) => Promise<void>>> = {
  protocol: async ({ port }) => {
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...old });
    const [error] = await once(socket, 'error');
    expect(error.code).to.match(/PROTOCOL_VERSION/);
  },
  timeout: async ({ port }) => {
    const socket = connectPlain(port, '127.0.0.1').resume();
    await once(socket, 'close');
  },
};

/** What no client can bring about, and where that is shown. */
const NOT_OVER_THE_WIRE: Partial<Record<PeerReason, string>> = {
  resumed: 'no session outlives its connection: `resumes no session` in tls-options.test.ts',
  key_type: 'TLS offers no signature scheme for such keys, so their handshake does not end: shown below',
};

describe('a receiver and every reason against a client', () => {
  it('knows how each comes about, or why it cannot', () => {
    const rows = [REFUSED_CLIENTS, BROKEN, NOT_OVER_THE_WIRE].flatMap((table) => Object.keys(table));
    expect(rows).to.have.members(PEER_REASONS);
  });

  for (const [reason, clients] of Object.entries(REFUSED_CLIENTS)) {
    for (const client of clients) {
      it(`refuses ${client.who}: ${reason}`, async () => {
        const authorities = (client.kinds ?? USUAL_KINDS).map((kind) =>
          createAuthority(kind, client.authority),
        );
        await using receiver = await startPinning(authorities, client);
        const told: { readonly reference: string; readonly chainPem: string; readonly which: string }[] = [];
        for (const authority of authorities) {
          for (const version of VERSIONS) {
            const before = receiver.logged.length;
            const shown = client.shows(authority);
            const answer = await post(receiver, shown, version, client.weakClient);
            const lines = receiver.logged.slice(before);
            const which = `${authority.kind} over ${version}`;
            const reference = expectRefusal({ answer, lines, client, reason, version }, which);
            told.push({ reference, chainPem: shown.map(({ pem }) => pem).join(''), which });
          }
        }
        await using store = await receiver.lookIntoStore();
        for (const { reference, chainPem, which } of told) {
          const record = await store.findRefusedHandshake(reference);
          expect(record, which).to.include({
            reference,
            enforced: true,
            nearMiss: client.http === 503,
            remoteAddress: '127.0.0.1',
            chainPem,
            // Some rows show the same bytes over both versions.
            times: told.filter((other) => other.chainPem === chainPem).length,
          });
          expect(
            record?.findings.map((finding) => finding.reason),
            which,
          ).to.deep.equal([reason]);
        }
        expect(await refusals(receiver, reason)).to.equal(authorities.length * VERSIONS.length);
        expect(await letIn(receiver)).to.equal(0);
      });
    }
  }

  for (const [reason, knock] of Object.entries(BROKEN)) {
    it(`counts and logs a handshake that did not come to its end: ${reason}`, async () => {
      await using receiver = await startTestReceiver({ limits: { handshake_timeout_ms: 100 } });
      await knock(receiver);
      expect(await refusals(receiver, reason)).to.equal(1);
      const lines = receiver.logged.filter(({ level }) => level === 'warn');
      expect(lines).to.have.length(1);
      expect(lines[0]).to.include({ msg: 'handshake failed', reason, remoteAddress: '127.0.0.1' });
    });
  }

  for (const [kind, version, reason] of [
    ['secp256k1', 'TLSv1.2', 'protocol'],
    // A client that finds no scheme for its key among those offered sends no certificate at all.
    ['secp256k1', 'TLSv1.3', 'no_certificate'],
    ['rsa-pss', 'TLSv1.2', 'no_certificate'],
    ['rsa-pss', 'TLSv1.3', 'no_certificate'],
  ] as const) {
    it(`hears of no key of type ${kind} over ${version}`, async () => {
      const authority = createAuthority('p-256');
      await using receiver = await startPinning([authority]);
      const odd = authority.leaf({ key: { kind, label: 'odd' } });
      const http = await post(receiver, [odd], version, true).then(
        (answer) => answer.http,
        () => undefined, // the handshake broke
      );
      expect(http).to.equal(reason === 'protocol' ? undefined : 403);
      expect(await refusals(receiver, reason)).to.equal(1);
      expect(await letIn(receiver)).to.equal(0);
    });
  }

  for (const version of VERSIONS) {
    it(`lets every allowed kind of key in, as client and as issuer, over ${version}`, async () => {
      const authorities = EVERY_KIND.map((kind) => createAuthority(kind));
      await using receiver = await startPinning(authorities);
      for (const { kind: issuer, leaf } of authorities) {
        for (const kind of EVERY_KIND) {
          const answer = await post(receiver, [leaf({ key: { kind, label: 'client' } })], version);
          expect([answer.http, answer.code], `${kind} of ${issuer}`).to.deep.equal([200, 200]);
        }
      }
      expect(await letIn(receiver)).to.equal(EVERY_KIND.length ** 2);
      expect(receiver.logged.filter(({ level }) => level === 'warn')).to.deep.equal([]);
    });
  }
});

/** A receiver that has pinned all of them. */
async function startPinning(
  authorities: readonly Authority[],
  { trust, files, comesAt }: Partial<RefusedClient> = {},
): Promise<TestReceiver> {
  let now = new Date();
  const receiver = await startTestReceiver(
    { trust: { bundle: 'bundle.pem', ...trust } },
    {
      now: () => now,
      prepare: async ({ folder }) => {
        const bundle = authorities.map(({ ca }) => ca.pem).join('');
        for (const [name, text] of Object.entries({ 'bundle.pem': bundle, ...files?.(authorities) })) {
          await writeFile(join(folder, name), text);
        }
      },
    },
  );
  now = comesAt ?? now;
  return receiver;
}

/** Posts an order of its own. */
async function post(
  { url, pki }: TestReceiver,
  shown: Shown,
  maxVersion: (typeof VERSIONS)[number],
  weakClient = false,
): Promise<Answer> {
  const [leaf] = shown;
  const own = leaf === undefined ? {} : { cert: shown.map(({ pem }) => pem).join(''), key: leaf.keyPem };
  const ciphers = weakClient ? 'DEFAULT@SECLEVEL=0' : undefined;
  using buyer = createBuyer({ url, ca: pki.server.ca, ...own, maxVersion, ciphers });
  return await buyer.post(sampleDocument({ orderId: randomUUID() }));
}

function expectRefusal(
  {
    answer,
    lines,
    client,
    reason,
    version,
  }: {
    answer: Answer;
    lines: TestReceiver['logged'];
    client: RefusedClient;
    reason: string;
    version: string;
  },
  which: string,
): string {
  expect([answer.http, answer.code], which).to.deep.equal(client.http === 503 ? [503, 560] : [403, 403]);
  expect(
    lines.map(({ msg }) => msg),
    which,
  ).to.deep.equal(['client refused']);
  const [line] = lines;
  const findings = line?.findings as readonly { readonly reason: string; readonly detail: string }[];
  expect(
    findings.map((finding) => finding.reason),
    which,
  ).to.deep.equal([reason]);
  expect(line, which).to.include({
    level: 'warn',
    nearMiss: client.http === 503,
    protocol: version,
    remoteAddress: '127.0.0.1',
  });
  const reference = String(line?.reference);
  expect(answer.detail, which).to.include(reference);
  expect(answer.body.toString(), which).to.not.include(findings[0]?.detail);
  return reference;
}

const refusals = (receiver: TestReceiver, reason: string) =>
  receiver.metric(`sallyport_tls_handshakes_total{outcome="refused",reason="${reason}"}`);
const letIn = async (receiver: TestReceiver) =>
  (await receiver.metric('sallyport_tls_handshakes_total{outcome="accepted"')) ?? 0;
