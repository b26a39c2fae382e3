-- A refused message that a person had taken after all: what it had been refused for, who decided so, and why.

CREATE TABLE released (
  message_id INTEGER PRIMARY KEY REFERENCES message (id),
  refused_id INTEGER NOT NULL,
  code TEXT NOT NULL,
  released_at INTEGER NOT NULL,
  released_by TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;

-- 1 when the same bytes came several times with other files each time: which of them belong together is not known.
ALTER TABLE refused ADD COLUMN mixed INTEGER NOT NULL DEFAULT 0 CHECK (mixed IN (0, 1));
UPDATE refused SET mixed = 1
WHERE times > 1 AND (SELECT COUNT(*) FROM attachment WHERE refused_id = refused.id) > 1;
