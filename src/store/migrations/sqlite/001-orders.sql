-- Times are milliseconds since 1970 (UTC). A change to this file after a release breaks its checksum: add a new one.

CREATE TABLE peer (
  fingerprint TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  spki TEXT NOT NULL,
  issuer TEXT NOT NULL,
  serial TEXT NOT NULL,
  not_after INTEGER NOT NULL,
  chain_pem TEXT NOT NULL
) STRICT;

CREATE TABLE purchase_order (
  id INTEGER PRIMARY KEY,
  order_key TEXT NOT NULL UNIQUE,
  buyer TEXT NOT NULL,
  environment TEXT NOT NULL CHECK (environment IN ('production', 'test')),
  order_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'cancelled')),
  current_revision INTEGER NOT NULL,
  revisions INTEGER NOT NULL,
  first_received_at INTEGER NOT NULL,
  last_received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX purchase_order_by_number ON purchase_order (order_id);
-- Lists are newest first; the buyer stands in the index so that a list of one buyer skips the others without a look.
CREATE INDEX purchase_order_by_time ON purchase_order (last_received_at, buyer);

-- One distinct content of an order. Its rank facts decide which revision is the current one.
CREATE TABLE revision (
  purchase_order_id INTEGER NOT NULL REFERENCES purchase_order (id),
  number INTEGER NOT NULL CHECK (number > 0),
  content_digest TEXT NOT NULL,
  operation TEXT NOT NULL CHECK (operation IN ('new', 'update', 'cancel')),
  order_version REAL,
  ordered_at INTEGER,
  sent_at INTEGER,
  order_date TEXT,
  total_amount TEXT,
  currency TEXT,
  line_count INTEGER NOT NULL,
  PRIMARY KEY (purchase_order_id, number),
  UNIQUE (purchase_order_id, content_digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  message_key TEXT NOT NULL UNIQUE,
  purchase_order_id INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('kept', 'resent')),
  payload_id TEXT,
  received_at INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  peer_fingerprint TEXT NOT NULL REFERENCES peer (fingerprint),
  protocol TEXT NOT NULL,
  remote_address TEXT NOT NULL,
  notes TEXT NOT NULL,
  reply BLOB NOT NULL,
  headers TEXT NOT NULL,
  findings TEXT NOT NULL,
  FOREIGN KEY (purchase_order_id, revision) REFERENCES revision (purchase_order_id, number)
) STRICT;
CREATE INDEX message_by_order ON message (purchase_order_id);

-- Apart from the message, so that lists never walk past megabytes.
CREATE TABLE message_body (
  message_id INTEGER PRIMARY KEY REFERENCES message (id),
  bytes BLOB NOT NULL
) STRICT;

-- How often a message came again. Apart from it, so that replays write to a few pages full of replays and each to no
-- page of its own among all the messages.
CREATE TABLE replay (
  message_id INTEGER PRIMARY KEY REFERENCES message (id),
  times INTEGER NOT NULL,
  last_at INTEGER NOT NULL
) STRICT;

-- AUTOINCREMENT: the oldest go, and a number that stood in a log must never come to mean another message.
CREATE TABLE refused (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  sha256 TEXT NOT NULL,
  code TEXT NOT NULL,
  conflict INTEGER NOT NULL CHECK (conflict IN (0, 1)),
  text TEXT NOT NULL,
  buyer TEXT,
  payload_id TEXT,
  order_id TEXT,
  received_at INTEGER NOT NULL,
  times INTEGER NOT NULL,
  last_received_at INTEGER NOT NULL,
  size INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  peer_fingerprint TEXT NOT NULL REFERENCES peer (fingerprint),
  protocol TEXT NOT NULL,
  remote_address TEXT NOT NULL,
  headers TEXT NOT NULL,
  UNIQUE (sha256, code)
) STRICT;
CREATE INDEX refused_by_age ON refused (conflict, id);

CREATE TABLE refused_body (
  refused_id INTEGER PRIMARY KEY REFERENCES refused (id) ON DELETE CASCADE,
  bytes BLOB NOT NULL
) STRICT;

-- What the refused table holds, kept beside it so that the bound is judged without counting.
CREATE TABLE refused_total (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  ordinary INTEGER NOT NULL,
  conflicts INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;
INSERT INTO refused_total (id, ordinary, conflicts, bytes) VALUES (1, 0, 0, 0);

-- One row that a probe changes, to prove that a commit works.
CREATE TABLE probe (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  times INTEGER NOT NULL
) STRICT;
INSERT INTO probe (id, times) VALUES (1, 0);
