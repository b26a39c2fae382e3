/** The payloadID and timestamp of our own answers. */
import { randomBytes } from 'node:crypto';

export interface ReplyIdentity {
  readonly payloadId: string;
  readonly timestamp: string;
}

/**
 * Makes answers' payloadIDs in the form the cXML guide recommends, `datetime.process id.random number@hostname`.
 * The random number is drawn once per process and counted on, so it cannot repeat within it.
 *
 * @returns timestamps with a numeric offset: the guide does not allow `Z`
 */
export function createReplyIdentity({ host, now }: { host: string; now: () => Date }): () => ReplyIdentity {
  const start = randomBytes(6).readUIntBE(0, 6);
  const safeHost = host.replaceAll(/[^A-Za-z0-9.-]/g, '') || 'sallyport';
  const { pid } = process;
  let count = 0;
  return () => {
    const at = now();
    count += 1;
    return {
      payloadId: `${at.getTime()}.${pid}.${start + count}@${safeHost}`,
      timestamp: at.toISOString().replace('Z', '+00:00'),
    };
  };
}
