/** The trust in force: one immutable value, replaced whole. */
import { StartupError } from '../errors.ts';
import type { AddressList } from './addresses.ts';
import type { Anchor, Bundle } from './bundle.ts';
import type { Denied } from './deny.ts';
import { writePem } from './pem.ts';
import type { Revocation } from './revocation.ts';
import type { ServerAuthOnly } from './server-auth-only.ts';
import type { Trial } from './trial.ts';
import type { TrustMode } from './unproven.ts';

export interface Trust {
  /** Whether a client must show a certificate at all. */
  readonly mode: TrustMode;
  readonly anchors: readonly Anchor[];
  /** The common names that are let in, compared byte for byte. */
  readonly names: readonly string[];
  /** SHA-256 of public keys, lower-case hex. When there is any, the client's own key must be one of them. */
  readonly pins: ReadonlySet<string>;
  readonly deny: readonly Denied[];
  /** Undefined: clients may come from anywhere. */
  readonly addresses: AddressList | undefined;
  /** Undefined: revocation is not judged. */
  readonly revocation: Revocation | undefined;
  /** Undefined: certificates for servers only are refused. */
  readonly serverAuthOnly: ServerAuthOnly | undefined;
  /** What is tried out: its findings are told and do not refuse. */
  readonly reportOnly: ReadonlySet<Trial>;
  /** Counts up with every replacement; what was judged under an older one is judged again. */
  readonly generation: number;
  /** SHA-256 over the set of anchors, lower-case hex. */
  readonly fingerprint: string;
  /** The anchors as OpenSSL must be given them. */
  readonly caPem: string;
}

export function createTrust({
  bundle,
  mode = 'required',
  names,
  generation,
  pins = [],
  deny = [],
  addresses,
  revocation,
  serverAuthOnly,
  reportOnly = [],
}: {
  readonly bundle: Bundle;
  readonly mode?: TrustMode;
  readonly names: readonly string[];
  readonly generation: number;
  readonly pins?: readonly string[];
  readonly deny?: readonly Denied[];
  readonly addresses?: AddressList | undefined;
  readonly revocation?: Revocation | undefined;
  readonly serverAuthOnly?: ServerAuthOnly | undefined;
  readonly reportOnly?: readonly Trial[];
}): Trust {
  // An empty `ca` makes Node fall back to every public root, so an empty set must never come this far.
  if (bundle.anchors.length === 0) {
    throw new StartupError('the trust bundle holds no certificate, so no client could be let in', {
      hint: "put Coupa's intermediate.pem into the bundle folder",
    });
  }
  if (names.length === 0 || names.some((name) => name === '')) {
    throw new StartupError('no client name is allowed, so no client could be let in', {
      hint: 'list the common names to let in under trust.names, for example cxml-supplier.coupahost.com',
    });
  }
  return Object.freeze({
    mode,
    anchors: Object.freeze([...bundle.anchors]),
    names: Object.freeze([...names]),
    pins: new Set(pins),
    deny: Object.freeze([...deny]),
    addresses,
    revocation,
    serverAuthOnly,
    reportOnly: new Set(reportOnly),
    generation,
    fingerprint: bundle.fingerprint,
    caPem: bundle.anchors.map(({ certificate }) => writeTrustedPem(certificate.der)).join(''),
  });
}

/** `X509_CERT_AUX`: SEQUENCE { trust SEQUENCE { clientAuth } }. */
const TRUSTED_FOR_CLIENT_AUTH = Buffer.from('300c300a06082b06010505070302', 'hex');

/**
 * A certificate as OpenSSL's `TRUSTED CERTIFICATE`, trusted for client authentication alone. In this form an
 * intermediate is an anchor by itself: its root is not needed, and its siblings stay out. A plain PEM would
 * need the root beside it, which lets every sibling in, and `allowPartialTrustChain` is not passed on by
 * `tls.createServer` (seen on Node 20 to 26).
 */
function writeTrustedPem(der: Uint8Array): string {
  return writePem('TRUSTED CERTIFICATE', Buffer.concat([der, TRUSTED_FOR_CLIENT_AUTH]));
}
