/** Bytes become a Message: decoded, judged as XML, and its envelope read. What it asks for is read by others. */
import { Refusal } from '../errors.ts';
import { decode } from './decode.ts';
import type { Doctype } from './doctype.ts';
import {
  attribute,
  child,
  childElements,
  childrenNamed,
  type Element,
  misspelt,
  placeOf,
} from './element.ts';
import type { Message } from './message.ts';
import type { Environment } from './order.ts';
import { parseTree, type XmlLimits } from './parse-tree.ts';
import { readHeader } from './read-header.ts';
import { describePlace, shown } from './text-place.ts';

export interface ParseOptions {
  /** `charset` of the Content-Type, as sent. */
  readonly charset?: string;
  readonly limits: XmlLimits;
}

/**
 * Yields while a large document is read, so that the caller can serve others in between.
 *
 * @throws {Refusal} `xml-undecodable`, `xml-malformed`, `xml-forbidden`, `xml-too-complex` or `not-cxml`
 */
export function* parseMessage(
  bytes: Uint8Array,
  { charset, limits }: ParseOptions,
): Generator<undefined, Message, void> {
  const { text, encoding } = decode(bytes, charset);
  const { root, doctype } = yield* parseTree(text, limits);
  if (root.name !== 'cXML') {
    throw new Refusal(
      'not-cxml',
      `The root element is <${shown(root.name)}>, not <cXML>: ${whatElse(root)}`,
      {
        place: placeOf(root, shown(root.name)),
      },
    );
  }
  return {
    payloadId: filled(attribute(root, 'payloadID')),
    timestamp: filled(attribute(root, 'timestamp')),
    language: filled(attribute(root, 'xml:lang')),
    dtdVersion: dtdVersion(root, doctype),
    header: readHeader(root),
    request: readRequest(root),
    root,
    encoding,
    doctype,
  };
}

function whatElse(root: Element): string {
  if (misspelt([root.name], 'cXML') !== undefined) return 'capitals count in XML.';
  const wrapped = within(root);
  if (wrapped === undefined) return 'this is no cXML document.';
  return `there is a cXML document inside it, at ${describePlace(wrapped)}. Send that by itself.`;
}

/** A cXML document in an envelope, of SOAP or of a hub. The strict reader bounds the depth. */
function within(element: Element): Element | undefined {
  for (const each of childElements(element)) {
    const found = each.name === 'cXML' ? each : within(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

function filled(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** `…/cXML/1.2.014/cXML.dtd`, whatever the host and its spelling; the folder names the version (guide, "DTD"). */
const DTD_ADDRESS = /\/cxml\/(\d+(?:\.\d+){1,4})\/[^/]+$/i;

function dtdVersion(root: Element, doctype: Doctype | undefined): string | undefined {
  return DTD_ADDRESS.exec(doctype?.systemId ?? '')?.[1] ?? filled(attribute(root, 'version'));
}

/**
 * An order is found by its name: nothing that a sender or a network puts beside it may hide it, or pass for it.
 * Observed: Coupa's own annotated sample has its OrderRequest in the root, without a Request around it.
 */
function readRequest(root: Element): Message['request'] {
  const requests = childrenNamed(root, 'Request');
  const holder = [...requests, root].find((each) => child(each, 'OrderRequest') !== undefined);
  const request = holder === root ? undefined : (holder ?? requests[0]);
  const element = child(holder, 'OrderRequest') ?? (request && childElements(request)[0]);
  if (element === undefined) return undefined;
  const sent = attribute(request, 'deploymentMode');
  const deploymentMode: Environment = sent?.trim().toLowerCase() === 'test' ? 'test' : 'production';
  return {
    kind: element.name,
    deploymentMode,
    element,
    ...(sent === undefined || sent === deploymentMode ? {} : { deploymentModeText: sent }),
  };
}
