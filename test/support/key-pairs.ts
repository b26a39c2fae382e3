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
  | 'rsa-pss'
  | OddKind;
/** None of them is taken of anybody. */
export const ODD_KINDS = [
  'brainpoolP256r1',
  'secp224r1',
  'sect233k1',
  'explicit',
  'dsa',
  'x25519',
  'ed448',
  'ml-dsa-44',
  'slh-dsa-sha2-128s',
] as const;
type OddKind = (typeof ODD_KINDS)[number];
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
    case 'brainpoolP256r1':
    case 'secp224r1':
    case 'sect233k1':
      return generateKeyPairSync('ec', { namedCurve: kind });
    case 'explicit':
      return generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' });
    case 'dsa':
      return generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 });
    case 'x25519':
    case 'ed448':
    case 'ml-dsa-44':
    case 'slh-dsa-sha2-128s':
      return generateKeyPairSync(kind as 'ed448');
    default:
      return generateKeyPairSync('rsa', { modulusLength: Number(kind.slice(4)) });
  }
}
