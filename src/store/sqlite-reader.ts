/** Looks into a store without changing it, also while a receiver writes to it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { StartupError } from '../errors.ts';
import { attachmentFolder, attachmentPath } from './attachment-files.ts';
import { listAwaited } from './awaited.ts';
import { attachmentsOfRefused, findAttachment } from './find-attachments.ts';
import {
  countRefusedHandshakes,
  findRefusedHandshake,
  listRefusedHandshakes,
  listSeenChains,
} from './find-evidence.ts';
import { findOrders, listOrders } from './find-orders.ts';
import { counts, findRefused, listRefused } from './find-refused.ts';
import { readHeld, readMessage, readRefused } from './read-bytes.ts';
import { createRunner, openReading } from './sqlite-database.ts';
import { asStartupError } from './sqlite-errors.ts';
import { assertMigrated, loadMigrations } from './sqlite-migrate.ts';
import type { Store } from './store.ts';

export type StoreReader = Omit<
  Store,
  'keepOrder' | 'keepRefused' | 'keepAwaited' | 'keepEvidence' | 'probe' | 'incomingFolder'
>;

/**
 * Opens read-only, takes no lock and migrates nothing.
 *
 * @throws {StartupError} when there is no store, or not one of this version
 */
export async function openSqliteReader(path: string): Promise<StoreReader> {
  const file = resolve(path);
  if (!existsSync(file)) {
    throw new StartupError(`there is no store at ${file}`, {
      hint: 'check store.url, or start the receiver once: it makes the store',
    });
  }
  try {
    return openReader(file);
  } catch (error) {
    throw asStartupError(error, file);
  }
}

function openReader(file: string): StoreReader {
  const database = openReading(file);
  try {
    assertMigrated(database, loadMigrations());
  } catch (error) {
    database.close();
    throw error;
  }
  const run = createRunner(database);
  return {
    listOrders: async (asked = {}) => run(listOrders(asked)),
    findOrders: async (asked) => run(findOrders(asked)),
    readMessage: async (id) => run(readMessage(id)),
    listRefused: async (asked = {}) => run(listRefused(asked)),
    findRefused: async (id) => run(findRefused(id)),
    readRefused: async (id) => run(readRefused(id)),
    async readHeld(id) {
      const held = run(readHeld(id));
      if (held === undefined) return undefined;
      const folder = attachmentFolder(file);
      const files = run(attachmentsOfRefused(id));
      const attachments = files.map((each) => ({ ...each, path: attachmentPath(folder, each.sha256) }));
      return { ...held, attachments };
    },
    listAttachmentsOfRefused: async (id) => run(attachmentsOfRefused(id)),
    async findAttachment(id) {
      const found = run(findAttachment(id));
      return found && { ...found, path: attachmentPath(attachmentFolder(file), found.sha256) };
    },
    listAwaited: async () => run(listAwaited()),
    counts: async () => run(counts()),
    listSeenChains: async (asked = {}) => run(listSeenChains(asked)),
    listRefusedHandshakes: async (asked = {}) => run(listRefusedHandshakes(asked)),
    countRefusedHandshakes: async () => run(countRefusedHandshakes()),
    findRefusedHandshake: async (asked) => run(findRefusedHandshake(asked)),
    async [Symbol.asyncDispose]() {
      if (database.isOpen) database.close();
    },
  };
}
