import type { Job } from './sqlite-batch.ts';
import type { Delivered, PeerRecord } from './store.ts';

export interface PackedBatch {
  readonly jobs: readonly Job[];
  readonly transfer: ArrayBuffer[];
}

/**
 * Makes a batch cheap to hand to another thread. All bytes are copied once into one buffer of their own, which then
 * changes hands: cloning a view would clone all of the buffer behind it, and the caller still needs its bytes. One
 * client certificate is one object, so its chain crosses once a batch.
 */
export function packBatch(jobs: readonly Job[]): PackedBatch {
  const buffer = Buffer.allocUnsafeSlow(jobs.reduce((sum, job) => sum + packedLength(job), 0));
  const peers = new Map<string, PeerRecord>();
  let end = 0;
  const pack = (bytes: Uint8Array): Uint8Array => {
    const start = end;
    end += bytes.byteLength;
    buffer.set(bytes, start);
    return new Uint8Array(buffer.buffer, start, bytes.byteLength);
  };
  const packDelivered = <Message extends Delivered>(message: Message): Message => {
    const peer = peers.get(message.peer.fingerprint) ?? message.peer;
    peers.set(peer.fingerprint, peer);
    return { ...message, peer, bytes: pack(message.bytes) };
  };
  const packed = jobs.map((job): Job => {
    if (job.kind === 'refused') return { ...job, refused: packDelivered(job.refused) };
    if (job.kind !== 'order') return job;
    return { ...job, arrival: { ...packDelivered(job.arrival), reply: pack(job.arrival.reply) } };
  });
  return { jobs: packed, transfer: [buffer.buffer as ArrayBuffer] };
}

function packedLength(job: Job): number {
  if (job.kind === 'refused') return job.refused.bytes.byteLength;
  if (job.kind !== 'order') return 0;
  return job.arrival.bytes.byteLength + job.arrival.reply.byteLength;
}
