/** What a step changes, and its entry once that is in force. */

import { messageOf } from '../errors.ts';
import type { Anchor } from '../trust/bundle.ts';
import type { Certificate } from '../trust/certificate.ts';
import type { Distrusted } from '../trust/distrusted.ts';
import { type JournalEntry, nameCertificate } from './journal-entry.ts';
import { type Applied, certificatesOf, fingerprintsOf, type RotationParts, unwritable } from './procedure.ts';
import type { Actor, ChangeReport } from './rotation.ts';

export interface TrustChange {
  readonly action: ChangeReport['action'];
  readonly actor: Actor;
  readonly add: readonly Certificate[];
  readonly remove: readonly Anchor[];
  /** The whole list from then on; left out: it stays. */
  readonly distrusted?: readonly Distrusted[];
  /** For the journal. Example: `spki:9f86…` */
  readonly keys?: readonly string[];
  readonly evidence: string | null;
  readonly forced: boolean;
}

export interface Recorded {
  /** Undefined: it stands without one, which is logged and told. */
  readonly entry: JournalEntry | undefined;
  readonly warnings: readonly string[];
}

/** A distrust stands even when it cannot be written down: a lost key does not wait for a full disk. */
export async function recordChange(
  { journal, log }: RotationParts,
  { trust, generation }: Applied,
  { action, actor, add, remove, keys = [], evidence, forced }: TrustChange,
): Promise<Recorded> {
  const certificates = [...add, ...certificatesOf(remove)].map(nameCertificate);
  try {
    const entry = await journal.append({
      action,
      ...actor,
      what: { certificates, keys, evidence, forced },
      anchors: fingerprintsOf(certificatesOf(trust.anchors)),
      generation,
    });
    const pins = certificates.map(({ pin }) => pin);
    log.info(
      { action, by: actor.by, pins, generation, entry: entry.seq, head: entry.hash },
      'trust step taken',
    );
    return { entry, warnings: [] };
  } catch (error) {
    if (action !== 'distrust') {
      throw unwritable('the journal cannot be written', error);
    }
    log.error({ err: error, action, by: actor.by, keys }, 'trust step taken and not in the journal');
    const warning = `it is in force, but not in the journal: ${messageOf(error)}`;
    return { entry: undefined, warnings: [warning] };
  }
}
