/** What a request must be before anything looks at its path or reads its body. */
import type { IncomingMessage } from 'node:http';
import { Refusal } from '../errors.ts';

/**
 * Node's parser has refused what cannot be parsed for certain: two lengths, a length beside chunks, bare line feeds,
 * folded headers. This is the rest of RFC 9112.
 *
 * @returns what is wrong, or undefined
 */
export function checkRequest(
  { httpVersion, headers, rawHeaders }: IncomingMessage,
  headersLimit: number,
): Refusal | undefined {
  // Node would cut off what is over its own limit, silently.
  if (rawHeaders.length / 2 > headersLimit) {
    return new Refusal('headers-too-large', `A request may have ${headersLimit} headers at most.`);
  }
  const coding = headers['transfer-encoding'];
  if (httpVersion === '1.1') {
    if (countHosts(rawHeaders) !== 1) return malformed('An HTTP/1.1 request has exactly one Host header.');
  } else if (httpVersion !== '1.0') {
    return malformed('The HTTP version is neither 1.0 nor 1.1.');
  } else if (coding !== undefined) {
    return malformed('HTTP/1.0 has no Transfer-Encoding.');
  }
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    return new Refusal('encoding-unsupported', 'The only Transfer-Encoding taken is chunked.');
  }
  return undefined;
}

function countHosts(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts;
}

function malformed(message: string): Refusal {
  return new Refusal('request-malformed', message);
}
