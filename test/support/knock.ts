/** One order, posted with a certificate of one's choice, and what the receiver's log says of it. */
import { randomUUID } from 'node:crypto';
import { type Answer, type BuyerParts, createBuyer } from './buyer.ts';
import { sampleDocument } from './orders.ts';
import type { Minted } from './pki.ts';
import type { TestReceiver } from './receiver.ts';

export interface KnockOptions extends Pick<BuyerParts, 'maxVersion' | 'localAddress'> {
  /** Sent behind the leaf. */
  readonly issuers?: readonly Minted[];
}

export async function knock(
  { url, pki }: Pick<TestReceiver, 'url' | 'pki'>,
  leaf: Minted,
  { issuers = [], ...options }: KnockOptions = {},
): Promise<Answer> {
  const cert = [leaf, ...issuers].map(({ pem }) => pem).join('');
  using buyer = createBuyer({ url, ca: pki.server.ca, cert, key: leaf.keyPem, ...options });
  return await buyer.post(sampleDocument({ orderId: randomUUID() }));
}

/** The reasons of each line with this message. */
export function refusalsOf({ logged }: TestReceiver, message = 'client refused'): string[][] {
  return logged
    .filter(({ msg }) => msg === message)
    .map(({ findings }) => (findings as { readonly reason: string }[]).map(({ reason }) => reason));
}
