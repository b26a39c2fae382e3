/** The rows of the files that came with a message. Their bytes are durable before this runs. */
import { isKnownDigest } from './find-attachments.ts';
import { query, type Script } from './script.ts';
import { SQL } from './sql.ts';
import type { DeliveredAttachment } from './store.ts';

export type Owner = { readonly message: number } | { readonly refused: number };

/** @param before how many it has already */
export function* keepAttachments(
  owner: Owner,
  attachments: readonly DeliveredAttachment[] = [],
  before = 0,
): Script<void> {
  for (const [index, each] of attachments.entries()) {
    yield* query(SQL.addAttachment, [
      'message' in owner ? owner.message : null,
      'refused' in owner ? owner.refused : null,
      before + index + 1,
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

/** What a file costs beside its bytes: its row, a block of the disk. Empty ones must not be for nothing. */
const FILE_BYTES = 4_096;

/** What files count in the bound of refused messages. */
export function weightOf(files: readonly Pick<DeliveredAttachment, 'size'>[] = []): number {
  return files.reduce((sum, { size }) => sum + size + FILE_BYTES, 0);
}

/** Those of the digests that no message names any more. */
export function* withoutOwner(digests: readonly string[]): Script<readonly string[]> {
  const left: string[] = [];
  for (const sha256 of new Set(digests)) {
    if (!(yield* isKnownDigest(sha256))) left.push(sha256);
  }
  return left;
}
