/** The rows of the files that came with a message. Their bytes are durable before this runs. */
import { query, type Script } from './script.ts';
import { SQL } from './sql.ts';
import type { DeliveredAttachment } from './store.ts';

export type Owner = { readonly message: number } | { readonly refused: number };

export function* keepAttachments(
  owner: Owner,
  attachments: readonly DeliveredAttachment[] = [],
): Script<void> {
  for (const [index, each] of attachments.entries()) {
    yield* query(SQL.addAttachment, [
      'message' in owner ? owner.message : null,
      'refused' in owner ? owner.refused : null,
      index + 1,
      each.contentId,
      each.mediaType,
      each.sniffedType,
      each.fileName,
      each.description,
      each.size,
      each.sha256,
    ]);
  }
}

export function sizeOf(attachments: readonly DeliveredAttachment[] = []): number {
  return attachments.reduce((sum, { size }) => sum + size, 0);
}

/** Those of the digests that no message names any more. */
export function* withoutOwner(digests: readonly string[]): Script<readonly string[]> {
  const left: string[] = [];
  for (const sha256 of new Set(digests)) {
    const owners = yield* query(SQL.findDigest, [sha256]);
    if (owners.length === 0) left.push(sha256);
  }
  return left;
}
