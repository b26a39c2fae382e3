/** What is said of a document that holds no request which is taken here. */
import { Refusal } from '../errors.ts';
import { childElements, type Element, misspelt, placeOf } from './element.ts';
import type { Message } from './message.ts';
import { shown } from './text-place.ts';

const TAKEN = ['OrderRequest', 'ProfileRequest'];
const KNOWN = [...TAKEN, 'Request'];

/** @throws {Refusal} `request-unsupported` unless the message holds an OrderRequest or a ProfileRequest */
export function refuseOtherRequests({ request, root }: Message): void {
  if (request !== undefined && TAKEN.includes(request.kind)) return;
  const found: Element | undefined =
    request?.element ?? childElements(root).find(({ name }) => name !== 'Header');
  const name = found?.name ?? 'nothing';
  const path = request === undefined ? 'cXML' : 'cXML/Request';
  throw new Refusal('request-unsupported', `Only ${TAKEN.join(' and ')} are taken here; ${why(name)}`, {
    place: found === undefined ? placeOf(root, path) : placeOf(found, `${path}/${shown(name)}`),
  });
}

function why(name: string): string {
  if (TAKEN.includes(name)) return `this ${name} stands outside a Request. Put it into one.`;
  const meant = KNOWN.find((each) => misspelt([name], each) !== undefined);
  const hint = meant === undefined ? '' : ` It is written ${meant}: capitals count in XML.`;
  return `this is ${shown(name)}.${hint}`;
}
