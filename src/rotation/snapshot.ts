/** The files of the bundle as they were before a step, byte for byte, to be put back when it fails. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { readBundleFiles } from '../trust/bundle.ts';
import { type Looks, removeFile, replaceFile } from './whole-files.ts';

export interface Snapshot {
  /** @param changed by the step; left out when nobody knows how far it came */
  restore(changed?: readonly string[]): Promise<void>;
}

/** As `editBundle` names what it adds. What anybody else put there meanwhile is theirs, and stays. */
const OURS = /^sallyport-[0-9a-f]{12,64}(-[0-9a-f]{12})?\.pem$/;

export async function takeSnapshot(path: string): Promise<Snapshot> {
  const before = new Map<string, { readonly text: Buffer; readonly looks: Looks }>();
  for (const { name, text } of (await readBundleFiles(path)).files) {
    before.set(name, { text, looks: await stat(name) });
  }
  return {
    async restore(changed) {
      // What was there comes back before anything goes, so that there are never too few.
      for (const [name, { text, looks }] of before) {
        if (changed?.includes(name) === false) continue;
        if (!(await holds(name, text))) await replaceFile(name, text, looks);
      }
      const added = changed ?? (await readBundleFiles(path)).files.map(({ name }) => name);
      for (const name of added) {
        if (!before.has(name) && OURS.test(basename(name))) await removeFile(name);
      }
    },
  };
}

async function holds(name: string, text: Buffer): Promise<boolean> {
  try {
    return text.equals(await readFile(name));
  } catch {
    return false;
  }
}
