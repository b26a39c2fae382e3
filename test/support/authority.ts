/** An intermediate of one kind of key, to be pinned by a test, and the clients and issuers below it. */

import type { KeyKind } from './key-pairs.ts';
import { type Minted, type MintOrder, mint, mintCa } from './pki.ts';
import { COUPA_NAME } from './receiver.ts';

export interface Authority {
  readonly kind: KeyKind;
  readonly ca: Minted;
  /** A client; Coupa by name unless told otherwise. */
  leaf(change?: Partial<MintOrder>): Minted;
  /** An issuer below the authority, or below `issuer`. */
  issuer(label: string, change?: Partial<MintOrder>): Minted;
  /** Of the same kind and name as the authority, by another key: what a forger can make. */
  readonly forger: Minted;
}

export function createAuthority(kind: KeyKind, change: Partial<MintOrder> = {}): Authority {
  const name = `Pinned ${kind}`;
  const ca = mintCa(name, { key: { kind, label: name }, issuer: mintCa('Root above'), ...change });
  return {
    kind,
    ca,
    leaf: (leaf = {}) =>
      mint({
        subject: COUPA_NAME,
        issuer: ca,
        key: { kind, label: 'client' },
        ca: false,
        keyUsage: ['digitalSignature'],
        extendedKeyUsage: ['clientAuth'],
        ...leaf,
      }),
    issuer: (label, issuer = {}) => mintCa(label, { issuer: ca, key: { kind, label }, ...issuer }),
    forger: mintCa(name, { key: { kind, label: 'forger' } }),
  };
}
