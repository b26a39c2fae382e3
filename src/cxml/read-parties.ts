/** Who buys from whom, as the envelope says it: From is the buyer, To the supplier. */
import { child, type Element, text } from './element.ts';
import type { Credential, Message } from './message.ts';
import type { Address, Identifier, Party } from './order.ts';

/**
 * The buyer's name is the one of its Correspondent, else of whom the bill goes to: Coupa puts the company's name
 * there. The supplier's is given by a Correspondent only.
 */
export function readParties(
  { root, header }: Message,
  billTo: Address | undefined,
): { buyer: Party; supplier: Party } {
  const envelope = child(root, 'Header');
  return {
    buyer: {
      name: correspondentName(child(envelope, 'From')) ?? (billTo?.name || undefined),
      identifiers: identifiersOf(header?.from),
    },
    supplier: {
      name: correspondentName(child(envelope, 'To')),
      identifiers: identifiersOf(header?.to),
    },
  };
}

function correspondentName(party: Element | undefined): string | undefined {
  return text(child(child(child(party, 'Correspondent'), 'Contact'), 'Name')) || undefined;
}

function identifiersOf(credentials: readonly Credential[] = []): Identifier[] {
  return credentials.flatMap(({ domain, identity }) =>
    identity === undefined ? [] : [{ domain, value: identity }],
  );
}
