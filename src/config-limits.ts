/** The part of the configuration schema that says what a client may cost. */
import { z } from 'zod';

const KIB = 1024;
export const MIB = 1024 * KIB;

/** Not `z.int()`: its issue would keep the checks of several keys together from running. */
export function wholeNumber(least: number, most: number) {
  return z
    .number()
    .min(least)
    .max(most)
    .refine(Number.isSafeInteger, 'must be a whole number')
    .meta({ type: 'integer' });
}

function milliseconds(preset: number, most: number, meaning: string) {
  return wholeNumber(100, most).default(preset).describe(meaning);
}

export function amount(preset: number, [least, most]: readonly [number, number], meaning: string) {
  return wholeNumber(least, most).default(preset).describe(meaning);
}

/** The part of `limits` that a document is held to, as the reader has it. */
export function xmlLimitsOf(limits: {
  readonly xml_depth: number;
  readonly xml_attributes: number;
  readonly xml_text_chars: number;
  readonly xml_elements: number;
}) {
  return {
    depth: limits.xml_depth,
    attributes: limits.xml_attributes,
    textLength: limits.xml_text_chars,
    elements: limits.xml_elements,
  };
}

export const limits = z.strictObject({
  handshake_timeout_ms: milliseconds(10_000, 60_000, 'Time for the TLS handshake.'),
  headers_timeout_ms: milliseconds(10_000, 45_000, 'Time for the request headers.'),
  request_timeout_ms: milliseconds(30_000, 45_000, 'Time for a whole request. Coupa gives up after 60 s.'),
  idle_timeout_ms: milliseconds(65_000, 600_000, 'How long an idle connection is kept open.'),
  connections: amount(1_000, [1, 100_000], 'Connections at once.'),
  connections_per_address: amount(
    100,
    [1, 100_000],
    'Connections at once from one IPv4 address or IPv6 /64.',
  ),
  requests_in_flight: amount(256, [1, 100_000], 'Requests at once; more are told to come back (503).'),
  header_bytes: amount(16 * KIB, [KIB, MIB], 'Size of all request headers.'),
  headers_count: amount(100, [10, 2_000], 'Number of request headers.'),
  body_bytes: amount(10 * MIB, [KIB, 1024 * MIB], 'Size of a body as sent.'),
  expanded_bytes: amount(20 * MIB, [KIB, 1024 * MIB], 'Size of a body once gzip or deflate is undone.'),
  message_bytes: amount(
    100 * MIB,
    [KIB, 16 * 1024 * MIB],
    'Size of a message with attachments, as sent and expanded.',
  ),
  spooled_bytes: amount(
    1024 * MIB,
    [KIB, 1024 * 1024 * MIB],
    'Size of all attachments on their way to the store at once.',
  ),
  buffered_bytes: amount(256 * MIB, [KIB, 64 * 1024 * MIB], 'Size of all bodies in memory at once.'),
  shutdown_ms: milliseconds(10_000, 300_000, 'Time given to requests in flight when stopping.'),
  xml_depth: amount(100, [10, 1_000], 'Nested elements in a document.'),
  xml_attributes: amount(256, [16, 10_000], 'Attributes of one element.'),
  xml_text_chars: amount(1_000_000, [1_000, 100_000_000], 'Characters of one text or attribute.'),
  xml_elements: amount(
    300_000,
    [1_000, 10_000_000],
    'Elements in a document; ten thousand lines have about so many.',
  ),
});
