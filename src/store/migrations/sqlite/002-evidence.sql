-- What the gate saw: the chains it let in, by day and anchor, and the handshakes it refused. Times are milliseconds since
-- 1970 (UTC). AUTOINCREMENT: numbers stand in commands and in notes, and the oldest go.

CREATE TABLE seen_chain (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  chain_digest TEXT NOT NULL UNIQUE,
  fingerprint TEXT NOT NULL,
  name TEXT NOT NULL,
  spki TEXT NOT NULL,
  subject TEXT NOT NULL,
  issuer TEXT NOT NULL,
  serial TEXT NOT NULL,
  not_before INTEGER NOT NULL,
  not_after INTEGER NOT NULL,
  chain_pem TEXT NOT NULL,
  anchor TEXT NOT NULL,
  protocol TEXT NOT NULL,
  remote_address TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  handshakes INTEGER NOT NULL
) STRICT;
CREATE INDEX seen_chain_by_age ON seen_chain (last_seen);

CREATE TABLE seen_day (
  chain_id INTEGER NOT NULL REFERENCES seen_chain (id) ON DELETE CASCADE,
  -- UTC, as in 2026-11-21
  day TEXT NOT NULL,
  -- SPKI of the anchor that vouched
  anchor TEXT NOT NULL,
  handshakes INTEGER NOT NULL,
  PRIMARY KEY (chain_id, day, anchor)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_day_by_age ON seen_day (day);

CREATE TABLE refused_handshake (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  reference TEXT NOT NULL UNIQUE,
  enforced INTEGER NOT NULL CHECK (enforced IN (0, 1)),
  near_miss INTEGER NOT NULL CHECK (near_miss IN (0, 1)),
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  times INTEGER NOT NULL,
  remote_address TEXT NOT NULL,
  protocol TEXT NOT NULL,
  findings TEXT NOT NULL,
  openssl_error TEXT,
  leaf TEXT,
  -- Of the chain and of what is told about it: what the client could make long.
  size INTEGER NOT NULL
) STRICT;
CREATE INDEX refused_handshake_by_age ON refused_handshake (near_miss, last_at, id);

-- Apart from the record, so that a list does not walk past it and one knock more does not write it again.
CREATE TABLE refused_handshake_chain (
  refused_handshake_id INTEGER PRIMARY KEY REFERENCES refused_handshake (id) ON DELETE CASCADE,
  pem TEXT NOT NULL
) STRICT;

-- What both hold, kept beside them so that the bound is judged without counting.
CREATE TABLE refused_handshake_total (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  records INTEGER NOT NULL,
  size INTEGER NOT NULL
) STRICT;
INSERT INTO refused_handshake_total (id, records, size) VALUES (1, 0, 0);

-- The last order that came with a certificate, without a walk through all messages.
CREATE INDEX message_by_peer ON message (peer_fingerprint, received_at);
