/**
 * The x509-limbo path-validation cases, as a client gate can be asked about them. Data of the tests only; it is
 * read from the folder beside the project.
 */
import { readFileSync } from 'node:fs';
import { StartupError } from '../../src/errors.ts';
import { parseBundle } from '../../src/trust/bundle.ts';
import { readCertificate } from '../../src/trust/certificate.ts';
import { UnreadableDer } from '../../src/trust/der.ts';
import { judgePeer } from '../../src/trust/judge-peer.ts';
import type { PeerReason } from '../../src/trust/peer.ts';
import { createTrust } from '../../src/trust/trust.ts';
import { present, reasonsOf } from './judging.ts';

export interface LimboCase {
  readonly id: string;
  readonly description: string;
  readonly validation_kind: 'SERVER' | 'CLIENT';
  readonly trusted_certs: readonly string[];
  readonly untrusted_intermediates: readonly string[];
  readonly peer_certificate: string;
  readonly validation_time: string | null;
  readonly expected_peer_name: { readonly value: string } | null;
  readonly expected_result: 'SUCCESS' | 'FAILURE';
}

/** `bundle`: one of the anchors is refused when it is pinned, so nobody would be let in. */
export type LimboReason = PeerReason | 'bundle';

export function readLimbo(path: string): readonly LimboCase[] {
  return JSON.parse(readFileSync(path, 'utf8')).testcases;
}

/**
 * What our own judgement has against a case; nothing means that we let it in. OpenSSL's verdict is given as
 * good, so that it hides nothing.
 *
 * Two things differ between limbo's verifier, mostly one of web servers, and a gate for clients:
 * - A server's leaf names serverAuth where a client's must name clientAuth: `server_auth_only` counts in cases
 *   about clients alone.
 * - The name. Ours is the common name. Where a case is about names, the one it expects is the allowed one, and
 *   the common name must be equal to it. Elsewhere the leaf's own common name is allowed, so that the name
 *   neither refuses nor hides anything.
 */
export function judgeCase(limbo: LimboCase, now = new Date()): LimboReason[] {
  const { trusted_certs, validation_time, validation_kind } = limbo;
  const files = trusted_certs.map((pem, index) => ({ name: `${index}.pem`, text: Buffer.from(pem) }));
  let trust: ReturnType<typeof createTrust>;
  try {
    // At the epoch no anchor has expired, so that its expiry is left to `judgePeer`.
    trust = createTrust({ bundle: parseBundle(files, new Date(0)), names: [nameFor(limbo)], generation: 1 });
  } catch (error) {
    if (error instanceof StartupError) return ['bundle'];
    throw error;
  }
  const chain = [limbo.peer_certificate, ...limbo.untrusted_intermediates].map((pem) => ({
    der: toDer(pem),
  }));
  const at = validation_time === null ? now : new Date(validation_time);
  return reasonsOf(judgePeer(present(chain), trust, at)).filter(
    (reason) => !(reason === 'server_auth_only' && validation_kind === 'SERVER'),
  );
}

const ABOUT_NAMES = /^webpki::(cn|san)::/;
/** For a leaf that has no name to allow: nobody is called so. */
const NOBODY = 'nobody.invalid';

function nameFor({ id, expected_peer_name, peer_certificate }: LimboCase): string {
  if (ABOUT_NAMES.test(id)) return expected_peer_name?.value ?? NOBODY;
  try {
    return readCertificate(toDer(peer_certificate)).subject.commonNames[0] || NOBODY;
  } catch (error) {
    if (error instanceof UnreadableDer) return NOBODY;
    throw error;
  }
}

function toDer(pem: string): Uint8Array {
  return Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ''), 'base64');
}
