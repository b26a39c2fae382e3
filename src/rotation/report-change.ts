/** What a step that changed trust tells whoever took it. */
import type { Certificate } from '../trust/certificate.ts';
import type { SeenChain } from '../trust/evidence.ts';
import type { TrustChanged } from './change-trust.ts';
import { describePin } from './pin-report.ts';
import { usesOfPins } from './pin-uses.ts';
import type { ChangeReport, PinReport, PinState } from './rotation.ts';

export interface Told {
  readonly changed: TrustChanged;
  /** What those taken out are from then on; left out: retired. */
  readonly removedAre?: PinState;
  /** As `ChangeReport` has them. */
  readonly keys?: readonly string[];
  readonly seen: readonly SeenChain[];
  readonly warnings: readonly string[];
  readonly next: string;
  readonly now: Date;
}

export function reportChange(told: Told): ChangeReport {
  const { changed, removedAre = 'retired', keys = [], seen, warnings, next, now } = told;
  const uses = usesOfPins(seen, now);
  const describe = (certificate: Certificate, state: PinState, file: string | null): PinReport =>
    describePin(certificate, { state, file, now, use: uses.get(certificate.spki) });
  const fileOf = ({ fingerprint }: Certificate): string | null =>
    changed.trust.anchors.find(({ certificate }) => certificate.fingerprint === fingerprint)?.file ?? null;
  return {
    action: changed.change.action,
    generation: changed.generation,
    added: changed.change.add.map((each) => describe(each, 'active', fileOf(each))),
    removed: changed.change.remove.map(({ certificate }) => describe(certificate, removedAre, null)),
    keys,
    tookMs: changed.tookMs,
    warnings: [...warnings, ...changed.warnings],
    journalEntry: changed.entry?.seq ?? 0,
    next,
  };
}
