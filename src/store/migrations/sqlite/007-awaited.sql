-- Messages that were answered 5xx and have not come again so far: their senders must be waited for over a restart, too.

CREATE TABLE awaited (
  sha256 TEXT NOT NULL,
  payload_id TEXT,
  buyer TEXT,
  order_id TEXT,
  first_at INTEGER NOT NULL
) STRICT;
