/**
 * The gate's verdict: a client's chain against the trust in force, every reason at once. Pure: no I/O, no
 * clock, and work bounded whatever the client sends. Never: HTTP, cXML, the socket.
 */
import { checkAddress } from './addresses.ts';
import type { Anchor } from './bundle.ts';
import type { Certificate } from './certificate.ts';
import { readCertificate } from './certificate.ts';
import { findChain } from './chain.ts';
import { checkLeaf, finding } from './check-certificate.ts';
import { MOST_SENT } from './costly-chain.ts';
import { checkDenied } from './deny.ts';
import { UnreadableDer } from './der.ts';
import { printable, printableAscii } from './distinguished-name.ts';
import { checkOpenssl, checkStillMeant } from './openssl-verdict.ts';
import type { Peer, PeerFinding, PeerRefusal, Presented, Verdict } from './peer.ts';
import { writePem } from './pem.ts';
import { findException } from './server-auth-only.ts';
import { isOnTrial } from './trial.ts';
import type { Trust } from './trust.ts';
import { createUnprovenPeer, mayComeUnproven } from './unproven.ts';

/** Vouches only when nothing at all speaks against the chain, neither here nor in OpenSSL's own verdict. */
export function judgePeer(presented: Presented, trust: Trust, now: Date): Verdict {
  const { leaf, sent, anchor, findings } = look(presented, trust, now);
  const excepted = leaf && findException(findings, leaf, trust.serverAuthOnly, now);
  const isTold = (each: PeerFinding): boolean =>
    isOnTrial(each, trust) || (excepted !== undefined && each.reason === excepted.reason);
  const enforced = findings.filter((each) => !isTold(each));
  const wouldRefuse = findings
    .filter(isTold)
    .map((each) => (each.reason === excepted?.reason ? excepted : each));
  if (leaf !== undefined) enforced.push(...checkOpenssl(presented, enforced, excepted));
  if (leaf !== undefined && enforced.length === 0) {
    enforced.push(...checkStillMeant(presented, [leaf, ...sent], trust));
  }
  if (leaf !== undefined && anchor !== undefined && enforced.length === 0) {
    return { trusted: true, wouldRefuse, peer: describePeer(leaf, anchor, presented) };
  }
  const all = [...enforced, ...wouldRefuse];
  const reasons = enforced.map(({ reason }) => reason);
  if (!mayComeUnproven(trust.mode, reasons)) {
    return { trusted: false, refusal: describeRefusal(enforced, leaf, trust.names) };
  }
  return {
    trusted: true,
    wouldRefuse: all,
    peer: createUnprovenPeer(trust.mode, leaf === undefined ? 'none' : 'not trusted', presented.protocol),
    ...(all.length === 0 ? {} : { unproven: describeRefusal(all, leaf, trust.names) }),
  };
}

interface Looked {
  readonly leaf?: Certificate;
  /** What the client sent above it, as far as it can be read. */
  readonly sent: readonly Certificate[];
  readonly anchor?: Anchor | undefined;
  readonly findings: readonly PeerFinding[];
}

function look(presented: Presented, trust: Trust, now: Date): Looked {
  const { chain } = presented;
  const [first] = chain;
  const findings = checkConnection(presented, trust);
  // None was asked for, so none is missing; and one from before that was changed proves nothing any more.
  if (trust.mode === 'off') return { sent: [], findings };
  if (first === undefined) {
    return { sent: [], findings: [finding('no_certificate', 'the client sent no certificate'), ...findings] };
  }
  const leaf = readOrExplain(first);
  if (!('der' in leaf)) {
    const unreadable = `the client certificate cannot be read: ${leaf.problem}`;
    return { sent: [], findings: [finding('unreadable_certificate', unreadable), ...findings] };
  }
  if (chain.length > MOST_SENT) {
    findings.push(finding('depth', `the client sent more than ${MOST_SENT} certificates`));
  }
  findings.push(
    ...checkName(leaf, trust.names),
    ...checkLeaf(leaf, now),
    ...checkDenied(leaf, 'the client certificate', trust.deny),
    ...checkPin(leaf, trust.pins),
  );
  const above = chain.slice(1, MOST_SENT).map(readOrExplain);
  const sent = above.filter((each): each is Certificate => 'der' in each);
  const { anchor, findings: against } = findChain({ leaf, sent, trust, now });
  findings.push(...against);
  if (anchor === undefined) findings.push(...explainUnreadable(above));
  return { leaf, sent, anchor, findings };
}

