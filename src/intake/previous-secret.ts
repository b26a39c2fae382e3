/** Tells that a buyer still sends a secret that is to be retired: once a day, not with every order. */
import type { Log } from '../telemetry/log.ts';
import type { Sender } from './sender.ts';

export interface PreviousSecretNews {
  note(sender: Sender, at: Date): void;
}

export function createPreviousSecretNews(log: Pick<Log, 'warn'>): PreviousSecretNews {
  /** By buyer, of which there are as many as the configuration names. */
  const toldOn = new Map<string, string>();
  return {
    note({ key: buyer, slot, previous }, at) {
      const day = at.toISOString().slice(0, 10);
      if (slot !== 'previous' || toldOn.get(buyer) === day) return;
      toldOn.set(buyer, day);
      const remedy =
        'the buyer has not changed it on its side yet: ask its administrator, and keep the previous one until this is told no more';
      log.warn({ buyer, factors: previous, remedy }, 'previous secret used');
    },
  };
}
