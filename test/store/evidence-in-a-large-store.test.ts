import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import { EVIDENCE_SQL } from '../../src/store/sql-evidence.ts';
import { peer, sha256 } from './arrivals.ts';
import { use } from './contract-evidence.ts';
import { createSqlitePlace } from './sqlite-place.ts';

describe('chains among a hundred thousand orders', function () {
  this.timeout(60_000);

  it('name their last order in milliseconds, also those that brought none for long', async () => {
    await using place = await createSqlitePlace();
    const retired = peer({ fingerprint: sha256('retired') });
    {
      await using store = await place.open();
      const silent = { chainDigest: sha256('silent'), fingerprint: sha256('silent') };
      const uses = [
        use(),
        use({ chainDigest: sha256('retired'), fingerprint: retired.fingerprint }),
        use(silent),
      ];
      await store.keepEvidence({ uses, refused: [] });
    }
    fill(place.path, 100_000);
    await using store = await place.open();
    const times: number[] = [];
    for (let look = 0; look < 5; look += 1) {
      const start = performance.now();
      const chains = await store.listSeenChains();
      times.push(performance.now() - start);
      const orders = new Map(chains.map(({ fingerprint, lastOrder }) => [fingerprint, lastOrder?.orderId]));
      expect(orders.get(use().fingerprint)).to.equal('n100000');
      expect(orders.get(retired.fingerprint)).to.equal('n1');
      expect(orders.get(sha256('silent'))).to.equal(undefined);
    }
    const median = times.toSorted((a, b) => a - b)[2] ?? 0;
    console.log(`    chains among 10^5 orders: ${median.toFixed(2)} ms`);
    expect(median).to.be.below(20);
  });

  it('are found without a walk through the messages', async () => {
    await using place = await createSqlitePlace();
    {
      await using _store = await place.open();
    }
    using database = new DatabaseSync(place.path, { readOnly: true });
    const plan = (sql: string) =>
      database
        .prepare(`EXPLAIN QUERY PLAN ${sql.replaceAll(/\$(\d+)/g, '?$1')}`)
        .all()
        .map(({ detail }) => String(detail));
    expect(plan(EVIDENCE_SQL.lastOrderOfPeer)).to.deep.equal([
      'SEARCH m USING INDEX message_by_peer (peer_fingerprint=?)',
      'SEARCH o USING INTEGER PRIMARY KEY (rowid=?)',
    ]);
    expect(plan(EVIDENCE_SQL.oldestStranger)).to.deep.equal([
      'SEARCH refused_handshake USING INDEX refused_handshake_by_age (near_miss=?)',
    ]);
    expect(plan(EVIDENCE_SQL.dropOldDays)).to.deep.equal([
      'SEARCH seen_day USING INDEX seen_day_by_age (day<?)',
    ]);
  });
});

/** Straight into the tables. The first order came with a certificate that is retired, all others with another. */
function fill(path: string, orders: number): void {
  using database = new DatabaseSync(path);
  const [now, retired] = [peer().fingerprint, sha256('retired')];
  database.exec(`
    BEGIN;
    CREATE TEMP TABLE n AS
      WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${orders}) SELECT i FROM c;
    INSERT INTO peer VALUES ('${now}', '', '', '', '', 0, ''), ('${retired}', '', '', '', '', 0, '');
    INSERT INTO purchase_order SELECT i, lower(hex(randomblob(32))), 'acme', 'production', 'n' || i, 'open', 1, 1, i, i
      FROM n;
    INSERT INTO revision
      SELECT i, 1, lower(hex(randomblob(32))), 'new', NULL, NULL, NULL, NULL, NULL, NULL, 1 FROM n;
    INSERT INTO message SELECT i, lower(hex(randomblob(32))), i, 1, 'kept', 'p' || i, i, 'x', 3, 'text/xml',
      iif(i = 1, '${retired}', '${now}'), 'TLSv1.3', '192.0.2.7', '[]', x'00', '{}', '[]' FROM n;
    COMMIT;
  `);
}
