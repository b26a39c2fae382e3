/** Certificates to pin, of one root, as the rotation knows them. */
import { type Certificate, readCertificate } from '../../src/trust/certificate.ts';
import { type Minted, type MintOrder, mintCa } from '../support/pki.ts';

export interface Authority extends Minted {
  readonly certificate: Certificate;
}

export function mintAuthority(name: string, overrides: Partial<MintOrder> = {}): Authority {
  const issuer = mintCa('Rotation Root', { key: { kind: 'p-256', label: 'Rotation Root' } });
  const minted = mintCa(name, { issuer, key: { kind: 'p-256', label: name }, ...overrides });
  return { ...minted, certificate: readCertificate(minted.der) };
}
