/** What a candidate changes beside the anchors in force: a new name, a new key, other dates. */
import type { Certificate } from '../trust/certificate.ts';
import { isNamedBy } from '../trust/certificate.ts';
import { warn, yes } from './checks.ts';
import { contradicts } from './foresee-openssl.ts';
import type { Check, StagedPin } from './rotation.ts';
import { dayOf, namePin } from './words.ts';

export interface Others {
  /** Anchors in force. */
  readonly active: readonly Certificate[];
  /** Staged already, and from the same file. */
  readonly staged: readonly Certificate[];
  /** Certificates of clients that are let in. */
  readonly seen: readonly Certificate[];
}

/** Beside the active set alone; what is staged by these very bytes is `known`. */
export function nameChange(
  certificate: Certificate,
  { active, staged }: { readonly active: readonly Certificate[]; readonly staged: readonly Certificate[] },
): StagedPin['change'] {
  if ([...active, ...staged].some(({ fingerprint }) => fingerprint === certificate.fingerprint))
    return 'known';
  const namesakes = active.filter((each) => hasSameName(each, certificate));
  if (namesakes.some(({ spki }) => spki === certificate.spki)) return 'renewed';
  return namesakes.length > 0 ? 'rekeyed' : 'added';
}

export function checkChange(certificate: Certificate, { active, staged, seen }: Others): Check[] {
  const namesakes = active.filter((each) => hasSameName(each, certificate));
  const sameKey = namesakes.filter(({ spki }) => spki === certificate.spki);
  const [replaced] = (sameKey.length > 0 ? sameKey : namesakes).toSorted(
    (one, other) => other.notAfter.getTime() - one.notAfter.getTime(),
  );
  const checks: Check[] = [];
  switch (nameChange(certificate, { active, staged: [] })) {
    case 'known':
      return [yes('active already')];
    case 'renewed':
      checks.push(explainRenewed(certificate, sameKey), ...explainOtherIds(certificate, sameKey, seen));
      break;
    case 'rekeyed':
      checks.push(explainRekeyed(certificate, namesakes, seen));
      break;
    case 'added':
      checks.push(...explainAdded(certificate, active));
  }
  if (replaced !== undefined && certificate.notAfter < replaced.notAfter) {
    checks.push(
      warn(
        `expires on ${dayOf(certificate.notAfter)}, sooner than ${namePin({ certificate: replaced })}, which is active ` +
          `(${dayOf(replaced.notAfter)})`,
      ),
    );
  }
  if (staged.some((each) => each.spki === certificate.spki && each.fingerprint !== certificate.fingerprint)) {
    checks.push(warn('another certificate of the same key is staged'));
  }
  return checks;
}

function explainRenewed(certificate: Certificate, sameKey: readonly Certificate[]): Check {
  const [active] = sameKey;
  const which = active === undefined ? 'the active one' : namePin({ certificate: active });
  return sameKey.some((each) => isSameIssuer(each, certificate))
    ? yes(`renewed: the key and name of ${which}; its clients stay as they are`)
    : yes(
        `cross-signed: the key and name of ${which}, signed by another issuer; its clients stay as they are`,
      );
}

/** A client may name the certificate of its issuer, by key identifier or serial number: OpenSSL then takes no other. */
function explainOtherIds(
  certificate: Certificate,
  sameKey: readonly Certificate[],
  seen: readonly Certificate[],
): Check[] {
  const { subjectKeyId } = certificate;
  const hasOther =
    subjectKeyId !== undefined &&
    sameKey.every((each) => (each.subjectKeyId ?? subjectKeyId) !== subjectKeyId);
  const clients = seen.filter((leaf) => isNamedBy(leaf, certificate) && contradicts(leaf, certificate));
  if (!hasOther && clients.length === 0) return [];
  const who = hasOther
    ? 'it has another key identifier'
    : `${clients.length} of the clients seen name the other`;
  return [warn(`${who}: OpenSSL lets in those that name the other one only while that is pinned, too`)];
}

/** With two anchors of one name and a client without a key identifier, OpenSSL tries the first anchor alone. */
function explainRekeyed(
  certificate: Certificate,
  namesakes: readonly Certificate[],
  seen: readonly Certificate[],
): Check {
  const [active] = namesakes;
  const which = active === undefined ? 'the active one' : namePin({ certificate: active });
  const blind = seen.filter((leaf) => isNamedBy(leaf, certificate) && leaf.authorityKeyId === undefined);
  return warn(
    blind.length > 0
      ? `rekeyed: the name of ${which} with a new key, and ${blind.length} of the clients seen do not say which key ` +
          'signed them (no authorityKeyIdentifier): OpenSSL tries one key of a name only, so that with both pinned ' +
          'these clients may be refused. Ask Coupa for client certificates with it first'
      : `rekeyed: the name of ${which} with a new key. Both can be active at once for clients that say which key ` +
          'signed them (authorityKeyIdentifier); one that does not may be refused',
  );
}

function explainAdded(certificate: Certificate, active: readonly Certificate[]): Check[] {
  const sameKey = active.find(({ spki }) => spki === certificate.spki);
  return [
    yes('new issuer: its name will be added to the CertificateRequest'),
    ...(sameKey === undefined
      ? []
      : [warn(`it has the key of ${namePin({ certificate: sameKey })} under another name`)]),
  ];
}

function hasSameName(one: Certificate, other: Certificate): boolean {
  return Buffer.from(one.subject.raw).equals(other.subject.raw);
}

function isSameIssuer(one: Certificate, other: Certificate): boolean {
  return Buffer.from(one.issuer.raw).equals(other.issuer.raw);
}
