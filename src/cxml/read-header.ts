/** Reads who says what to whom, and takes the secret out of the tree. */
import { attribute, child, childElements, childrenNamed, type Element, text } from './element.ts';
import type { Credential, CredentialMac, Header, SenderCredential } from './message.ts';

/** @returns the first Header of the document; every Header is emptied of its secrets */
export function readHeader(root: Element): Header | undefined {
  const headers = childrenNamed(root, 'Header');
  const read = headers[0] === undefined ? undefined : readParts(headers[0]);
  headers.forEach(withhold);
  return read;
}

function readParts(header: Element): Header {
  const sender = child(header, 'Sender');
  const userAgent = text(child(sender, 'UserAgent'));
  return {
    from: childrenNamed(child(header, 'From'), 'Credential').map(readCredential),
    to: childrenNamed(child(header, 'To'), 'Credential').map(readCredential),
    sender: childrenNamed(sender, 'Credential').map(readSenderCredential),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}

function readCredential(element: Element): Credential {
  const type = attribute(element, 'type');
  const identity = child(element, 'Identity');
  return {
    domain: attribute(element, 'domain') ?? '',
    ...(type === undefined ? {} : { type }),
    ...(identity === undefined ? {} : { identity: allText(identity) }),
  };
}

function readSenderCredential(element: Element): SenderCredential {
  const credential: SenderCredential = readCredential(element);
  const secret = child(element, 'SharedSecret');
  const mac = child(element, 'CredentialMac');
  if (secret !== undefined) hide(credential, 'sharedSecret', allText(secret));
  if (mac !== undefined) hide(credential, 'credentialMac', readMac(mac));
  return credential;
}

function hide<Name extends 'sharedSecret' | 'credentialMac'>(
  credential: SenderCredential,
  name: Name,
  value: SenderCredential[Name],
): void {
  Object.defineProperty(credential, name, { value, enumerable: false });
}

function readMac(element: Element): CredentialMac {
  return {
    type: attribute(element, 'type') ?? '',
    algorithm: attribute(element, 'algorithm') ?? '',
    creationDate: attribute(element, 'creationDate') ?? '',
    expirationDate: attribute(element, 'expirationDate') ?? '',
    value: allText(element),
  };
}

/** Identity and SharedSecret may hold anything (content model ANY): the text of all that is inside. */
function allText(element: Element): string {
  const gather = (each: Element | string): string =>
    typeof each === 'string' ? each : each.children.map(gather).join('');
  return gather(element).trim();
}

/**
 * Empties every secret of the Header. The tree goes on to logs, pages and fragments; the secret stays in the one
 * property that nothing enumerates. A CredentialMac is one, too, until it expires. Observed: a sender adds its own `SharedSecret1` beside the real one.
 */
function withhold(element: Element): void {
  for (const each of childElements(element)) {
    if (/^(sharedsecret|credentialmac)/i.test(each.name)) {
      const secret: { -readonly [Key in keyof Element]: Element[Key] } = each;
      secret.children = [];
      secret.attributes = [];
    } else {
      withhold(each);
    }
  }
}
