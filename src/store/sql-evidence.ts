/** The statements about what the gate saw; as in `sql.ts`, both databases know every word. */

const REFUSED_COLUMNS = `h.id, h.reference, h.enforced, h.near_miss, h.first_at, h.last_at, h.times, h.remote_address,
      h.protocol, h.findings, h.openssl_error, h.leaf`;

export const EVIDENCE_SQL = {
  keepChain: `
    INSERT INTO seen_chain (chain_digest, fingerprint, name, spki, subject, issuer, serial, not_before, not_after,
      chain_pem, anchor, protocol, remote_address, first_seen, last_seen, handshakes)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
    ON CONFLICT (chain_digest) DO UPDATE SET
      anchor = ${ofLatest('anchor')},
      protocol = ${ofLatest('protocol')},
      remote_address = ${ofLatest('remote_address')},
      handshakes = seen_chain.handshakes + excluded.handshakes,
      first_seen = CASE WHEN excluded.first_seen < seen_chain.first_seen THEN excluded.first_seen
        ELSE seen_chain.first_seen END,
      last_seen = ${ofLatest('last_seen')}
    RETURNING id`,

  keepDay: `
    INSERT INTO seen_day (chain_id, day, anchor, handshakes) VALUES ($1, $2, $3, $4)
    ON CONFLICT (chain_id, day, anchor) DO UPDATE SET handshakes = seen_day.handshakes + excluded.handshakes`,

  dropOldDays: 'DELETE FROM seen_day WHERE day < $1',

  /** All but the chains seen last. */
  dropOldChains: `
    DELETE FROM seen_chain WHERE id IN
      (SELECT id FROM seen_chain ORDER BY last_seen DESC, id DESC LIMIT 1000000 OFFSET $1)`,

  countAgain: `
    UPDATE refused_handshake
    SET times = times + $2, last_at = CASE WHEN $3 > last_at THEN $3 ELSE last_at END
    WHERE reference = $1
    RETURNING id`,

  addRefusedHandshake: `
    INSERT INTO refused_handshake (reference, enforced, near_miss, first_at, last_at, times, remote_address, protocol,
      findings, openssl_error, leaf, size)
    VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11)`,

  addRefusedChain: 'INSERT INTO refused_handshake_chain (refused_handshake_id, pem) VALUES ($1, $2)',

  changeRefusedHandshakeTotal: `
    UPDATE refused_handshake_total SET records = records + $1, size = size + $2 WHERE id = 1
    RETURNING records, size`,

  /** Whoever has been silent for longest. */
  oldestStranger: 'SELECT id, size FROM refused_handshake WHERE near_miss = 0 ORDER BY last_at, id LIMIT 1',

  /** Likewise; from where a client was let in before, last of all: anybody can forge the name, and few the address. */
  oldestNearMiss: `
    SELECT id, size FROM refused_handshake
    ORDER BY remote_address IN (SELECT remote_address FROM seen_chain), last_at, id LIMIT 1`,

  dropRefusedHandshake: 'DELETE FROM refused_handshake WHERE id = $1',

  listSeenChains: 'SELECT * FROM seen_chain WHERE last_seen >= $1 ORDER BY last_seen DESC, id DESC',

  listSeenDays: `
    SELECT d.chain_id, d.day, d.anchor, d.handshakes
    FROM seen_day d JOIN seen_chain c ON c.id = d.chain_id
    WHERE c.last_seen >= $1
    ORDER BY d.day DESC, d.anchor`,

  lastOrderOfPeer: `
    SELECT o.order_id, o.buyer, m.received_at
    FROM message m JOIN purchase_order o ON o.id = m.purchase_order_id
    WHERE m.peer_fingerprint = $1
    ORDER BY m.received_at DESC LIMIT 1`,

  listRefusedHandshakes: `
    SELECT ${REFUSED_COLUMNS}, '' AS chain_pem FROM refused_handshake h
    WHERE h.last_at >= $2 AND h.near_miss >= $3
    ORDER BY h.last_at DESC, h.id DESC LIMIT $1`,

  countRefusedHandshakes: `
    SELECT enforced, near_miss, COUNT(*) AS records FROM refused_handshake GROUP BY enforced, near_miss`,

  findRefusedHandshake: `
    SELECT ${REFUSED_COLUMNS}, c.pem AS chain_pem
    FROM refused_handshake h JOIN refused_handshake_chain c ON c.refused_handshake_id = h.id
    WHERE h.id = $1 OR h.reference = $2
    ORDER BY h.reference = $2 DESC LIMIT 1`,
} as const;

/** Counts can come out of order, when the store was away or the clock was set back: what was seen last stays. */
function ofLatest(column: string): string {
  return `CASE WHEN excluded.last_seen >= seen_chain.last_seen THEN excluded.${column} ELSE seen_chain.${column} END`;
}
