/** Every database must pass this suite. */
import type { Store } from '../../src/store/store.ts';
import { exerciseAttachments } from './contract-attachments.ts';
import { exerciseAwaited } from './contract-awaited.ts';
import { exerciseDurable } from './contract-durable.ts';
import { exerciseEvidence } from './contract-evidence.ts';
import { exerciseLists } from './contract-lists.ts';
import { exerciseOrders } from './contract-orders.ts';
import { exerciseRank } from './contract-rank.ts';
import { exerciseRefused } from './contract-refused.ts';
import { exerciseReleases } from './contract-release.ts';

export interface Bound {
  readonly refusedMaxCount?: number;
  readonly refusedMaxBytes?: number;
}

/** Where one store lives. Opened first it is empty and migrated, opened again it holds what was kept. */
export interface Place extends AsyncDisposable {
  open(bound?: Bound): Promise<Store>;
}

export type CreatePlace = () => Promise<Place>;

/** @param createPlace gives a new place, and takes everything in it away when disposed */
export function exerciseStore(name: string, createPlace: CreatePlace): void {
  describe(`store on ${name}`, () => {
    exerciseOrders(createPlace);
    exerciseRank(createPlace);
    exerciseRefused(createPlace);
    exerciseReleases(createPlace);
    exerciseLists(createPlace);
    exerciseAttachments(createPlace);
    exerciseEvidence(createPlace);
    exerciseAwaited(createPlace);
    exerciseDurable(createPlace);
  });
}
