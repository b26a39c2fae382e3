/** Posts as Coupa does, over mutual TLS, and measures each step. Used by `simulate` and `demo`. */
import { Agent, request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { type ReplyStatus, readReply } from './read-reply.ts';
import { type Manner, sendBody } from './send-body.ts';

export interface BuyerIdentity {
  /** PEM. Both, or neither for a client that shows no certificate. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** PEM of who vouches for the server; the system's authorities when left out. */
  readonly ca?: string | Buffer;
}

export interface Exchange {
  /** TCP and TLS together; 0 on a connection that was open already. */
  readonly handshakeMs: number;
  /** From the connection to the last byte of the request. */
  readonly requestMs: number;
  /** From there to the last byte of the reply. */
  readonly replyMs: number;
  /** `TLSv1.3 TLS_AES_256_GCM_SHA384` */
  readonly tls: string;
  /** 0 when there was no answer. */
  readonly http: number;
  readonly reply: Uint8Array;
  /** Absent when the reply has no cXML Status. */
  readonly status?: ReplyStatus;
  readonly failure?: {
    /** `cut`: by ourselves, as asked. */
    readonly stage: 'connect' | 'tls' | 'timeout' | 'reply' | 'cut';
    readonly message: string;
  };
}

export interface Sending extends Manner {
  /** Default: a cXML document in UTF-8. */
  readonly contentType?: string;
}

export interface BuyerClient extends Disposable {
  /** Never rejects: a failure is an outcome like any other. */
  post(bytes: Uint8Array, sending?: Sending): Promise<Exchange>;
}

/** Coupa gives up after 60 seconds. */
const TIMEOUT_MS = 60_000;
const MAX_REPLY_BYTES = 1024 * 1024;

/** @param connections how many may be open at once; they are kept open */
export function createBuyerClient({
  url,
  identity,
  connections = 1,
  timeoutMs = TIMEOUT_MS,
}: {
  readonly url: URL;
  readonly identity: BuyerIdentity;
  readonly connections?: number;
  readonly timeoutMs?: number;
}): BuyerClient {
  const agent = new Agent({ ...identity, keepAlive: true, maxSockets: connections });
  return {
    post: (bytes, sending = {}) => exchange({ url, agent, bytes, sending, timeoutMs }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

function exchange({
  url,
  agent,
  bytes,
  sending,
  timeoutMs,
}: {
  readonly url: URL;
  readonly agent: Agent;
  readonly bytes: Uint8Array;
  readonly sending: Sending;
  readonly timeoutMs: number;
}): Promise<Exchange> {
  return new Promise((resolve) => {
    const times = { started: performance.now(), connected: 0, secured: 0, sent: 0 };
    const seen = { tls: '', http: 0, chunks: [] as Buffer[], size: 0 };
    const settle = (failure?: Exchange['failure']): void => {
      clearTimeout(deadline);
      const ended = performance.now();
      const secured = times.secured || ended;
      const sent = times.sent || ended;
      const reply = new Uint8Array(Buffer.concat(seen.chunks));
      const status = failure === undefined ? readReply(reply) : undefined;
      resolve({
        handshakeMs: secured - times.started,
        requestMs: Math.max(0, sent - secured),
        replyMs: Math.max(0, ended - Math.max(sent, secured)),
        tls: seen.tls,
        http: seen.http,
        reply,
        status,
        failure,
      });
    };
    const outgoing = request(url, {
      agent,
      method: 'POST',
      headers: {
        'content-type': sending.contentType ?? 'text/xml; charset=UTF-8',
        'content-length': bytes.byteLength,
        accept: 'application/xml, text/xml',
      },
    });
    const fail = (stage: NonNullable<Exchange['failure']>['stage'], message: string): void => {
      settle({ stage, message });
      outgoing.destroy();
    };
    const deadline = setTimeout(() => fail('timeout', `no answer within ${timeoutMs / 1_000} s`), timeoutMs);
    outgoing.on('socket', (plain) => {
      const socket = plain as TLSSocket;
      const secured = (): void => {
        times.secured = performance.now();
        seen.tls = `${socket.getProtocol()} ${socket.getCipher().name}`;
      };
      times.started = performance.now();
      if (outgoing.reusedSocket) {
        secured();
        times.started = times.connected = times.secured;
        return;
      }
      socket.once('connect', () => {
        times.connected = performance.now();
      });
      socket.once('secureConnect', secured);
    });
    outgoing.on('finish', () => {
      times.sent = performance.now();
    });
    outgoing.on('response', (incoming) => {
      seen.http = incoming.statusCode ?? 0;
      incoming.on('data', (chunk: Buffer) => {
        seen.size += chunk.byteLength;
        if (seen.size > MAX_REPLY_BYTES) fail('reply', 'the reply is larger than 1 MiB');
        else seen.chunks.push(chunk);
      });
      incoming.on('end', () => {
        settle();
        // Answered before it was sent: the rest of it would be taken for the next request.
        if (!outgoing.writableFinished) outgoing.destroy();
      });
      incoming.on('error', (error) => fail('reply', error.message));
    });
    outgoing.on('error', (error) => {
      if (times.connected === 0) fail('connect', error.message);
      else if (times.secured === 0) fail('tls', error.message);
      // With TLS 1.3 a refused certificate shows only after the handshake, as an alert or a closed connection.
      else fail(/alert|SSL/i.test(error.message) ? 'tls' : 'reply', error.message);
    });
    sendBody(outgoing, bytes, sending, () =>
      fail('cut', `cut off after ${sending.cutAfterBytes} of ${bytes.byteLength} bytes, as asked`),
    );
  });
}
