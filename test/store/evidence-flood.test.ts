import { statSync } from 'node:fs';
import { expect } from 'chai';
import { refusedHandshake, use } from './contract-evidence.ts';
import { createSqlitePlace } from './sqlite-place.ts';

describe('a flood of refused handshakes', function () {
  this.timeout(120_000);

  it('leaves a thousand records of fifty thousand, the near miss among them, and a small file', async () => {
    await using place = await createSqlitePlace();
    const size = (): number => statSync(place.path).size + statSync(`${place.path}-wal`).size;
    const chainPem = 'x'.repeat(3_000);
    let early = 0;
    {
      await using store = await place.open();
      await store.keepEvidence({ uses: [], refused: [refusedHandshake({ reference: 'coupa' })] });
      for (let batch = 0; batch < 200; batch += 1) {
        const refused = Array.from({ length: 250 }, (_, index) =>
          refusedHandshake({ reference: `${batch}-${index}`, nearMiss: false, chainPem }),
        );
        await store.keepEvidence({ uses: [], refused });
        if (batch === 9) early = size();
      }
      expect(await store.listRefusedHandshakes({ limit: 1_000 })).to.have.length(1_000);
      expect(await store.findRefusedHandshake('coupa')).to.include({ id: 1 });
      expect(await store.findRefusedHandshake('199-249')).to.include({ id: 50_001 });
      expect(size()).to.be.below(1.2 * early);
    }
    console.log(`    50,000 refused handshakes: ${(statSync(place.path).size / 1e6).toFixed(1)} MB`);
    expect(statSync(place.path).size).to.be.below(8_000_000);
  });

  it('of forged near misses drives out none that came from where a client was let in before', async () => {
    await using place = await createSqlitePlace();
    await using store = await place.open();
    const remoteAddress = '192.0.2.77';
    await store.keepEvidence({
      uses: [use({ remoteAddress })],
      refused: [refusedHandshake({ reference: 'coupa', remoteAddress })],
    });
    const forged = Array.from({ length: 1_100 }, (_, index) =>
      refusedHandshake({ reference: `forged ${index}`, remoteAddress: `198.51.100.${index % 250}` }),
    );
    await store.keepEvidence({ uses: [], refused: forged });
    expect(await store.listRefusedHandshakes({ limit: 2_000 })).to.have.length(1_000);
    expect(await store.findRefusedHandshake('coupa')).to.include({ id: 1 });
    expect(await store.findRefusedHandshake('forged 0')).to.equal(undefined);
  });
});
