import type { ConnectionOptions } from 'node:tls';
import { expect } from 'chai';
import type { Trust } from '../../src/trust/trust.ts';
import { mint, mintCa } from '../support/pki.ts';
import { createTestTrust, guest, NAME, openListener, pki } from './open-listener.ts';
import { post } from './wire.ts';

const YESTERDAY = new Date(Date.now() - 86_400_000);
const NOBODY: ConnectionOptions = { cert: undefined, key: undefined };

function selfSigned(): ConnectionOptions {
  const { pem, keyPem } = mint({ subject: NAME, extendedKeyUsage: ['clientAuth'] });
  return { cert: pem, key: keyPem };
}

function ofSibling(): ConnectionOptions {
  const leaf = pki.leaf(NAME, { issuer: pki.sibling });
  return { cert: leaf.pem + pki.sibling.pem, key: leaf.keyPem };
}

const REFUSED: readonly (readonly [string, () => ConnectionOptions, string, 403 | 503])[] = [
  ['no certificate', () => NOBODY, 'no_certificate', 403],
  ['another name', () => pki.client('someone.example'), 'name_not_allowed', 403],
  ['the right name, self-signed', selfSigned, 'untrusted_issuer', 503],
  ['the right name from a sibling intermediate', ofSibling, 'untrusted_issuer', 503],
  ['the right name, expired', () => pki.client(NAME, { notAfter: YESTERDAY }), 'expired', 503],
];