function describePeer(leaf: Certificate, anchor: Anchor, { chain, protocol }: Presented): Peer {
  return {
    proven: true,
    name: leaf.subject.commonNames[0] ?? '',
    fingerprint: leaf.fingerprint,
    spki: leaf.spki,
    subject: leaf.subject.text,
    issuer: leaf.issuer.text,
    serial: leaf.serial,
    notBefore: leaf.notBefore,
    notAfter: leaf.notAfter,
    anchor: anchor.certificate.spki,
    chainPem: chain.map((der) => writePem('CERTIFICATE', der)).join(''),
    protocol,
  };
}

function describeRefusal(
  findings: readonly PeerFinding[],
  leaf: Certificate | undefined,
  allowed: readonly string[],
): PeerRefusal {
  if (leaf === undefined) return { findings, nearMiss: false };
  const { commonNames } = leaf.subject;
  return {
    findings,
    nearMiss: checkName(leaf, allowed).length === 0,
    leaf: {
      names: commonNames.slice(0, 8).map((name) => printableAscii(name)),
      fingerprint: leaf.fingerprint,
      issuer: leaf.issuer.text,
      serial: leaf.serial,
      notAfter: leaf.notAfter,
    },
  };
}

function checkConnection(
  { protocol, resumed, remoteAddress }: Presented,
  { addresses }: Trust,
): PeerFinding[] {
  const findings = checkAddress(remoteAddress, addresses);
  if (protocol !== 'TLSv1.2' && protocol !== 'TLSv1.3') {
    findings.push(
      finding('protocol', `the connection speaks ${printable(protocol)}; TLS 1.2 and 1.3 are taken`),
    );
  }
  if (resumed) findings.push(finding('resumed', 'the session was resumed, so the client showed no key'));
  return findings;
}

/**
 * Exactly one common name, equal to an allowed one. No case folding, no trimming, no wildcard, and no other
 * field in its place: two names would be two claims, and a name in OU or SAN is not what the CA was asked to
 * vouch for.
 */
function checkName({ subject }: Certificate, allowed: readonly string[]): PeerFinding[] {
  const { commonNames } = subject;
  const [name] = commonNames;
  if (name === undefined) return [finding('name_not_allowed', 'the client certificate has no common name')];
  if (commonNames.length > 1) {
    const shown = commonNames.slice(0, 4).map((each) => `"${printableAscii(each)}"`);
    return [
      finding(
        'ambiguous_name',
        `the client certificate has ${commonNames.length} common names: ${shown.join(', ')}`,
      ),
    ];
  }
  if (allowed.includes(name)) return [];
  return [
    finding('name_not_allowed', `the common name "${printableAscii(name)}" is not one of the allowed names`),
  ];
}

/** Beside the chain, never in its place. */
function checkPin({ spki }: Certificate, pins: ReadonlySet<string>): PeerFinding[] {
  if (pins.size === 0 || pins.has(spki)) return [];
  return [finding('pin_mismatch', `the client's public key ${spki} is not one of trust.pins`)];
}

function readOrExplain(der: Uint8Array): Certificate | { readonly problem: string } {
  try {
    return readCertificate(der);
  } catch (error) {
    if (error instanceof UnreadableDer) return { problem: error.message };
    throw error;
  }
}

/** An unreadable extra does no harm beside a good path, so it counts only when there is none. */
function explainUnreadable(above: readonly (Certificate | { readonly problem: string })[]): PeerFinding[] {
  return above.flatMap((each, index) =>
    'problem' in each
      ? [
          finding(
            'unreadable_certificate',
            `certificate ${index + 2} of those sent cannot be read: ${each.problem}`,
          ),
        ]
      : [],
  );
}
