/** A secret that is being changed has two slots for a while, so that both sides need not change it in one moment. */
import { createHash } from 'node:crypto';
import type { Secret } from '../config.ts';

export type SlotName = 'current' | 'previous';

export interface Slot<T> {
  readonly name: SlotName;
  readonly value: T;
}

/** Of equal length, in constant time. */
export type Compare = (one: Buffer, other: Buffer) => boolean;

/** @param prepare makes of a secret what is compared; done once, not for each message */
export function slotsOf<T>(
  { current, previous }: { readonly current: Secret; readonly previous?: Secret | undefined },
  prepare: (secret: string) => T,
): readonly Slot<T>[] {
  const slots: Slot<T>[] = [{ name: 'current', value: prepare(current.reveal()) }];
  return previous === undefined ? slots : [...slots, { name: 'previous', value: prepare(previous.reveal()) }];
}

/** Asks every slot, also after one was right: time must not tell which. */
export function findSlot<T>(slots: readonly Slot<T>[], isRight: (value: T) => boolean): SlotName | undefined {
  const right = slots.filter(({ value }) => isRight(value));
  return right[0]?.name;
}

/** Asks about every one, also after one was right. */
export function isAny<T>(all: readonly T[], isRight: (each: T) => boolean): boolean {
  return all.filter(isRight).length > 0;
}

/** Hashing first gives both sides one length, so the comparison tells nothing of the secret's. */
export function digest(secret: string | Uint8Array): Buffer {
  return createHash('sha256').update(secret).digest();
}
