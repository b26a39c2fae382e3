/** What is on trial: judged like the rest, but told instead of enforced. */
import type { PeerFinding, PeerReason } from './peer.ts';
import type { Trust } from './trust.ts';

export type Trial = 'pins' | 'addresses' | 'crl';

const TRIAL_OF: Partial<Readonly<Record<PeerReason, Trial>>> = {
  pin_mismatch: 'pins',
  address_not_allowed: 'addresses',
  revoked: 'crl',
  revocation_unknown: 'crl',
};

/** The reasons that may be told without being enforced; the last by a dated exception. */
export const TRIAL_REASONS = [...Object.keys(TRIAL_OF), 'server_auth_only'];

export function isOnTrial({ reason }: PeerFinding, { reportOnly, revocation }: Trust): boolean {
  if (reason === 'revocation_unknown' && revocation?.policy === 'soft') return true;
  const trial = TRIAL_OF[reason];
  return trial !== undefined && reportOnly.has(trial);
}
