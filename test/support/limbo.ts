/**
 * The x509-limbo path-validation cases, as a client gate can be asked about them. Data of the tests only; it
 * is read from the folder beside the project.
 */
import { readFileSync } from 'node:fs';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartupError } from '../../src/errors.ts';
import { type Anchor, parseBundle } from '../../src/trust/bundle.ts';
import { readCertificate } from '../../src/trust/certificate.ts';
import { UnreadableDer } from '../../src/trust/der.ts';
import { judgePeer } from '../../src/trust/judge-peer.ts';
import { loadCrls } from '../../src/trust/load-crls.ts';
import type { PeerReason } from '../../src/trust/peer.ts';
import type { Revocation } from '../../src/trust/revocation.ts';
import { createTrust } from '../../src/trust/trust.ts';
import { present, reasonsOf } from './judging.ts';

export interface LimboCase {
  readonly id: string;
  readonly description: string;
  readonly validation_kind: 'SERVER' | 'CLIENT';
  readonly trusted_certs: readonly string[];
  readonly untrusted_intermediates: readonly string[];
  readonly peer_certificate: string;
  readonly crls: readonly string[];
  readonly validation_time: string | null;
  readonly expected_peer_name: { readonly value: string } | null;
  readonly expected_result: 'SUCCESS' | 'FAILURE';
}

/** Refused while they are loaded, so that nobody would be let in: `bundle`, the anchors; `crl`, the lists. */
export type LimboReason = PeerReason | 'bundle' | 'crl';

export function readLimbo(path: string): readonly LimboCase[] {
  return JSON.parse(readFileSync(path, 'utf8')).testcases;
}

/**
 * What our own judgement has against a case; nothing means that we let it in. OpenSSL's verdict is given as
 * good, so that it hides nothing.
 *
 * Two things differ between limbo's verifier, mostly one of web servers, and a gate for clients:
 * - A server's leaf names serverAuth where a client's must name clientAuth: `server_auth_only` counts in
 *   cases about clients alone.
 * - The name. Ours is the common name. Where a case is about names, the one it expects is the allowed one,
 *   and the common name must be equal to it. Elsewhere the leaf's own common name is allowed, so that the
 *   name neither refuses nor hides anything.
 */
export async function judgeCase(limbo: LimboCase): Promise<LimboReason[]> {
  const now = limbo.validation_time === null ? new Date() : new Date(limbo.validation_time);
  const files = limbo.trusted_certs.map((pem, index) => ({ name: `${index}.pem`, text: Buffer.from(pem) }));
  // At the epoch no anchor has expired, so that its expiry is left to `judgePeer`.
  const bundle = orRefused(() => parseBundle(files, new Date(0)));
  if (bundle === undefined) return ['bundle'];
  const revocation = limbo.crls.length === 0 ? undefined : await loadLists(limbo.crls, bundle.anchors, now);
  if (revocation === 'refused') return ['crl'];
  const trust = createTrust({ bundle, names: [nameFor(limbo)], generation: 1, revocation });
  const chain = [limbo.peer_certificate, ...limbo.untrusted_intermediates].map((pem) => ({
    der: toDer(pem),
  }));
  return reasonsOf(judgePeer(present(chain), trust, now)).filter(
    (reason) => !(reason === 'server_auth_only' && limbo.validation_kind === 'SERVER'),
  );
}

/** With the policy that lets nobody in for want of a list. */
async function loadLists(
  crls: readonly string[],
  anchors: readonly Anchor[],
  now: Date,
): Promise<Revocation | 'refused'> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'sallyport-limbo-'));
  const path = join(folder.path, 'lists.pem');
  await writeFile(path, crls.join('\n'));
  try {
    return (await loadCrls(path, { anchors, policy: 'hard', now })).revocation;
  } catch (error) {
    if (error instanceof StartupError) return 'refused';
    throw error;
  }
}

function orRefused<T>(load: () => T): T | undefined {
  try {
    return load();
  } catch (error) {
    if (error instanceof StartupError) return undefined;
    throw error;
  }
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
