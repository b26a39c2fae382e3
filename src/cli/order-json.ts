/** The order as JSON for programs: the model as it is, what was found, and the bytes it was read from. */
import { createHash } from 'node:crypto';
import type { Message } from '../cxml/message.ts';
import type { Finding, Order } from '../cxml/order.ts';
import type { Reading } from './read-document.ts';

export interface SourceJson {
  readonly file?: string;
  readonly receivedAt?: string;
  readonly peerSpkiSha256?: string;
}

/** `warnings` holds every finding; `source` ties the order to the bytes. */
export function orderJson(
  { order, message, findings }: { order: Order; message: Message; findings: readonly Finding[] },
  bytes: Uint8Array,
  more: SourceJson = {},
): object {
  return { ...order, warnings: findings.map(warningJson), source: sourceJson(message, bytes, more) };
}

/** What is no kept order: the verdict stands where the order would. */
export function verdictJson(reading: Reading, bytes: Uint8Array, more: SourceJson = {}): object {
  const { verdict, order, message, findings, refusal } = reading;
  if (verdict === 'kept' && order && message) return orderJson({ order, message, findings }, bytes, more);
  const refused = refusal && { code: refusal.code, message: refusal.message, ...refusal.place };
  return {
    verdict,
    ...(refused && { refused }),
    ...(order && { order }),
    warnings: findings.map(warningJson),
    source: sourceJson(message, bytes, more),
  };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function warningJson({ id, severity, place, message, remedy }: Finding): object {
  return { code: id, severity, ...place, message, ...(remedy !== undefined && { remedy }) };
}

function sourceJson(message: Message | undefined, bytes: Uint8Array, more: SourceJson): object {
  return {
    format: 'cXML',
    dtdVersion: message?.dtdVersion,
    payloadId: message?.payloadId,
    timestamp: message?.timestamp,
    userAgent: message?.header?.userAgent,
    sha256: sha256(bytes),
    size: bytes.byteLength,
    ...more,
  };
}
