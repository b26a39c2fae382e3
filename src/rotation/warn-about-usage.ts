/** Signs of the end of `clientAuth` at public CAs. */
import { readCertificate } from '../trust/certificate.ts';
import { UnreadableDer } from '../trust/der.ts';
import type { RefusedHandshakeRecord, SeenChain } from '../trust/evidence.ts';
import { EXTENDED_KEY_USAGE } from '../trust/extensions.ts';
import { parsePemCertificates } from '../trust/pem.ts';
import { dayOf } from './words.ts';

/** Public CAs stop issuing for clients: 2026 and early 2027 (Chrome Root Program policy 1.8). */
export function warnAboutUsage(
  seen: readonly SeenChain[],
  refused: readonly RefusedHandshakeRecord[],
): string[] {
  const warnings: string[] = [];
  const without = refused.find(
    ({ nearMiss, findings }) => nearMiss && findings.some(({ reason }) => reason === 'server_auth_only'),
  );
  if (without !== undefined) {
    warnings.push(
      'a client with the right name came with a certificate for servers only: its CA has stopped issuing for clients; ' +
        'ask Coupa for one with clientAuth',
    );
  }
  const [latest] = seen;
  if (latest !== undefined && isForBoth(latest)) {
    warnings.push(
      `the client certificate of ${latest.name} is for servers and clients, as public CAs issue them; they end that by ` +
        `15 March 2027, so its successor (due by ${dayOf(latest.notAfter)}) may lack clientAuth or come from another issuer`,
    );
  }
  return warnings;
}

function isForBoth({ chainPem }: SeenChain): boolean {
  const [leaf] = parsePemCertificates(Buffer.from(chainPem)).blocks;
  if (leaf === undefined) return false;
  try {
    const usage = readCertificate(leaf.der).extendedKeyUsage ?? [];
    return usage.includes(EXTENDED_KEY_USAGE.serverAuth) && usage.includes(EXTENDED_KEY_USAGE.clientAuth);
  } catch (error) {
    if (error instanceof UnreadableDer) return false;
    throw error;
  }
}
