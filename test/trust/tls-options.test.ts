import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import type { SecureVersion, TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { tlsOptions } from '../../src/trust/tls-options.ts';
import type { Trust } from '../../src/trust/trust.ts';
import { NAME, trusting } from '../support/judging.ts';
import { needsTool } from '../support/needs.ts';
import type { TestPki } from '../support/pki.ts';
import { createTestPki } from '../support/pki.ts';
import { startTlsGate } from '../support/tls-gate.ts';

const only = (version: SecureVersion) => ({ minVersion: version, maxVersion: version });

describe('tlsOptions', () => {
  let pki: TestPki;
  let trust: Trust;
  const startGate = (options: Partial<Parameters<typeof startTlsGate>[0]> = {}) =>
    startTlsGate({ trust, pki, ...options });

  before(() => {
    pki = createTestPki();
    trust = trusting([pki.intermediate]);
  });

  it('completes the handshake of a stranger, so that the gate can say why not', async () => {
    await using gate = await startGate();
    const { verdict } = await gate.judge({});
    expect(verdict.trusted).to.equal(false);
  });

  it('tells clients exactly the names of the pinned certificates', async function () {
    needsTool(this, 'openssl');
    await using gate = await startGate({ trust: trusting([pki.intermediate, pki.root]), staysOpen: true });
    for (const version of ['-tls1_2', '-tls1_3']) {
      const printed = await runOpenssl(['s_client', '-connect', `127.0.0.1:${gate.port}`, version]);
      const names =
        /Acceptable client certificate CA names\n([\s\S]*?)\n(?:Client Certificate Types|Requested)/.exec(
          printed,
        )?.[1];
      expect(
        names?.split('\n').map((line) => line.replaceAll(' = ', '=')),
        version,
      ).to.deep.equal(['O=Sallyport tests, CN=Test Intermediate A', 'O=Sallyport tests, CN=Test Root']);
    }
  });

  it('offers no signature algorithm that the gate would not take', async function () {
    needsTool(this, 'openssl');
    await using gate = await startGate({ staysOpen: true });
    const printed = await runOpenssl(['s_client', '-connect', `127.0.0.1:${gate.port}`, '-tls1_3']);
    const offered = /Requested Signature Algorithms: (.*)/.exec(printed)?.[1]?.split(':') ?? [];
    expect(offered).to.include('RSA-PSS+SHA256').and.to.include('ECDSA+SHA256').and.to.include('RSA+SHA256');
    expect(
      offered.filter((each) => !/^(ECDSA|RSA|RSA-PSS)\+SHA(256|384|512)$|^ed25519$/i.test(each)),
    ).to.deep.equal([]);
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`asks for no certificate over ${version} where client certificates are off`, async () => {
      await using gate = await startGate({ trust: trusting([pki.intermediate], undefined, { mode: 'off' }) });
      const { presented, verdict } = await gate.judge(pki.client(NAME), only(version));
      expect(presented.chain).to.deep.equal([]);
      expect(verdict.trusted && verdict.peer.proven).to.equal(false);
    });
  }

  it('names its protocol versions, whatever the ciphers would allow', () => {
    const { cert, key } = pki.server;
    const options = tlsOptions({ trust, certificate: cert, key, handshakeTimeoutMs: 1 });
    expect(options).to.include({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' });
    expect(options).to.not.have.property('ticketKeys');
  });

  it('speaks no TLS older than 1.2', async () => {
    await using gate = await startGate();
    const old = { ...only('TLSv1.1'), ciphers: 'DEFAULT@SECLEVEL=0' };
    const error = await failure(gate.connect(pki.client(NAME), old));
    expect(error).to.match(/PROTOCOL_VERSION/);
    expect(gate.failed).to.deep.equal(['ERR_SSL_UNSUPPORTED_PROTOCOL']);
  });

  for (const [what, ciphers] of [
    ['without forward secrecy', 'AES128-GCM-SHA256'],
    ['without authenticated encryption', 'ECDHE-RSA-AES128-SHA256'],
    ['without a certificate of the server', 'AECDH-AES128-SHA@SECLEVEL=0'],
  ] as const) {
    it(`offers no cipher ${what}`, async () => {
      await using gate = await startGate();
      expect(await failure(gate.connect(pki.client(NAME), { ...only('TLSv1.2'), ciphers }))).to.match(
        /HANDSHAKE_FAILURE/,
      );
    });
  }

  it('agrees with a client that knows one common curve only', async () => {
    await using gate = await startGate();
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { verdict } = await gate.judge(pki.client(NAME), { ...only(version), ecdhCurve: 'P-256' });
      expect(verdict.trusted, version).to.equal(true);
    }
  });

  it('speaks HTTP/1.1 and nothing else by ALPN', async () => {
    await using gate = await startGate({ staysOpen: true });
    using socket = disposable(await gate.connect(pki.client(NAME), { ALPNProtocols: ['h2', 'http/1.1'] }));
    expect(socket.alpnProtocol).to.equal('http/1.1');
    expect(await failure(gate.connect(pki.client(NAME), { ALPNProtocols: ['h2'] }))).to.match(
      /NO_APPLICATION_PROTOCOL/,
    );
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`resumes no session on ${version}`, async () => {
      await using gate = await startGate();
      const identity = pki.client(NAME);
      const socket = await gate.connect(identity, only(version));
      let session: Buffer | undefined = version === 'TLSv1.2' ? socket.getSession() : undefined;
      socket.on('session', (given: Buffer) => {
        session = given;
      });
      socket.resume();
      await once(socket, 'close');
      expect(session, 'the client was given a session to try').to.be.instanceOf(Buffer);
      const { presented, verdict } = await gate.judge(identity, { ...only(version), session });
      expect(presented.resumed).to.equal(false);
      expect(verdict.trusted).to.equal(true);
      const anonymous = await gate.judge({}, { ...only(version), session });
      expect(anonymous.verdict.trusted).to.equal(false);
      expect(anonymous.presented.resumed).to.equal(false);
    });
  }

  it('takes no pre-shared key in place of a certificate', async () => {
    await using gate = await startGate();
    let asked = 0;
    const withKey = {
      pskCallback: () => {
        asked += 1;
        return { psk: Buffer.alloc(32, 1), identity: NAME };
      },
    };
    const ciphers = 'ECDHE-PSK-CHACHA20-POLY1305:PSK-AES128-GCM-SHA256';
    const error = await failure(gate.connect({}, { ...only('TLSv1.2'), ...withKey, ciphers }));
    expect(error).to.match(/HANDSHAKE_FAILURE/);
    const { presented, verdict } = await gate.judge({}, { ...only('TLSv1.3'), ...withKey });
    expect(asked, 'it was offered').to.equal(1);
    expect(presented.chain).to.deep.equal([]);
    expect(verdict.trusted).to.equal(false);
  });

  it('refuses to negotiate again, and serves the next client', async () => {
    await using gate = await startGate({ staysOpen: true });
    using socket = disposable(await gate.connect(pki.client(NAME), only('TLSv1.2')));
    socket.on('error', () => {});
    const outcome = await new Promise((resolve) => {
      socket.on('close', () => resolve('closed'));
      socket.renegotiate({ rejectUnauthorized: false }, (error) =>
        resolve(error === null ? 'done' : 'refused'),
      );
    });
    expect(outcome).to.be.oneOf(['refused', 'closed']);
    using next = disposable(await gate.connect(pki.client(NAME), only('TLSv1.2')));
    expect(next.authorized).to.equal(true);
  });

  it('closes a connection that does not shake hands in time', async () => {
    await using gate = await startGate({ handshakeTimeoutMs: 200 });
    const started = performance.now();
    const socket = connectPlain(gate.port, '127.0.0.1');
    socket.resume();
    await once(socket, 'close');
    expect(performance.now() - started).to.be.within(190, 2000);
    expect(gate.failed).to.deep.equal(['ERR_TLS_HANDSHAKE_TIMEOUT']);
  });

  it('survives bytes that are no TLS', async () => {
    await using gate = await startGate();
    for (const bytes of [
      'POST /cxml HTTP/1.1\r\n\r\n',
      '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00',
      '\0'.repeat(500),
    ]) {
      const socket = connectPlain(gate.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.end(bytes, 'latin1');
      socket.resume();
      await once(socket, 'close');
    }
    expect(gate.failed).to.have.length(3);
    expect((await gate.judge(pki.client(NAME))).verdict.trusted).to.equal(true);
  });

  it('keeps its rules when another trust is put in force', async () => {
    await using gate = await startGate();
    const later = trusting([pki.sibling]);
    gate.replaceTrust(later);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const sibling = pki.client(NAME, { issuer: pki.sibling });
      expect((await gate.judge(sibling, only(version))).verdict.trusted, version).to.equal(true);
      const { presented, verdict } = await gate.judge(pki.client(NAME), only(version));
      expect(presented.openssl.authorized, version).to.equal(false);
      expect(verdict.trusted, version).to.equal(false);
    }
    const old = { ...only('TLSv1.2'), ciphers: 'AES128-GCM-SHA256' };
    expect(await failure(gate.connect(pki.client(NAME), old))).to.match(/HANDSHAKE_FAILURE/);
  });

  it('is not made for an empty trust, for which Node would take every public root', () => {
    const { cert, key } = pki.server;
    const empty = { ...trust, caPem: '' };
    expect(() => tlsOptions({ trust: empty, certificate: cert, key, handshakeTimeoutMs: 1 })).to.throw(
      TypeError,
    );
  });
});

function disposable(socket: TLSSocket): TLSSocket & Disposable {
  return Object.assign(socket, { [Symbol.dispose]: () => socket.destroy() });
}

async function failure(attempt: Promise<TLSSocket>): Promise<string> {
  try {
    (await attempt).destroy();
    return 'connected';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

function runOpenssl(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile('openssl', args, { timeout: 10_000 }, (_, stdout) => resolve(stdout));
    child.stdin?.on('error', () => {});
    child.stdin?.end();
  });
}
