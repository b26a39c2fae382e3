/** Chains that cost far more than any client of ours needs, and cost it before anybody here is asked. */
import { readOrSkip } from './certificate.ts';
import { isUsableKey } from './public-key.ts';

/** Leaf included. A good chain has two to four; more is either a mistake or work for its own sake. */
export const MOST_SENT = 8;

/** Whether it is long, or has an RSA key in it with which nobody here would check a signature. */
export function isCostly(chain: readonly Uint8Array[]): boolean {
  return chain.length > MOST_SENT || chain.some(hasCostlyKey);
}

function hasCostlyKey(der: Uint8Array): boolean {
  const key = readOrSkip(der)?.key;
  return key?.type === 'rsa' && !isUsableKey(key);
}