describe('the gate', () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const [name, certificate, reason, http] of REFUSED) {
      it(`answers ${name} over ${maxVersion} once, and reads nothing of its request`, async () => {
        await using listener = await openListener();
        const wire = await listener.connect({ ...certificate(), maxVersion });
        wire.write(post('<cXML/>'));
        const answer = await wire.answer();
        expect(answer.http).to.equal(http);
        expect(answer.code).to.equal(http === 403 ? 403 : 560);
        expect(answer.headers.connection).to.equal('close');
        await wire.closed();

        const lines = listener.lines.filter(({ message }) => message === 'client refused');
        expect(lines).to.have.length(1);
        const fields = lines[0]?.fields ?? {};
        expect(fields).to.include({ remoteAddress: '127.0.0.1', protocol: maxVersion });
        expect(fields.findings).to.be.an('array').that.is.not.empty;
        expect(fields.findings).to.deep.include.members([
          (fields.findings as { reason: string }[]).find((finding) => finding.reason === reason),
        ]);
        expect(answer.detail).to.contain(fields.reference);
        expect(answer.detail).not.to.contain(reason);
        expect(listener.handshakes).to.have.length(1);
        expect(listener.handshakes[0]?.outcome).to.equal('refused');
        expect(listener.counts.started).to.equal(0);
        expect(listener.received).to.have.length(0);
      });
    }
  }

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`lets a client in whose own issuer hangs below the pinned one, over ${maxVersion}`, async () => {
      await using listener = await openListener();
      const issuer = mintCa('Issuer below the pinned one', { issuer: pki.intermediate });
      const leaf = pki.leaf(NAME, { issuer });
      const wire = await listener.connect({ cert: leaf.pem + issuer.pem, key: leaf.keyPem, maxVersion });
      wire.write(post('<cXML/>'));
      expect((await wire.answer()).code).to.equal(200);
      expect(listener.received[0]?.peer.chainPem).to.equal(leaf.pem + issuer.pem);
    });
  }

  it('logs every fact of a refused certificate', async () => {
    await using listener = await openListener();
    const wire = await listener.connect(pki.client('someone.example', { notAfter: YESTERDAY }));
    await wire.answer();
    const fields = listener.lines.find(({ message }) => message === 'client refused')?.fields ?? {};
    expect(fields).to.have.all.keys(
      ...['reference', 'remoteAddress', 'nearMiss', 'findings', 'names', 'fingerprint'],
      ...['issuer', 'serial', 'notAfter', 'protocol', 'next'],
    );
    const reasons = (fields.findings as { reason: string; detail: string }[]).map(({ reason }) => reason);
    expect(reasons).to.include.members(['name_not_allowed', 'expired']);
  });

  it('lets a refused client that is still sending read its answer', async () => {
    await using listener = await openListener();
    const wire = await listener.connect(pki.client('someone.example'));
    wire.socket.pause();
    const body = 'x'.repeat(600_000);
    await new Promise<void>((resolve, reject) => {
      wire.socket.write(post(body), (error) => (error ? reject(error) : resolve()));
    });
    wire.socket.resume();
    expect((await wire.answer()).http).to.equal(403);
    expect(listener.counts.started).to.equal(0);
  });

  it('ends a refused client that sends without end, soon', async () => {
    await using listener = await openListener();
    const wire = await listener.connect({ ...pki.client('someone.example') });
    wire.socket.allowHalfOpen = true;
    const block = Buffer.alloc(65_536);
    const more = (): void => {
      while (!wire.socket.destroyed && wire.socket.write(block)) {}
    };
    wire.socket.on('drain', more);
    const gone = new Promise((resolve) => wire.socket.once('close', resolve));
    const startedAt = performance.now();
    more();
    await gone;
    expect(performance.now() - startedAt).to.be.below(3_000);
  });

  it('counts a flood of refusals exactly and logs only some of it', async () => {
    await using listener = await openListener();
    for (let round = 0; round < 6; round += 1) {
      const wires = await Promise.all(Array.from({ length: 20 }, () => listener.connect(NOBODY)));
      await Promise.all(wires.map((wire) => wire.answer()));
    }
    expect(listener.handshakes).to.have.length(120);
    await listener.listener[Symbol.asyncDispose]();
    const refused = listener.lines.filter(({ message }) => message === 'client refused').length;
    const suppressed = listener.lines
      .filter(({ message }) => message === 'log lines suppressed')
      .reduce((sum, { fields }) => sum + Number(fields.suppressed), 0);
    expect(refused).to.be.below(100);
    expect(refused + suppressed).to.equal(120);
  });

  it('reports plain HTTP on its port, with the address', async () => {
    await using listener = await openListener();
    const wire = await listener.connectRaw();
    wire.write('POST /cxml HTTP/1.1\r\nHost: test\r\n\r\n');
    await wire.closed();
    expect(wire.text()).to.equal('');
    expect(listener.handshakes).to.deep.equal([{ outcome: 'refused', reason: 'protocol' }]);
    const line = listener.lines.find(({ message }) => message === 'handshake failed');
    expect(line?.fields).to.deep.equal({
      remoteAddress: '127.0.0.1',
      reason: 'protocol',
      code: 'ERR_SSL_HTTP_REQUEST',
    });
  });

  it('reports a client that leaves during the handshake, with the address', async () => {
    await using listener = await openListener();
    const wire = await listener.connectRaw();
    wire.socket.end();
    await wire.closed();
    expect(listener.handshakes).to.deep.equal([{ outcome: 'refused', reason: 'protocol' }]);
    const line = listener.lines.find(({ message }) => message === 'handshake failed');
    expect(line?.fields).to.include({ remoteAddress: '127.0.0.1' });
  });

  it('refuses TLS 1.1', async () => {
    await using listener = await openListener();
    const ciphers = 'DEFAULT@SECLEVEL=0';
    const error = await listener.connect({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers }).then(
      () => undefined,
      (reason: NodeJS.ErrnoException) => reason,
    );
    expect(error?.code).to.match(/PROTOCOL_VERSION/);
    expect(listener.handshakes).to.deep.equal([{ outcome: 'refused', reason: 'protocol' }]);
  });

  it('serves the next client after unusual keys and a renegotiation', async () => {
    await using listener = await openListener();
    for (const kind of ['rsa-1024', 'rsa-pss', 'secp256k1', 'ed25519', 'p-384'] as const) {
      const strange = pki.client(NAME, { key: { kind, label: 'strange' } });
      const connected = await listener.connect(strange).catch(() => undefined);
      connected?.write(post('<cXML/>'));
      await connected?.answer().catch(() => undefined);
    }
    const wire = await listener.connect({ maxVersion: 'TLSv1.2' });
    if ('renegotiate' in wire.socket) wire.socket.renegotiate({}, () => {});
    wire.write(post('<cXML/>'));
    await wire.closed();
    const next = await listener.connect();
    next.write(post('<cXML/>'));
    expect((await next.answer()).code).to.equal(200);
  });
});

