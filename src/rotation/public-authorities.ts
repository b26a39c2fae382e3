/**
 * Public CAs by the organisation that stands in their names. They end `clientAuth` because the root programs of the
 * browsers want it (Chrome Root Program policy 1.8: new CAs from 15 June 2026, new leafs from 15 March 2027). A hint
 * and no more: some of them run private hierarchies under the same name.
 */
import { printable } from '../trust/distinguished-name.ts';

const ORGANISATIONS = [
  'Actalis S.p.A.',
  'Amazon',
  'Asseco Data Systems S.A.',
  'Buypass AS-983163327',
  'COMODO CA Limited',
  'D-Trust GmbH',
  'Deutsche Telekom Security GmbH',
  'DigiCert Inc',
  'DigiCert, Inc.',
  'Entrust Limited',
  'Entrust, Inc.',
  'GeoTrust Inc.',
  'GlobalSign nv-sa',
  'GoDaddy.com, Inc.',
  'Google Trust Services',
  'Google Trust Services LLC',
  'Hellenic Academic and Research Institutions CA',
  'IdenTrust',
  'Internet Security Research Group',
  "Let's Encrypt",
  'Microsoft Corporation',
  'QuoVadis Limited',
  'SSL Corp',
  'SSL Corporation',
  'Sectigo Limited',
  'Starfield Technologies, Inc.',
  'SwissSign AG',
  'The USERTRUST Network',
  'Unizeto Technologies S.A.',
  'ZeroSSL',
  'thawte, Inc.',
] as const;

/**
 * @param issuer a distinguished name as text. Example: `C=US, O=DigiCert Inc, CN=DigiCert TLS RSA SHA256 2020 CA1`
 * @returns the organisation, if it is one of a public CA
 */
export function findPublicAuthority(issuer: string): string | undefined {
  // A comma or plus sign within a value is escaped, so that these stand between parts alone.
  const parts = issuer.split(/(?<!\\)(?:, |\+)/);
  return ORGANISATIONS.find((each) => parts.includes(`O=${printable(each)}`));
}
