/** What a person should know of a CA certificate before it is trusted, beside those that are trusted now. */
import type { Certificate } from '../trust/certificate.ts';
import { unknownCritical } from '../trust/check-certificate.ts';
import { checkPin, type PinFault } from '../trust/check-pin.ts';
import { EXTENDED_KEY_USAGE } from '../trust/extensions.ts';
import { checkChange, type Others } from './check-change.ts';
import { no, warn, yes } from './checks.ts';
import type { IsIssuedBy } from './issued-by.ts';
import { daysUntil, describeKey } from './pin-report.ts';
import type { Check } from './rotation.ts';
import { dayOf, namePin } from './words.ts';

export interface Beside extends Others {
  readonly now: Date;
  readonly isIssuedBy: IsIssuedBy;
}

const SOON_DAYS = 60;

/** `no` stands for what the bundle would refuse to load, and for nothing else. */
export function checkCandidate(certificate: Certificate, beside: Beside): Check[] {
  const faults = checkPin(certificate, '', beside.now);
  return [
    ...checkPlace(certificate, beside),
    ...checkDates(certificate, beside.now),
    ...checkStrength(certificate, faults),
    ...checkPurpose(certificate, faults),
    ...faults.filter(({ fault }) => fault === 'not_ca' || fault === 'critical_extension').map(toCheck),
    ...checkExtensions(certificate, faults),
    ...checkChange(certificate, beside),
  ];
}

/** Where it stands among the others: a root, below one, above one. */
function checkPlace(certificate: Certificate, { active, staged, isIssuedBy }: Beside): Check[] {
  const isRoot = isIssuedBy(certificate, certificate);
  const others = [...active, ...staged].filter(({ spki }) => spki !== certificate.spki);
  const issuer = others.find((each) => isIssuedBy(certificate, each));
  const below = others.find((each) => isIssuedBy(each, certificate));
  const place: Check = isRoot
    ? warn("this is a root: it trusts every intermediate below it, not Coupa's alone")
    : issuer === undefined
      ? yes(`a CA issued by ${certificate.issuer.text}, which need not be pinned`)
      : yes(
          `a CA issued by ${namePin({ certificate: issuer })}, ${stateOf(issuer, active)}: trusted through it, too, when sent along`,
        );
  return [
    place,
    ...(below === undefined || isRoot
      ? []
      : [
          warn(
            `it stands above ${namePin({ certificate: below })}, ${stateOf(below, active)}: it lets in every other CA below it too`,
          ),
        ]),
    ...(certificate.basicConstraints?.pathLength === 0
      ? [yes('issues certificates for clients, and no further CAs (path length 0)')]
      : []),
  ];
}

function checkDates({ notBefore, notAfter }: Certificate, now: Date): Check[] {
  const days = daysUntil(notAfter, now);
  const until = `valid until ${dayOf(notAfter)}, ${days} days`;
  if (now > notAfter) return [no(`expired on ${dayOf(notAfter)}`)];
  if (now < notBefore)
    return [warn(`not yet valid: it vouches for nobody before ${dayOf(notBefore)}; ${until}`)];
  return [days < SOON_DAYS ? warn(`${until}: ask for its successor soon`) : yes(until)];
}

function checkStrength(certificate: Certificate, faults: readonly PinFault[]): Check[] {
  const weak = faults.filter(({ fault }) => fault === 'key' || fault === 'signature');
  const { oid, allowed } = certificate.signatureAlgorithm;
  const signed = allowed === undefined ? `signed by itself with ${oid}, on which nobody relies` : allowed;
  return weak.length > 0 ? weak.map(toCheck) : [yes(`${describeKey(certificate.key)}, ${signed}`)];
}

function checkPurpose({ extendedKeyUsage }: Certificate, faults: readonly PinFault[]): Check[] {
  const fault = faults.find((each) => each.fault === 'usage');
  if (fault === undefined) {
    return [
      yes(
        extendedKeyUsage === undefined
          ? 'may issue for clients (no extended key usage: no limit)'
          : 'may issue for clients (clientAuth)',
      ),
    ];
  }
  const isServerOnly = extendedKeyUsage?.every((usage) => usage === EXTENDED_KEY_USAGE.serverAuth);
  if (!isServerOnly) return [toCheck(fault)];
  // The root programs of the browsers want it: new CAs from June 2026, new leafs from March 2027.
  return [
    no(
      'for web servers only (serverAuth without clientAuth). Public CAs stop issuing client certificates in 2026 and ' +
        '2027, and this is one of their new CAs: ask Coupa which CA issues its client certificates from then on',
    ),
  ];
}

function checkExtensions(certificate: Certificate, faults: readonly PinFault[]): Check[] {
  const checks: Check[] = [];
  if (certificate.hasNameConstraints) {
    checks.push(warn('carries name constraints; OpenSSL alone evaluates them, rehearse does not see them'));
  }
  const unknown = unknownCritical(certificate);
  if (unknown.length > 0 && !faults.some(({ fault }) => fault === 'critical_extension')) {
    checks.push(warn(`has critical extensions nobody evaluates: ${unknown.join(', ')}`));
  }
  return checks;
}

function stateOf({ fingerprint }: Certificate, active: readonly Certificate[]): string {
  return active.some((each) => each.fingerprint === fingerprint) ? 'which is active' : 'which is staged';
}

function toCheck({ what }: PinFault): Check {
  return no(what);
}
