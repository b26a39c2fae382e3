/** Signs of the end of `clientAuth` at public CAs. */
import type { RefusedHandshakeRecord, SeenChain } from '../trust/evidence.ts';
import { EXTENDED_KEY_USAGE } from '../trust/extensions.ts';
import { readLeaf } from '../trust/sent-chain.ts';
import { findPublicAuthority } from './public-authorities.ts';
import type { Attention } from './rotation.ts';
import { dayOf } from './words.ts';

/** @param seen the one seen last first */
export function warnAboutUsage(
  seen: readonly SeenChain[],
  refused: readonly RefusedHandshakeRecord[],
): Attention[] {
  const latest = new Map<string, SeenChain>();
  for (const chain of seen) if (!latest.has(chain.name)) latest.set(chain.name, chain);
  return [...warnAboutRefusedUsage(refused), ...[...latest.values()].flatMap(warnAboutSeenUsage)];
}

function warnAboutRefusedUsage(refused: readonly RefusedHandshakeRecord[]): Attention[] {
  const without = refused.find(
    ({ nearMiss, findings }) => nearMiss && findings.some(({ reason }) => reason === 'server_auth_only'),
  );
  if (without === undefined) return [];
  return [
    {
      state: 'warn',
      about: 'refused',
      of: without.leaf?.fingerprint ?? null,
      text:
        `a client with the right name came with a certificate for servers only (${dayOf(without.lastAt)}): its CA has ` +
        'stopped issuing for clients; ask Coupa for one with clientAuth',
      next: `see what it showed, and what can be done meanwhile: sallyport trust refused show ${without.id}`,
    },
  ];
}

function warnAboutSeenUsage(chain: SeenChain): Attention[] {
  const { name, fingerprint, issuer, notAfter } = chain;
  const about = { state: 'warn', about: 'client', of: fingerprint } as const;
  // Undefined when the certificate does not limit it, or cannot be read.
  const usage = readLeaf(chain.chainPem)?.extendedKeyUsage;
  if (usage !== undefined && !usage.includes(EXTENDED_KEY_USAGE.clientAuth)) {
    return [
      {
        ...about,
        text:
          `the client certificate of ${name} (${fingerprint.slice(0, 12)}) lacks clientAuth: it comes in by the dated ` +
          'exception trust.server_auth_only alone',
        next: 'ask Coupa which CA issues its client certificates from now on, and stage that: sallyport trust stage FILE',
      },
    ];
  }
  const authority = findPublicAuthority(issuer);
  const signs = [
    ...(usage?.includes(EXTENDED_KEY_USAGE.serverAuth) ? ['is for servers and clients'] : []),
    ...(authority === undefined ? [] : [`was issued by ${authority}, by its name a public CA`]),
  ];
  if (signs.length === 0) return [];
  return [
    {
      ...about,
      text:
        `the client certificate of ${name} ${signs.join(' and ')}; public CAs end clientAuth by 15 March 2027, so its ` +
        `successor (due by ${dayOf(notAfter)}) may lack clientAuth or come from another issuer`,
      next: 'ask Coupa which CA issues its client certificates after that; stage it once it is published',
    },
  ];
}
