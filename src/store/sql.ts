/**
 * Every statement, once, as PostgreSQL spells it; SQLite gets the same text with `?1` for `$1`. Only functions and
 * clauses that both know (`ON CONFLICT`, `RETURNING`, `COALESCE`) stand here. The tables: `migrations/`.
 */
export const SQL = {
  keepPeer: `
    INSERT INTO peer (fingerprint, name, spki, issuer, serial, not_after, chain_pem)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (fingerprint) DO NOTHING`,

  findMessage: `
    SELECT m.id, m.revision, m.reply, r.content_digest, o.order_id, o.current_revision
    FROM message m
    JOIN revision r ON r.purchase_order_id = m.purchase_order_id AND r.number = m.revision
    JOIN purchase_order o ON o.id = m.purchase_order_id
    WHERE m.message_key = $1`,

  countReplay: `
    INSERT INTO replay (message_id, times, last_at) VALUES ($1, 1, $2)
    ON CONFLICT (message_id) DO UPDATE SET times = replay.times + 1, last_at = excluded.last_at`,

  /** The order, the rank facts of its current revision, and the revision that has this content, if there is one. */
  findOrder: `
    SELECT o.id, o.state, o.current_revision, o.revisions, o.last_received_at,
      c.order_version, c.ordered_at, c.sent_at, k.number AS known_revision
    FROM purchase_order o
    JOIN revision c ON c.purchase_order_id = o.id AND c.number = o.current_revision
    LEFT JOIN revision k ON k.purchase_order_id = o.id AND k.content_digest = $2
    WHERE o.order_key = $1`,

  addOrder: `
    INSERT INTO purchase_order (order_key, buyer, environment, order_id, state, current_revision, revisions,
      first_received_at, last_received_at)
    VALUES ($1, $2, $3, $4, $5, 1, 1, $6, $6)`,

  changeOrder: `
    UPDATE purchase_order SET state = $2, current_revision = $3, revisions = $4, last_received_at = $5
    WHERE id = $1`,

  addRevision: `
    INSERT INTO revision (purchase_order_id, number, content_digest, operation, order_version, ordered_at, sent_at,
      order_date, total_amount, currency, line_count)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,

  raiseSentAt: 'UPDATE revision SET sent_at = $3 WHERE purchase_order_id = $1 AND number = $2',

  addMessage: `
    INSERT INTO message (message_key, purchase_order_id, revision, outcome, payload_id, received_at,
      sha256, size, content_type, peer_fingerprint, protocol, remote_address, notes, reply, headers, findings)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,

  addMessageBody: 'INSERT INTO message_body (message_id, bytes) VALUES ($1, $2)',

  addAttachment: `
    INSERT INTO attachment (message_id, refused_id, position, content_id, media_type, sniffed_type, file_name,
      description, size, sha256)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,

  findDigest: 'SELECT id FROM attachment WHERE sha256 = $1 LIMIT 1',

  attachmentsOfRefused: 'SELECT size, sha256 FROM attachment WHERE refused_id = $1',

  addRefused: `
    INSERT INTO refused (sha256, code, conflict, text, buyer, payload_id, order_id, received_at, times,
      last_received_at, size, content_type, peer_fingerprint, protocol, remote_address, headers, place)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $8, $9, $10, $11, $12, $13, $14, $15)
    ON CONFLICT (sha256, code) DO UPDATE
      SET times = refused.times + 1, last_received_at = excluded.last_received_at
    RETURNING id, times`,

  addRefusedBody: 'INSERT INTO refused_body (refused_id, bytes) VALUES ($1, $2)',

  changeRefusedTotal: `
    UPDATE refused_total SET ordinary = ordinary + $1, conflicts = conflicts + $2, bytes = bytes + $3
    WHERE id = 1
    RETURNING ordinary, conflicts, bytes`,

  /** Ordinary ones first, then conflicts; the oldest first among each. */
  oldestRefused: 'SELECT id, conflict, size FROM refused ORDER BY conflict, id LIMIT 1',

  heldRefused: 'SELECT conflict, size FROM refused WHERE id = $1',

  mixRefused: 'UPDATE refused SET mixed = 1 WHERE id = $1',

  addReleased: `
    INSERT INTO released (message_id, refused_id, code, released_at, released_by, reason)
    VALUES ($1, $2, $3, $4, $5, $6)`,

  dropRefused: 'DELETE FROM refused WHERE id = $1',

  dropAwaited: 'DELETE FROM awaited',
  addAwaited:
    'INSERT INTO awaited (sha256, payload_id, buyer, order_id, first_at) VALUES ($1, $2, $3, $4, $5)',
  listAwaited: 'SELECT * FROM awaited ORDER BY first_at',

  probe: 'UPDATE probe SET times = times + 1 WHERE id = 1',

  listOrders: ordersWhere('', 'LIMIT $1'),
  listOrdersOfBuyer: ordersWhere('WHERE o.buyer = $2', 'LIMIT $1'),
  findOrders: ordersWhere('WHERE o.order_id = $1'),
  findOrdersOfBuyer: ordersWhere('WHERE o.order_id = $1 AND o.buyer = $2'),

  listMessages: `
    SELECT m.id, m.payload_id, m.outcome, m.revision, r.operation, r.order_version, m.received_at, m.sha256, m.size,
      m.content_type, m.protocol, m.remote_address, COALESCE(a.times, 0) AS replays, a.last_at AS last_replayed_at, m.notes, m.findings,
      p.name AS peer_name, p.fingerprint AS peer_fingerprint, p.spki AS peer_spki,
      l.refused_id, l.code AS refused_code, l.released_at, l.released_by, l.reason AS release_reason
    FROM message m
    JOIN revision r ON r.purchase_order_id = m.purchase_order_id AND r.number = m.revision
    JOIN peer p ON p.fingerprint = m.peer_fingerprint
    LEFT JOIN replay a ON a.message_id = m.id
    LEFT JOIN released l ON l.message_id = m.id
    WHERE m.purchase_order_id = $1
    ORDER BY m.id`,

  listAttachments: `
    SELECT a.* FROM attachment a JOIN message m ON m.id = a.message_id
    WHERE m.purchase_order_id = $1
    ORDER BY a.message_id, a.position`,

  listAttachmentsOfRefused: 'SELECT * FROM attachment WHERE refused_id = $1 ORDER BY position',

  findAttachment: 'SELECT * FROM attachment WHERE id = $1',

  readMessage: `
    SELECT b.bytes, m.reply, m.sha256 FROM message m JOIN message_body b ON b.message_id = m.id WHERE m.id = $1`,

  listRefused: refusedWhere('ORDER BY f.id DESC LIMIT $1'),
  findRefused: refusedWhere('WHERE f.id = $1'),

  readRefused: `
    SELECT b.bytes, f.sha256 FROM refused f JOIN refused_body b ON b.refused_id = f.id WHERE f.id = $1`,

  readHeld: `
    SELECT b.bytes, f.sha256, f.code, f.mixed, f.content_type, f.headers, f.protocol, f.remote_address, f.received_at,
      p.fingerprint, p.name, p.spki, p.issuer, p.serial, p.not_after, p.chain_pem
    FROM refused f
    JOIN refused_body b ON b.refused_id = f.id
    JOIN peer p ON p.fingerprint = f.peer_fingerprint
    WHERE f.id = $1`,

  counts: `
    SELECT (SELECT COUNT(*) FROM message) AS messages, (SELECT COUNT(*) FROM purchase_order) AS orders,
      t.ordinary, t.conflicts
    FROM refused_total t WHERE t.id = 1`,
} as const;

function ordersWhere(where: string, limit = ''): string {
  return `
    SELECT o.id, o.buyer, o.environment, o.order_id, o.state, o.current_revision, o.revisions,
      o.first_received_at, o.last_received_at,
      c.operation, c.order_date, c.total_amount, c.currency, c.line_count
    FROM purchase_order o
    JOIN revision c ON c.purchase_order_id = o.id AND c.number = o.current_revision
    ${where}
    ORDER BY o.last_received_at DESC, o.id DESC ${limit}`;
}

function refusedWhere(rest: string): string {
  return `
    SELECT f.id, f.code, f.text, f.place, f.buyer, f.payload_id, f.order_id, f.received_at, f.last_received_at,
      f.sha256, f.size, f.times, f.remote_address, p.name AS peer_name
    FROM refused f
    JOIN peer p ON p.fingerprint = f.peer_fingerprint
    ${rest}`;
}
