/** The order as JSON for programs: the model as it is, what was found, and the bytes it was read from. */
import { createHash } from 'node:crypto';
import type { Message } from '../cxml/message.ts';
import type { Finding, Order } from '../cxml/order.ts';
import { orderSchema } from '../cxml/order-schema.ts';
import { readPlaces } from '../cxml/places.ts';
import { drain } from '../turns.ts';
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

/** JSON pointer → line, column and path, for every value of the order. */
export function placesJson({ message, order }: Reading): { readonly places?: object } {
  if (message === undefined || order === undefined) return {};
  return { places: Object.fromEntries(drain(readPlaces(message))) };
}

/** The schema of an order as it is printed: the model's, and what stands beside it here. */
export function printedSchema(): object {
  const schema = orderSchema();
  const { Order, ...others } = schema.$defs as { readonly Order: { readonly properties: object } };
  const properties = { ...Order.properties, ...BESIDE };
  return {
    ...schema,
    $defs: { Order: { ...Order, properties }, ...others, Warning: WARNING, Source: SOURCE },
  };
}

const TEXT = { type: 'string' };
const COUNT = { type: 'integer' };

const BESIDE = {
  warnings: {
    type: 'array',
    items: { $ref: '#/$defs/Warning' },
    description: 'What is odd about the order.',
  },
  source: { $ref: '#/$defs/Source', description: 'The bytes it was read from.' },
  places: {
    type: 'object',
    additionalProperties: { $ref: '#/$defs/Place' },
    description: 'With --places: JSON pointer to a value, and where it stands in the document.',
  },
};

const WARNING = {
  type: 'object',
  description: 'Something worth telling about a document.',
  properties: {
    code: { ...TEXT, description: 'Stable: `W-TOTAL-001`.' },
    severity: {
      enum: ['error', 'warning', 'note'],
      description: 'An error refuses, the others are kept with it.',
    },
    line: { ...COUNT, description: 'Line, from 1.' },
    column: { ...COUNT, description: 'Column, from 1, in characters.' },
    path: { ...TEXT, description: 'Local names from the root, numbered among namesakes.' },
    offset: { ...COUNT, description: 'Bytes from the start.' },
    value: { ...TEXT, description: 'What stands there, shortened, and masked where it may be secret.' },
    message: { ...TEXT, description: 'One sentence.' },
    remedy: { ...TEXT, description: 'What to do about it.' },
  },
  required: ['code', 'severity', 'message'],
};

const SOURCE = {
  type: 'object',
  description: 'The message that brought the order.',
  properties: {
    format: { const: 'cXML', description: 'What it is written in.' },
    dtdVersion: { ...TEXT, description: 'cXML version that the document names.' },
    payloadId: { ...TEXT, description: 'payloadID of the message.' },
    timestamp: { ...TEXT, description: 'When the message was made, as sent.' },
    userAgent: { ...TEXT, description: 'What the sender calls its software.' },
    sha256: { ...TEXT, description: 'SHA-256 of the bytes, in hexadecimal.' },
    size: { ...COUNT, description: 'Number of bytes.' },
    file: { ...TEXT, description: 'The file it was read from.' },
    receivedAt: { ...TEXT, description: 'When it came in.' },
    peerSpkiSha256: { ...TEXT, description: "SHA-256 of the client certificate's key." },
  },
  required: ['format', 'sha256', 'size'],
};

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function warningJson({ id, severity, place, value, message, remedy }: Finding): object {
  return {
    code: id,
    severity,
    ...place,
    ...(value !== undefined && { value }),
    message,
    ...(remedy !== undefined && { remedy }),
  };
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
