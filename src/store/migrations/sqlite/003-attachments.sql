-- Files that came with a message. Their bytes lie beside the store, each under its SHA-256, once for all who sent it.

CREATE TABLE attachment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message_id INTEGER REFERENCES message (id),
  refused_id INTEGER REFERENCES refused (id) ON DELETE CASCADE,
  -- As sent, from 1.
  position INTEGER NOT NULL,
  content_id TEXT,
  media_type TEXT NOT NULL,
  sniffed_type TEXT,
  file_name TEXT,
  description TEXT,
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  CHECK ((message_id IS NULL) <> (refused_id IS NULL))
) STRICT;
CREATE INDEX attachment_by_message ON attachment (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX attachment_by_refused ON attachment (refused_id) WHERE refused_id IS NOT NULL;
CREATE INDEX attachment_by_digest ON attachment (sha256);
