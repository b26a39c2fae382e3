/** Somebody who tries to have an order taken, and how far it comes. */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { type BuyerParts, createBuyer } from './buyer.ts';
import { sampleDocument } from './orders.ts';
import type { Minted } from './pki.ts';
import { COUPA_NAME, type TestReceiver } from './receiver.ts';

/** `no handshake`: one of the two TLS libraries would not go on. */
export type Outcome = 'let in' | 'refused' | 'no handshake';

/** Made once: what is tried out is the certificate around it. */
export const THIEF = { kind: 'p-256', label: 'thief' } as const;

export interface Attempt extends Pick<BuyerParts, 'maxVersion' | 'ciphers' | 'localAddress'> {
  /** Sent behind the leaf. */
  readonly issuers?: readonly { readonly pem: string }[];
}

export async function tryToEnter(
  { url, pki }: Pick<TestReceiver, 'url' | 'pki'>,
  leaf: Pick<Minted, 'pem' | 'keyPem'>,
  { issuers = [], ...options }: Attempt = {},
): Promise<Outcome> {
  const cert = [leaf, ...issuers].map(({ pem }) => pem).join('');
  try {
    using buyer = createBuyer({ url, ca: pki.server.ca, cert, key: leaf.keyPem, ...options });
    const { http, detail } = await buyer.post(sampleDocument({ orderId: randomUUID() }));
    return (http === 403 || http === 503) && detail.includes('not accepted here') ? 'refused' : 'let in';
  } catch {
    return 'no handshake';
  }
}

/** Whatever was tried before: nobody came in, nothing broke, and Coupa is still served. */
export async function expectUnharmed(receiver: TestReceiver): Promise<void> {
  const entered = /^sallyport_tls_handshakes_total\{outcome="accepted"/;
  expect((await receiver.metric(entered)) ?? 0, 'handshakes accepted').to.equal(0);
  const leaf = receiver.pki.leaf(COUPA_NAME);
  expect(await tryToEnter(receiver, leaf)).to.equal('let in');
  const loud = receiver.logged.filter(({ level }) => level === 'error' || level === 'fatal');
  expect(loud).to.deep.equal([]);
}
