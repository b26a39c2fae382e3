/** Undoes the Content-Encoding of a complete body, and stops at the limit: a bomb never unfolds. */
import { createGunzip, createInflate } from 'node:zlib';
import { Refusal } from '../errors.ts';
import { type Hold, overloaded } from './body-budget.ts';

export type Coding = 'identity' | 'gzip' | 'deflate';

const CHUNK_BYTES = 64 * 1024;

/** @throws {Refusal} `encoding-unsupported` for br, zstd and anything else, and for more than one coding */
export function codingOf(header: string | undefined): Coding {
  const coding = header?.trim().toLowerCase() ?? '';
  if (coding === '' || coding === 'identity') return 'identity';
  // x-gzip is another name of gzip (RFC 9110, section 8.4.1.3).
  if (coding === 'gzip' || coding === 'x-gzip') return 'gzip';
  if (coding === 'deflate') return 'deflate';
  throw new Refusal(
    'encoding-unsupported',
    `The Content-Encoding is ${coding.slice(0, 100)}. One of gzip and deflate is taken, or none at all.`,
  );
}

/**
 * `deflate` is the zlib format (RFC 9110, section 8.4.1.2), with its checksum. Bare deflate data, which some senders
 * call by the same name, has none: it is refused, for its damage could not be told from an order.
 *
 * @throws {Refusal} `body-too-large`, `body-undecodable`, `overloaded`
 */
export function expandBody(
  wire: Uint8Array,
  {
    coding,
    limitBytes,
    hold,
  }: { coding: Exclude<Coding, 'identity'>; limitBytes: number; hold: Pick<Hold, 'take'> },
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const engine =
      coding === 'gzip'
        ? createGunzip({ chunkSize: CHUNK_BYTES })
        : createInflate({ chunkSize: CHUNK_BYTES });
    const chunks: Buffer[] = [];
    let size = 0;
    const fail = (refusal: Refusal): void => {
      chunks.length = 0;
      engine.destroy();
      reject(refusal);
    };
    engine.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limitBytes) return fail(expandsTooFar(limitBytes));
      if (!hold.take(chunk.length)) return fail(overloaded());
      chunks.push(chunk);
    });
    engine.on('end', () => {
      // zlib stops at the end of its data and says nothing of what follows.
      if (engine.bytesWritten < wire.length) return fail(undecodable(coding, 'data follows its end'));
      resolve(Buffer.concat(chunks, size));
    });
    engine.on('error', (error) => fail(undecodable(coding, error.message)));
    engine.end(wire);
  });
}

function expandsTooFar(limitBytes: number): Refusal {
  return new Refusal('body-too-large', `The body has more than ${limitBytes} bytes once it is expanded.`);
}

export function undecodable(coding: Coding, why: string): Refusal {
  return new Refusal('body-undecodable', `The body is not complete, sound ${coding} data: ${why}.`);
}
