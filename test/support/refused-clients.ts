/** Clients the gate must refuse: for each reason against a peer, certificates that give it. */
import type { PeerReason } from '../../src/trust/peer.ts';
import type { Authority } from './authority.ts';
import { type CrlOrder, crlPem, mintCrl } from './crl.ts';
import { daysFromNow, NAME } from './judging.ts';
import type { KeyKind } from './key-pairs.ts';
import type { Minted, MintOrder } from './pki.ts';

/** What a client shows: nothing, or a leaf with the issuers it sends behind it. */
export type Shown = readonly [] | readonly [leaf: Minted, ...issuers: Minted[]];

export interface RefusedClient {
  readonly who: string;
  readonly shows: (authority: Authority) => Shown;
  /** The right name with anything else wrong is told to come back; everyone else is told to go. */
  readonly http: 403 | 503;
  /** Those of the pinned authority, which is the client's too. Default: RSA, both P curves and Ed25519. */
  readonly kinds?: readonly KeyKind[];
  readonly authority?: Partial<MintOrder>;
  /** Keys under `trust`, besides the bundle. */
  readonly trust?: Readonly<Record<string, unknown>>;
  /** What else the configuration names, put beside the bundle. */
  readonly files?: (authorities: readonly Authority[]) => Readonly<Record<string, string>>;
  /** By the receiver's clock; it has started today. */
  readonly comesAt?: Date;
  /** The client's own library would not use such a certificate. */
  readonly weakClient?: boolean;
}

export const USUAL_KINDS = ['rsa-2048', 'p-256', 'p-384', 'ed25519'] as const satisfies readonly KeyKind[];
const leafWith =
  (change: Partial<MintOrder>): RefusedClient['shows'] =>
  (authority) => [authority.leaf(change)];
const extension = (oid: string, hex: string, critical = false) => ({ extensions: [{ oid, hex, critical }] });

/** A revocation list of each. */
const lists = (authorities: readonly Authority[], list: Partial<CrlOrder>): string =>
  authorities.map(({ ca }) => crlPem(mintCrl({ issuer: ca, ...list }))).join('');

const NAME_CONSTRAINTS = '2.5.29.30';
/** SEQUENCE { [0] { SEQUENCE { [2] dNSName } } }: permitted subtrees. */
const PERMITS_COUPA = '3013a011300f820d636f757061686f73742e636f6d';
const PERMITS_EXAMPLE = '3011a00f300d820b6578616d706c652e6f7267';
/** Netscape's own: an SSL server. Ours does not read it, OpenSSL does. */
const FOR_SERVERS = extension('2.16.840.1.113730.1.1', '03020640');

