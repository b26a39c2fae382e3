/** What is measured of trust, beside what is in force: for metrics, so that a dashboard needs no command. */
import type { Measured } from '../telemetry/trust-metrics.ts';
import type { Certificate } from '../trust/certificate.ts';
import type { SeenChain } from '../trust/evidence.ts';
import { isDenied } from './change-trust.ts';
import { usesOfPins } from './pin-uses.ts';
import type { RotationParts } from './procedure.ts';

/** What could not be read is left out; whoever measures asks again soon. */
export async function measureTrust(
  parts: Pick<RotationParts, 'inForce' | 'shelf' | 'evidence' | 'now'>,
  journalIntact: boolean,
): Promise<Measured> {
  const [staged, seen] = await Promise.allSettled([
    listStaged(parts),
    // What is not written down yet is a few seconds old, and shows at the next time.
    parts.evidence?.listSeenChains() ?? Promise.resolve([]),
  ]);
  return {
    journalIntact,
    ...(staged.status === 'fulfilled' && {
      staged: staged.value.map(({ spki, notAfter }) => ({ spki, notAfter })),
    }),
    ...(seen.status === 'fulfilled' && { seen: measureSeen(seen.value, parts.now()) }),
  };
}

/** What was distrusted since is no successor of anything. */
async function listStaged({
  inForce,
  shelf,
}: Pick<RotationParts, 'inForce' | 'shelf'>): Promise<Certificate[]> {
  const { trust } = await inForce();
  const { certificates } = await shelf.listStaged();
  return certificates.filter((each) => !isDenied(each, trust));
}

function measureSeen(seen: readonly SeenChain[], now: Date): Measured['seen'] {
  const oldestFirst = seen.toSorted((one, other) => one.lastSeen.getTime() - other.lastSeen.getTime());
  const latest = new Map(
    oldestFirst.map(({ name, notAfter, lastSeen }) => [name, { name, notAfter, at: lastSeen }]),
  );
  return {
    pins: [...usesOfPins(seen, now)].flatMap(([spki, { lastSeen }]) =>
      lastSeen === null ? [] : [{ spki, at: lastSeen }],
    ),
    clients: [...latest.values()],
  };
}
