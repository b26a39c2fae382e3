import { query, type Script } from './script.ts';
import { SQL } from './sql.ts';
import type { PeerRecord } from './store.ts';

/** Keeps what is known of a client certificate, once per fingerprint; the first record stays. */
export function* keepPeer(peer: PeerRecord): Script<void> {
  const { fingerprint, name, spki, issuer, serial, notAfter, chainPem } = peer;
  yield* query(SQL.keepPeer, [fingerprint, name, spki, issuer, serial, notAfter.getTime(), chainPem]);
}
