/** What a step that changed trust tells whoever took it. */
import type { Anchor } from '../trust/bundle.ts';
import type { Certificate } from '../trust/certificate.ts';
import type { SeenChain } from '../trust/evidence.ts';
import type { TrustChanged } from './change-trust.ts';
import { describePin } from './pin-report.ts';
import { usesOfPins } from './pin-uses.ts';
import type { ChangeReport, PinReport, PinState } from './rotation.ts';

export interface Told {
  readonly action: ChangeReport['action'];
  readonly added: readonly Certificate[];
  readonly removed: readonly Anchor[];
  /** What those taken out are from then on. */
  readonly removedAre: PinState;
  /** As `ChangeReport` has them. */
  readonly keys?: readonly string[];
  readonly changed: TrustChanged;
  readonly seen: readonly SeenChain[];
  readonly warnings: readonly string[];
  readonly next: string;
  readonly now: Date;
}

export function reportChange(told: Told): ChangeReport {
  const { action, added, removed, removedAre, keys = [], changed, seen, warnings, next, now } = told;
  const uses = usesOfPins(seen, now);
  const describe = (certificate: Certificate, state: PinState, file: string | null): PinReport =>
    describePin(certificate, { state, file, now, use: uses.get(certificate.spki) });
  const fileOf = ({ fingerprint }: Certificate): string | null =>
    changed.trust.anchors.find(({ certificate }) => certificate.fingerprint === fingerprint)?.file ?? null;
  return {
    action,
    generation: changed.generation,
    added: added.map((each) => describe(each, 'active', fileOf(each))),
    removed: removed.map(({ certificate }) => describe(certificate, removedAre, null)),
    keys,
    tookMs: changed.tookMs,
    warnings: [...warnings, ...changed.warnings],
    journalEntry: changed.entry?.seq ?? 0,
    next,
  };
}
