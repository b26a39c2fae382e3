/** One client connection, seen as bytes, and the answers that come over it. */
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { TLSSocket } from 'node:tls';
import { readStatus } from '../support/buyer.ts';

export interface Wire extends Disposable {
  readonly socket: Socket | TLSSocket;
  readonly openedAt: number;
  /** Everything that came so far. */
  readonly text: () => string;
  write(bytes: string | Uint8Array): void;
  /** Resolves with the answers once there are so many; rejects when the connection ends before. */
  answers(count: number): Promise<readonly Answer[]>;
  answer(): Promise<Answer>;
  /** Resolves when the connection has ended, by whichever end, with the milliseconds since it was opened. */
  closed(): Promise<number>;
}

export interface Answer {
  readonly http: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly code: number;
  readonly text: string;
  readonly detail: string;
  readonly body: string;
}

export function opened<T extends Socket>(socket: T, event: string): Promise<T> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once(event, () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

export function wireOn(socket: Socket): Wire {
  const openedAt = performance.now();
  let text = '';
  let wake = (): void => {};
  let ended: number | undefined;
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    wake();
  });
  const end = (): void => {
    ended ??= performance.now() - openedAt;
    wake();
  };
  socket.on('error', end).on('end', end).on('close', end);

  const until = async <T>(look: () => T | undefined): Promise<T> => {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const answers = (count: number): Promise<readonly Answer[]> =>
    until(() => {
      const found = readAnswers(text);
      if (found.length >= count) return found;
      if (ended !== undefined) throw new Error(`ended after ${found.length} of ${count} answers: ${text}`);
      return undefined;
    });
  return {
    socket,
    openedAt,
    text: () => text,
    write: (bytes) => void socket.write(bytes),
    answers,
    answer: async () => {
      const [first] = await answers(1);
      if (first === undefined) throw new Error('no answer');
      return first;
    },
    closed: () => until(() => ended),
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** Takes answers apart strictly: by Content-Length, each body one complete cXML document with one Status. */
export function readAnswers(text: string): Answer[] {
  const found: Answer[] = [];
  let rest = text;
  for (;;) {
    const head = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/.exec(rest);
    if (head === null) return found;
    const [all, http, lines = ''] = head;
    const headers = Object.fromEntries(
      lines
        .split('\r\n')
        .filter((line) => line !== '')
        .map((line) => [
          line.slice(0, line.indexOf(':')).toLowerCase(),
          line.slice(line.indexOf(':') + 1).trim(),
        ]),
    );
    if (http === '100') {
      rest = rest.slice(all.length);
      continue;
    }
    const length = Number(headers['content-length']);
    const body = rest.slice(all.length, all.length + length);
    if (body.length < length) return found;
    found.push({ http: Number(http), headers, body, ...readStatus(Buffer.from(body, 'latin1')) });
    rest = rest.slice(all.length + length);
  }
}

/** A request as it goes over the wire. */
export function post(body: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = {
    Host: 'test',
    'Content-Type': 'text/xml',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /cxml HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
