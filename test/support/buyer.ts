/** Posts like a buyer: mutual TLS, kept-alive, one cXML document in and one out. */
import { Agent, type RequestOptions, request } from 'node:https';
import type { SecureVersion } from 'node:tls';
import { XMLParser } from 'fast-xml-parser';

export interface Answer {
  readonly http: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** `cXML/Response/Status`, read by a parser the receiver does not use for it. */
  readonly code: number;
  readonly text: string;
  readonly detail: string;
}

export interface BuyerParts {
  readonly url: string;
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
  readonly connections?: number;
  readonly maxVersion?: SecureVersion;
  readonly ciphers?: string | undefined;
  /** Of the machine's own addresses, the one to connect from. */
  readonly localAddress?: string;
}

export interface Buyer extends Disposable {
  post(body: Uint8Array | string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

export function createBuyer({
  url,
  ca,
  cert,
  key,
  connections = 8,
  maxVersion,
  ciphers,
  localAddress,
}: BuyerParts): Buyer {
  const agent = new Agent({
    ca,
    cert,
    key,
    maxVersion,
    ciphers,
    localAddress,
    keepAlive: true,
    maxSockets: connections,
  });
  return {
    post: (body, headers = {}) => {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      return send(url, { agent, method: 'POST', headers: { 'content-type': 'text/xml', ...headers } }, bytes);
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

function send(url: string, options: RequestOptions, bytes: Uint8Array): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      ...options,
      headers: { ...options.headers, 'content-length': bytes.length },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(parts);
        resolve({ http: response.statusCode ?? 0, headers: response.headers, body, ...readStatus(body) });
      });
    });
    sent.end(bytes);
  });
}

const PARSER = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseAttributeValue: false,
});

/** @throws when the answer is not one complete cXML document with exactly one Status */
export function readStatus(body: Buffer): { code: number; text: string; detail: string } {
  const document: unknown = PARSER.parse(body.toString('utf8'), true);
  const status = (document as { cXML?: { Response?: { Status?: unknown } } }).cXML?.Response?.Status;
  if (typeof status !== 'object' || status === null || Array.isArray(status)) {
    throw new Error(`no single cXML Status in the answer: ${body.toString('utf8').slice(0, 300)}`);
  }
  const fields = status as Record<string, unknown>;
  return {
    code: Number(fields['@code']),
    text: String(fields['@text'] ?? ''),
    detail: String(fields['#text'] ?? ''),
  };
}
