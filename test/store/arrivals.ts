/** Arrivals as intake would make them: what is told differs, everything else is derived or plausible. */
import { createHash } from 'node:crypto';
import type { Arrival, PeerRecord, Refused } from '../../src/store/store.ts';

export const AT = new Date('2026-03-01T10:00:00.000Z');

export function later(minutes: number): Date {
  return new Date(AT.getTime() + minutes * 60_000);
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

export function peer(overrides: Partial<PeerRecord> = {}): PeerRecord {
  return {
    fingerprint: sha256('certificate'),
    name: 'cxml-supplier.coupahost.com',
    spki: sha256('key'),
    issuer: 'CN=Test Intermediate',
    serial: '0a1b',
    notAfter: new Date('2027-01-01T00:00:00.000Z'),
    chainPem: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
    ...overrides,
  };
}

interface Told extends Partial<Arrival> {
  /** What the order says; two arrivals with the same content are the same revision. */
  readonly content?: string;
}

export function arrival({ content = 'ten pencils', ...overrides }: Told = {}): Arrival {
  const {
    buyer = 'acme',
    environment = 'production',
    orderId = '4500',
    payloadId = '1585687161.4500@acme',
  } = overrides;
  const bytes =
    overrides.bytes ?? Buffer.from(`<cXML payloadID="${payloadId}">${orderId}: ${content}</cXML>`);
  return {
    bytes,
    sha256: sha256(bytes),
    contentType: 'text/xml; charset=UTF-8',
    headers: '{"user-agent":"Coupa"}',
    peer: peer(),
    protocol: 'TLSv1.3',
    remoteAddress: '192.0.2.7',
    receivedAt: AT,
    buyer,
    environment,
    payloadId,
    messageKey: sha256(JSON.stringify(['payload', buyer, payloadId])),
    orderId,
    orderKey: sha256(JSON.stringify(['order', buyer, environment, orderId])),
    contentDigest: sha256(content),
    operation: 'new',
    orderVersion: null,
    orderedAt: null,
    sentAt: null,
    orderDate: '2026-03-01T02:00:00-08:00',
    totalAmount: '1505.0',
    currency: 'USD',
    lineCount: 14,
    findings: '[{"id":"W-TOTAL-001"}]',
    reply: Buffer.from(`<cXML>reply to ${payloadId} at ${(overrides.receivedAt ?? AT).toISOString()}</cXML>`),
    ...overrides,
  };
}

export function refused({ text = 'line 3: not well-formed', ...overrides }: Partial<Refused> = {}): Refused {
  const bytes = overrides.bytes ?? Buffer.from('<cXML><oops>');
  return {
    bytes,
    sha256: sha256(bytes),
    contentType: 'text/xml',
    headers: '{}',
    peer: peer(),
    protocol: 'TLSv1.2',
    remoteAddress: '192.0.2.8',
    receivedAt: AT,
    code: 'xml-malformed',
    text,
    buyer: null,
    payloadId: null,
    orderId: null,
    ...overrides,
  };
}
