/** What came with a message, found again. */
import { query, type Script } from './script.ts';
import { SQL } from './sql.ts';
import type { KeptAttachment } from './store.ts';

interface Row {
  readonly id: number;
  readonly message_id: number | null;
  readonly position: number;
  readonly content_id: string | null;
  readonly media_type: string;
  readonly sniffed_type: string | null;
  readonly file_name: string | null;
  readonly description: string | null;
  readonly size: number;
  readonly sha256: string;
}

/** Of all messages of an order, by the number of the message. */
export function* attachmentsByMessage(order: number): Script<ReadonlyMap<number, readonly KeptAttachment[]>> {
  const found = new Map<number, KeptAttachment[]>();
  for (const row of yield* query<Row>(SQL.listAttachments, [order])) {
    const message = row.message_id ?? 0;
    found.set(message, [...(found.get(message) ?? []), attachmentOf(row)]);
  }
  return found;
}

export function* attachmentsOfRefused(id: number): Script<readonly KeptAttachment[]> {
  return (yield* query<Row>(SQL.listAttachmentsOfRefused, [id])).map(attachmentOf);
}

export function* findAttachment(id: number): Script<KeptAttachment | undefined> {
  const [row] = yield* query<Row>(SQL.findAttachment, [id]);
  return row && attachmentOf(row);
}

export function* isKnownDigest(sha256: string): Script<boolean> {
  return (yield* query(SQL.findDigest, [sha256])).length > 0;
}

function attachmentOf(row: Row): KeptAttachment {
  return {
    id: row.id,
    position: row.position,
    contentId: row.content_id,
    mediaType: row.media_type,
    sniffedType: row.sniffed_type,
    fileName: row.file_name,
    description: row.description,
    size: row.size,
    sha256: row.sha256,
  };
}
