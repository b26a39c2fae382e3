/** Keys for tests, of every kind a certificate can have. Made once per kind and label, and used again. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';

export type KeyKind =
  | 'rsa-1024'
  | 'rsa-2048'
  | 'rsa-3072'
  | 'rsa-4096'
  | 'p-256'
  | 'p-384'
  | 'p-521'
  | 'secp256k1'
  | 'ed25519'
  | 'rsa-pss';
const keys = new Map<string, { readonly publicKey: KeyObject; readonly privateKey: KeyObject }>();

export function keyPair({ kind, label }: { kind: KeyKind; label: string }): {
  publicKey: KeyObject;
  privateKey: KeyObject;
} {
  const id = `${kind} ${label}`;
  const known = keys.get(id);
  if (known !== undefined) return known;
  const made = generate(kind);
  keys.set(id, made);
  return made;
}

function generate(kind: KeyKind): { publicKey: KeyObject; privateKey: KeyObject } {
  switch (kind) {
    case 'ed25519':
      return generateKeyPairSync('ed25519');
    case 'rsa-pss':
      return generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
    case 'p-256':
    case 'p-384':
    case 'p-521':
    case 'secp256k1':
      return generateKeyPairSync('ec', { namedCurve: kind.replace('p-', 'P-') });
    default:
      return generateKeyPairSync('rsa', { modulusLength: Number(kind.slice(4)) });
  }
}
