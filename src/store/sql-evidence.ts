/** The statements about what the gate saw; as in `sql.ts`, both databases know every word. */

const REFUSED_COLUMNS = `
  id, reference, enforced, near_miss, first_at, last_at, times, remote_address, protocol, findings, openssl_error, leaf`;

export const EVIDENCE_SQL = {
  keepChain: `
    INSERT INTO seen_chain (chain_digest, fingerprint, name, spki, subject, issuer, serial, not_before, not_after,
      chain_pem, anchor, protocol, remote_address, first_seen, last_seen, handshakes)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
    ON CONFLICT (chain_digest) DO UPDATE SET
      anchor = excluded.anchor, protocol = excluded.protocol, remote_address = excluded.remote_address,
      handshakes = seen_chain.handshakes + excluded.handshakes,
      first_seen = CASE WHEN excluded.first_seen < seen_chain.first_seen THEN excluded.first_seen
        ELSE seen_chain.first_seen END,
      last_seen = CASE WHEN excluded.last_seen > seen_chain.last_seen THEN excluded.last_seen
        ELSE seen_chain.last_seen END
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
    UPDATE refused_handshake SET times = times + $2,
      last_at = CASE WHEN $3 > last_at THEN $3 ELSE last_at END
    WHERE reference = $1
    RETURNING id`,

  addRefusedHandshake: `
    INSERT INTO refused_handshake (reference, enforced, near_miss, first_at, last_at, times, remote_address, protocol,
      findings, openssl_error, leaf, chain_pem)
    VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11)`,

  changeRefusedHandshakeTotal: `
    UPDATE refused_handshake_total SET records = records + $1, chars = chars + $2 WHERE id = 1
    RETURNING records, chars`,

  /** Strangers first, then near misses; the oldest first among each. */
  oldestRefusedHandshake: `
    SELECT id, LENGTH(chain_pem) AS chars FROM refused_handshake ORDER BY near_miss, id LIMIT 1`,

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
    SELECT ${REFUSED_COLUMNS}, '' AS chain_pem FROM refused_handshake
    WHERE last_at >= $2 AND near_miss >= $3
    ORDER BY last_at DESC, id DESC LIMIT $1`,

  findRefusedHandshake: `
    SELECT ${REFUSED_COLUMNS}, chain_pem FROM refused_handshake WHERE id = $1 OR reference = $2
    ORDER BY reference = $2 DESC LIMIT 1`,
} as const;
