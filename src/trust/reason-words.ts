/** The table of reasons in plain words: what each means, and the one next step. */
import type { RefusedHandshake } from './evidence.ts';
import type { PeerReason } from './peer.ts';

/** What has to be known of a refusal to explain it. */
export interface ExplainedRefusal
  extends Pick<RefusedHandshake, 'findings' | 'nearMiss' | 'leaf' | 'enforced' | 'reference'> {
  /** Its number or reference, as commands take it. */
  readonly handle: string;
  /** It showed more than its own certificate: there is an issuer to stage. */
  readonly showedIssuer: boolean;
}

export interface ReasonWords {
  /** Goes on after `refused because`. */
  readonly because: string;
  readonly meaning: string;
  readonly next: (refusal: ExplainedRefusal) => string;
}

const ASK_COUPA = "Coupa's support has to mend this: tell them";
const NO_RESTART = 'no restart is needed';

/**
 * A reason without a row does not compile. The order matters: of several reasons the first one here decides
 * the next step. First whatever makes every other step wrong or vain, then what only Coupa can mend, then what
 * can be done here.
 */
export const REASON_WORDS = {
  deny_listed: {
    because: 'it is on the deny-list',
    meaning: 'A person put this certificate, its key or an issuer of it on the deny-list of this receiver.',
    next: () =>
      'Nothing, while that entry is right: Coupa has to show another certificate. In doubt, ask who made it.',
  },
  revoked: {
    because: 'its issuer has revoked it',
    meaning:
      'The issuer has published that this certificate must not be used any more, often for a lost key.',
    next: ({ leaf }) =>
      `${ASK_COUPA} that the client certificate with serial number ${serialOf(leaf)} is revoked.`,
  },
  no_certificate: {
    because: 'it showed no certificate',
    meaning:
      'Scanners and browsers show none. Coupa shows one only where client certificates are switched on for ' +
      'this supplier, and only when it has one from an issuer that this receiver names.',
    next: () =>
      'Nothing, unless orders are missing: then ask the buyer whether client certificates are switched on ' +
      'for this supplier, and whether Coupa has a new issuer.',
  },
  resumed: {
    because: 'it resumed an old session',
    meaning: 'It did not prove again that it holds its key. This receiver offers no session to resume.',
    next: () => 'Nothing: it may connect again with a whole handshake.',
  },
  protocol: {
    because: 'it did not speak TLS 1.2 or 1.3 as expected',
    meaning:
      'Scanners and plain HTTP end like this, and so does a sender that is held to an old version of TLS.',
    next: () =>
      'Nothing, unless orders are missing: then ask the buyer to leave “cXML SSL Version” empty on the ' +
      'supplier record.',
  },
  timeout: {
    because: 'it did not finish its handshake in time',
    meaning: 'It connected and then fell silent, as scanners do, or the way between it and here is broken.',
    next: () =>
      'Nothing, unless orders are missing: then look at firewalls and load balancers on the way here.',
  },
  name_not_allowed: {
    because: 'its name is not one of the allowed names',
    meaning: 'The certificate belongs to somebody else than the clients named in trust.names.',
    next: () =>
      `Nothing, if you do not know that name. If it is your buyer's: add it to trust.names; ${NO_RESTART}.`,
  },
  ambiguous_name: {
    because: 'it carries more than one name',
    meaning: 'A certificate with two common names makes two claims. Coupa has always shown exactly one.',
    next: () => 'Nothing, if you do not know it. Otherwise ask Coupa for a certificate with one common name.',
  },
  unreadable_certificate: {
    because: 'a certificate it showed cannot be read',
    meaning: 'The bytes are not a certificate as the standard has it, so nothing in them can be relied on.',
    next: ({ handle }) =>
      `Nothing, unless orders are missing: then send Coupa's support what it showed: ${chainOf(handle)}`,
  },
  address_not_allowed: {
    because: 'it came from an address that is not on the list',
    meaning:
      'The address is not in the file of trust.addresses. Anybody can write a name into a certificate.',
    next: () =>
      "Look the address up on Coupa's page of addresses. Only if it is there, add it to the file of " +
      `trust.addresses; ${NO_RESTART}.`,
  },
  bad_signature: {
    because: 'the pinned issuer it names did not sign it',
    meaning:
      'Either it is forged, or the issuer has a new key under its old name and the one pinned here is the old.',
    next: () =>
      'Compare the pinned issuer with the one that Coupa publishes now. Only if Coupa has a new one: ' +
      'sallyport trust stage FILE',
  },
  not_yet_valid: {
    because: 'it is not valid yet',
    meaning: 'Its first day is still to come, or the clock of this machine is slow.',
    next: () => `Check the clock of this machine (date -u). If it is right, ${ASK_COUPA} its first day.`,
  },
  expired: {
    because: 'it has expired',
    meaning: 'The last day of the certificate, or of an issuer sent with it, is over.',
    next: ({ leaf }) =>
      `Check the clock of this machine (date -u). If it is right, ${ASK_COUPA} what has expired ` +
      `(serial number of the client certificate: ${serialOf(leaf)}).`,
  },
  is_ca: {
    because: 'it is the certificate of an issuer',
    meaning: 'A certificate that may issue others does not belong to a client.',
    next: () => `${ASK_COUPA} that its client shows the certificate of a CA.`,
  },
  server_auth_only: {
    because: 'it is meant for servers only',
    meaning:
      'Its extended key usage lacks clientAuth. Public CAs are giving up certificates for clients, so this is ' +
      'what a renewal at one of them looks like.',
    next: () =>
      `${ASK_COUPA} that its client certificate lacks clientAuth. Until they have, trust.server_auth_only can ` +
      'let in that one key.',
  },
  extended_key_usage: {
    because: 'it is not meant for clients',
    meaning: 'It, or an issuer of it, is made for another purpose: the extended key usage lacks clientAuth.',
    next: () => `${ASK_COUPA} that its client certificate lacks clientAuth.`,
  },
  key_usage: {
    because: 'its key may not be used for this',
    meaning: 'The key usage in the certificate, or in an issuer of it, does not allow what it is used for.',
    next: () => `${ASK_COUPA} the key usage named here.`,
  },
  weak_key: {
    because: 'a key is too weak',
    meaning: 'Such keys can be broken, and then anybody could send orders. RSA is taken from 2048 bits.',
    next: () => `${ASK_COUPA} the size of the key named here.`,
  },
  key_type: {
    because: 'a key is of a type that is not taken',
    meaning: 'RSA, the curves P-256, P-384 and P-521, and Ed25519 are taken.',
    next: () => `${ASK_COUPA} the type of the key named here.`,
  },
  weak_signature: {
    because: 'it is signed in a way that can be forged',
    meaning: 'MD5 and SHA-1 signatures prove nothing any more.',
    next: () => `${ASK_COUPA} the signature algorithm named here.`,
  },
  unknown_critical_extension: {
    because: 'it has a condition that this receiver does not know',
    meaning: 'The certificate says of the extension that whoever does not understand it must refuse.',
    next: ({ handle }) =>
      `Ask Coupa what the extension is for; this writes out the chain: ${chainOf(handle)}`,
  },
  name_constraint: {
    because: 'an issuer of it limits names',
    meaning:
      'Name constraints are not evaluated here, so a chain with an issuer that carries them is refused.',
    next: ({ handle }) => stage(handle, 'To pin the issuer below that one instead'),
  },
  anchor_expired: {
    because: 'the pinned issuer has expired',
    meaning: 'The last day of a certificate in the bundle is over, so nothing below it counts.',
    next: () =>
      'Get the issuer that Coupa publishes now, then: sallyport trust stage FILE (it is not trusted by that yet)',
  },
  depth: {
    because: 'too many issuers stand between it and the pinned one',
    meaning: 'At most two issuers may stand between the client and a pinned certificate.',
    next: ({ handle }) => stage(handle, 'If Coupa has a longer chain now, pin an issuer further down'),
  },
  path_length: {
    because: 'an issuer allows fewer issuers below it than there are',
    meaning: 'An issuer of the chain says itself that it may not have so many others below it.',
    next: ({ handle }) => stage(handle, 'If Coupa uses that chain, pin an issuer further down'),
  },
  untrusted_issuer: {
    because: 'its issuer is not in the bundle',
    meaning:
      'No pinned certificate stands above it. Either Coupa has a new issuer, or somebody wrote its name into ' +
      'a certificate of their own.',
    next({ handle, nearMiss, showedIssuer }) {
      if (!nearMiss) return 'Nothing, if you do not know it.';
      return showedIssuer
        ? stage(handle, "If it is Coupa's new one (compare its fingerprint with Coupa's page)")
        : "It showed no issuer. If Coupa has a new one, get it from Coupa's page: sallyport trust stage FILE";
    },
  },
  pin_mismatch: {
    because: 'its key is not one of the pinned client keys',
    meaning: 'Other keys stand in trust.pins: Coupa has a new key, or this is another client.',
    next: () => `If Coupa confirms the new key, add it to trust.pins; ${NO_RESTART}.`,
  },
  revocation_unknown: {
    because: 'no current list says that it is not revoked',
    meaning:
      'The revocation list of its issuer is missing or too old, and trust.crl_policy says to refuse then.',
    next: () => `Fetch the revocation list of that issuer again into trust.crl; ${NO_RESTART}.`,
  },
  openssl: {
    because: 'OpenSSL refuses its chain',
    meaning:
      'Nothing found here speaks against it, but OpenSSL verifies every chain as well, and both must accept.',
    next: ({ handle }) => `Look at what it showed: ${chainOf(handle)}`,
  },
} as const satisfies Record<PeerReason, ReasonWords>;

function stage(handle: string, condition: string): string {
  return `${condition}: sallyport trust stage --from-refused ${handle} (nothing is trusted by that yet)`;
}

function chainOf(handle: string): string {
  return `sallyport trust refused show ${handle} --pem`;
}

function serialOf(leaf: ExplainedRefusal['leaf']): string {
  return leaf?.serial ?? 'unknown';
}