describe('the trust in force', () => {
  it('is asked again on an open connection when it was replaced', async () => {
    let trust = createTestTrust(1);
    await using listener = await openListener({ trust: () => trust });
    const wire = await listener.connect();
    wire.write(post('<cXML/>'));
    await wire.answer();
    trust = createTestTrust(2, ['other.example']);
    wire.write(post('<cXML/>'));
    const [, second] = await wire.answers(2);
    expect(second).to.include({ http: 403, code: 403 });
    expect(second?.headers.connection).to.equal('close');
    await wire.closed();
    expect(listener.received).to.have.length(1);
    expect(
      listener.lines.filter(({ level }) => level === 'warn').map(({ message }) => message),
    ).to.deep.equal(['client refused on an open connection']);
  });

  it('keeps an open connection that it still trusts', async () => {
    let trust = createTestTrust(1);
    await using listener = await openListener({ trust: () => trust });
    const wire = await listener.connect();
    wire.write(post('<cXML/>'));
    await wire.answer();
    const [anchor] = trust.anchors;
    expect(listener.handshakes).to.have.length(1);
    expect(listener.handshakes[0]).to.include({ outcome: 'accepted', reason: 'none' });
    expect(listener.handshakes[0]?.vouched?.spki).to.equal(anchor?.certificate.spki);
    trust = createTestTrust(2, ['other.example', NAME]);
    wire.write(post('<cXML/>'));
    await wire.answers(2);
    expect(listener.received).to.have.length(2);
  });

  it('says once for each trust, not for each request, whom a check on trial would refuse', async () => {
    let trust: Trust = createTestTrust(1);
    await using listener = await openListener({ trust: () => trust });
    const wire = await listener.connect();
    const ask = async (count: number): Promise<void> => {
      wire.write(post('<cXML/>'));
      await wire.answers(count);
    };
    await ask(1);
    expect(listener.wouldRefuse).to.deep.equal([]);
    trust = { ...createTestTrust(2), pins: new Set(['00'.repeat(32)]), reportOnly: new Set(['pins']) };
    await ask(2);
    await ask(3);
    expect(listener.wouldRefuse).to.deep.equal(['pin_mismatch']);
    const lines = listener.lines.filter(({ level }) => level === 'warn');
    expect(lines.map(({ message }) => message)).to.deep.equal(['client would be refused']);
    expect(lines[0]?.fields).to.include({ remoteAddress: '127.0.0.1', protocol: 'TLSv1.3' });
    expect(listener.received).to.have.length(3);
  });

  it('refuses a certificate that expires while its connection lives, as a near miss', async () => {
    let now = new Date();
    const trust = createTestTrust();
    const notAfter = new Date(Date.now() + 3_600_000);
    await using listener = await openListener({ trust: () => trust, now: () => now });
    const wire = await listener.connect(pki.client(NAME, { notAfter }));
    wire.write(post('<cXML/>'));
    await wire.answer();
    now = new Date(notAfter.getTime() + 1_000);
    wire.write(post('<cXML/>'));
    const [, second] = await wire.answers(2);
    expect(second).to.include({ http: 503, code: 560 });
    await wire.closed();
  });

  it('lets in at once what a replaced bundle trusts', async () => {
    let trust = createTestTrust(1);
    await using listener = await openListener({ trust: () => trust });
    const before = await listener.connect(ofSibling());
    expect((await before.answer()).code).to.equal(560);
    trust = createTestTrust(2, [NAME], pki.sibling.pem);
    const after = await listener.connect(ofSibling());
    after.write(post('<cXML/>'));
    expect((await after.answer()).code).to.equal(200);
    const old = await listener.connect(guest);
    expect((await old.answer()).code).to.equal(560);
  });
});