/** By the reason against them. The gate refuses them, after the handshake. */
export const REFUSED_CLIENTS: Partial<Record<PeerReason, readonly RefusedClient[]>> = {
  no_certificate: [
    { who: 'a client without a certificate', http: 403, shows: () => [], kinds: ['rsa-2048'] },
  ],
  untrusted_issuer: [
    {
      who: 'a client of a CA that is not pinned',
      http: 503,
      shows: ({ leaf, issuer }) => {
        const stranger = issuer('A stranger', { issuer: undefined });
        return [leaf({ issuer: stranger }), stranger];
      },
    },
  ],
  bad_signature: [
    {
      who: 'a client that only names the pinned CA',
      http: 503,
      shows: ({ leaf, forger, ca }) => [leaf({ signer: forger }), ca],
    },
  ],
  expired: [
    {
      who: 'an expired client',
      http: 503,
      shows: leafWith({ notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) }),
    },
  ],
  not_yet_valid: [{ who: 'a client of tomorrow', http: 503, shows: leafWith({ notBefore: daysFromNow(1) }) }],
  anchor_expired: [
    {
      who: 'a client of a pinned CA that has ended meanwhile',
      http: 503,
      shows: leafWith({}),
      authority: { notAfter: daysFromNow(1) },
      comesAt: daysFromNow(2),
    },
  ],
  name_not_allowed: [
    { who: 'a client with another name', http: 403, shows: leafWith({ subject: 'somebody.example' }) },
  ],
  ambiguous_name: [
    {
      who: 'a client with two names',
      http: 403,
      shows: leafWith({ subject: [{ value: NAME }, { value: 'somebody.example' }] }),
    },
  ],
  key_usage: [
    { who: 'a client that may not sign', http: 503, shows: leafWith({ keyUsage: ['keyAgreement'] }) },
  ],
  extended_key_usage: [
    {
      who: 'a client for e-mail',
      http: 503,
      shows: leafWith({ extendedKeyUsage: ['emailProtection'] }),
    },
  ],
  server_auth_only: [
    { who: 'a client for servers only', http: 503, shows: leafWith({ extendedKeyUsage: ['serverAuth'] }) },
  ],
  is_ca: [{ who: 'a client that is a CA', http: 503, shows: leafWith({ ca: true }) }],
  weak_key: [
    {
      who: 'a client with an RSA key of 1024 bits',
      http: 503,
      shows: leafWith({ key: { kind: 'rsa-1024', label: 'weak' } }),
      weakClient: true,
    },
  ],
  weak_signature: [
    {
      who: 'a client that was signed with SHA-1',
      http: 503,
      shows: leafWith({ digest: 'sha1' }),
      kinds: ['rsa-2048', 'p-256', 'p-384'], // Ed25519 has its own digest
      weakClient: true,
    },
  ],
  path_length: [
    {
      who: 'a client of an issuer below one that may have none',
      http: 503,
      shows: ({ leaf, issuer }) => {
        const narrow = issuer('Narrow', { pathLength: 0 });
        const below = issuer('Below narrow', { issuer: narrow });
        return [leaf({ issuer: below }), below, narrow];
      },
    },
  ],
  name_constraint: [
    {
      who: 'a client of an issuer with name constraints, though they permit it',
      http: 503,
      shows: ({ leaf, issuer }) => {
        const constrained = issuer('Constrained', extension(NAME_CONSTRAINTS, PERMITS_COUPA, true));
        return [leaf({ issuer: constrained }), constrained];
      },
    },
  ],
  unknown_critical_extension: [
    {
      who: 'a client with a critical extension nobody knows',
      http: 503,
      shows: leafWith(extension('1.2.3.4', '0500', true)),
    },
  ],
  depth: [
    {
      who: 'a client three issuers below the pinned one',
      http: 503,
      shows: ({ leaf, issuer }) => {
        const first = issuer('First');
        const second = issuer('Second', { issuer: first });
        const third = issuer('Third', { issuer: second });
        return [leaf({ issuer: third }), third, second, first];
      },
    },
  ],
  unreadable_certificate: [
    {
      // Nothing is known of whom it belongs to, so it is no near miss.
      who: 'a client whose key usages are an empty list',
      http: 403,
      shows: leafWith({ extendedKeyUsage: undefined, ...extension('2.5.29.37', '3000') }),
    },
  ],
  pin_mismatch: [
    {
      who: 'a client with a key that is not pinned',
      http: 503,
      shows: leafWith({}),
      trust: { pins: ['5'.repeat(64)] },
    },
  ],
  deny_listed: [
    {
      who: 'a client on the deny-list',
      http: 503,
      shows: leafWith({ serial: '0abc' }),
      trust: { deny: [{ serial: '0abc' }] },
    },
  ],
  address_not_allowed: [
    {
      who: 'a client from elsewhere',
      http: 503,
      shows: leafWith({}),
      trust: { addresses: 'addresses.txt' },
      files: () => ({ 'addresses.txt': '127.0.0.9\n' }),
    },
  ],
  revoked: [
    {
      who: 'a client that its issuer has revoked',
      http: 503,
      shows: leafWith({ serial: '0abc' }),
      trust: { crl: 'lists.pem' },
      files: (authorities) => ({ 'lists.pem': lists(authorities, { revoked: ['0abc'] }) }),
    },
  ],
  revocation_unknown: [
    {
      who: 'a client whose issuer has published no list since',
      http: 503,
      shows: leafWith({}),
      trust: { crl: 'lists.pem', crl_policy: 'hard' },
      files: (authorities) => ({ 'lists.pem': lists(authorities, { nextUpdate: daysFromNow(1) }) }),
      comesAt: daysFromNow(2),
    },
  ],
  openssl: [
    { who: 'a client that OpenSSL alone takes for a server', http: 503, shows: leafWith(FOR_SERVERS) },
    {
      who: 'a client that the pinned CA is not permitted to name',
      http: 503,
      shows: leafWith({ dns: [NAME] }),
      authority: extension(NAME_CONSTRAINTS, PERMITS_EXAMPLE, true),
    },
  ],
};
