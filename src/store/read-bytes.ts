/** The bytes of a message as they were received, or an error that says that they no longer are. */
import { createHash } from 'node:crypto';
import { query, type Script } from './script.ts';
import { SQL } from './sql.ts';
import type { Held } from './store.ts';

export function* readMessage(
  id: number,
): Script<{ readonly bytes: Uint8Array; readonly reply: Uint8Array; readonly sha256: string } | undefined> {
  const [row] = yield* query<{ bytes: Uint8Array; reply: Uint8Array; sha256: string }>(SQL.readMessage, [id]);
  if (row === undefined) return undefined;
  return { ...intact(row, `message ${id}`), reply: row.reply };
}

export function* readRefused(
  id: number,
): Script<{ readonly bytes: Uint8Array; readonly sha256: string } | undefined> {
  const [row] = yield* query<{ bytes: Uint8Array; sha256: string }>(SQL.readRefused, [id]);
  return row && intact(row, `refused message ${id}`);
}

interface HeldRow {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly code: string;
  readonly mixed: number;
  readonly content_type: string;
  readonly headers: string;
  readonly protocol: string;
  readonly remote_address: string;
  readonly received_at: number;
  readonly fingerprint: string;
  readonly name: string;
  readonly spki: string;
  readonly issuer: string;
  readonly serial: string;
  readonly not_after: number;
  readonly chain_pem: string;
}

/** All of a refused message but the files that came with it. */
export function* readHeld(id: number): Script<Omit<Held, 'attachments'> | undefined> {
  const [row] = yield* query<HeldRow>(SQL.readHeld, [id]);
  if (row === undefined) return undefined;
  const { code, headers, protocol, fingerprint, name, spki, issuer, serial } = row;
  return {
    ...intact(row, `refused message ${id}`),
    code,
    isMixed: row.mixed === 1,
    headers,
    protocol,
    contentType: row.content_type,
    remoteAddress: row.remote_address,
    receivedAt: new Date(row.received_at),
    peer: {
      fingerprint,
      name,
      spki,
      issuer,
      serial,
      notAfter: new Date(row.not_after),
      chainPem: row.chain_pem,
    },
  };
}

/** The bytes are the proof of what was ordered: damaged ones are never handed out as if they were the original. */
function intact<Original extends { readonly bytes: Uint8Array; readonly sha256: string }>(
  { bytes, sha256 }: Original,
  what: string,
): { readonly bytes: Uint8Array; readonly sha256: string } {
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) {
    throw new Error(`${what} is damaged: its bytes have the SHA-256 ${found}, received was ${sha256}`);
  }
  return { bytes, sha256 };
}
