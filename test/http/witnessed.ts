/** Evidence that only remembers what the gate told it. */
import type { Evidence } from '../../src/trust/evidence.ts';

export interface Witnessed {
  readonly accepted: Parameters<Evidence['accepted']>[];
  readonly used: Parameters<Evidence['used']>[];
  readonly refused: Parameters<Evidence['refused']>[0][];
}

export function createWitnessed(): { readonly witnessed: Witnessed; readonly evidence: Evidence } {
  const witnessed: Witnessed = { accepted: [], used: [], refused: [] };
  const evidence: Evidence = {
    accepted: (...seen) => void witnessed.accepted.push(seen),
    used: (...seen) => void witnessed.used.push(seen),
    refused(event) {
      witnessed.refused.push(event);
      return {
        reference: witnessed.refused.length.toString(16).padStart(10, '0'),
        recorded: true,
        isNew: true,
      };
    },
  };
  return { witnessed, evidence };
}
