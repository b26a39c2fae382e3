import { expect } from 'chai';
import type { ChainUse, RefusedHandshake } from '../../src/trust/evidence.ts';
import { AT, arrival, later, peer, sha256 } from './arrivals.ts';
import type { CreatePlace } from './contract.ts';

const DAY_MINUTES = 24 * 60;

export function use(overrides: Partial<ChainUse> = {}): ChainUse {
  const { fingerprint, name, spki, issuer, serial, notAfter, chainPem } = peer();
  return {
    chainDigest: sha256('chain'),
    fingerprint,
    name,
    spki,
    subject: 'CN=cxml-supplier.coupahost.com',
    issuer,
    serial,
    notBefore: new Date('2025-01-01T00:00:00.000Z'),
    notAfter,
    chainPem,
    anchor: sha256('anchor'),
    protocol: 'TLSv1.3',
    remoteAddress: '192.0.2.7',
    firstAt: AT,
    lastAt: AT,
    handshakes: 1,
    ...overrides,
  };
}

export function refusedHandshake(overrides: Partial<RefusedHandshake> = {}): RefusedHandshake {
  return {
    reference: '0123456789',
    enforced: true,
    at: AT,
    remoteAddress: '192.0.2.66',
    protocol: 'TLSv1.2',
    nearMiss: true,
    findings: [{ reason: 'untrusted_issuer', detail: 'the issuer CN=New is not pinned' }],
    opensslError: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    leaf: {
      names: ['cxml-supplier.coupahost.com'],
      fingerprint: sha256('leaf'),
      issuer: 'CN=New',
      serial: '0b',
      notAfter: new Date('2027-01-01T00:00:00.000Z'),
    },
    chainPem: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
    times: 1,
    ...overrides,
  };
}

export function exerciseEvidence(createPlace: CreatePlace): void {
  describe('chains that were let in', () => {
    it('are kept once, with first and last seen, and counts by day and anchor', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepEvidence({ uses: [use({ handshakes: 2, lastAt: later(5) })], refused: [] });
      const next = { firstAt: later(DAY_MINUTES), lastAt: later(DAY_MINUTES), anchor: sha256('other') };
      await store.keepEvidence({
        uses: [use({ ...next, handshakes: 3, remoteAddress: '192.0.2.8' })],
        refused: [],
      });
      const { firstAt: _f, lastAt: _l, ...facts } = use(next);
      expect(await store.listSeenChains()).to.deep.equal([
        {
          ...facts,
          id: 1,
          remoteAddress: '192.0.2.8',
          firstSeen: AT,
          lastSeen: later(DAY_MINUTES),
          handshakes: 5,
          days: [
            { day: '2026-03-02', anchor: sha256('other'), handshakes: 3 },
            { day: '2026-03-01', anchor: sha256('anchor'), handshakes: 2 },
          ],
          lastOrder: null,
        },
      ]);
    });

    it('name the last order that came with them', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival());
      await store.keepOrder(arrival({ orderId: '4501', payloadId: 'p2', receivedAt: later(9) }));
      await store.keepEvidence({ uses: [use()], refused: [] });
      const [chain] = await store.listSeenChains();
      expect(chain?.lastOrder).to.deep.equal({ orderId: '4501', buyer: 'acme', receivedAt: later(9) });
    });

    it('are told apart by what was sent above the leaf, and listed by when they were seen', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const other = { chainDigest: sha256('with another intermediate'), lastAt: later(60) };
      await store.keepEvidence({ uses: [use({ lastAt: later(1) }), use(other)], refused: [] });
      const digests = (await store.listSeenChains()).map(({ chainDigest }) => chainDigest);
      expect(digests).to.deep.equal([other.chainDigest, use().chainDigest]);
      expect(await store.listSeenChains({ since: later(30) })).to.have.length(1);
    });

    it('do not go back in time when an older count comes later', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepEvidence({ uses: [use({ firstAt: later(10), lastAt: later(20) })], refused: [] });
      await store.keepEvidence({ uses: [use({ firstAt: later(1), lastAt: later(2) })], refused: [] });
      expect((await store.listSeenChains())[0]).to.deep.include({ firstSeen: later(1), lastSeen: later(20) });
    });

    it('tell of the last use, whatever order the counts come in', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const old = { anchor: sha256('old'), protocol: 'TLSv1.2', remoteAddress: '192.0.2.1' };
      const uses = [use({ lastAt: later(20) }), use({ ...old, lastAt: later(2) })];
      await store.keepEvidence({ uses, refused: [] });
      const { anchor, protocol, remoteAddress } = use();
      expect((await store.listSeenChains())[0]).to.include({
        anchor,
        protocol,
        remoteAddress,
        handshakes: 2,
      });
    });

    it('are bounded: the one not seen for longest goes, and days of long ago', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const uses = Array.from({ length: 1_010 }, (_, index) =>
        use({ chainDigest: sha256(`chain ${index}`), lastAt: later(index) }),
      );
      await store.keepEvidence({ uses, refused: [] });
      const chains = await store.listSeenChains();
      expect(chains).to.have.length(1_000);
      expect(chains.at(-1)?.lastSeen).to.deep.equal(later(10));
      const muchLater = later(402 * DAY_MINUTES);
      await store.keepEvidence({ uses: [use({ ...uses[1_009], lastAt: muchLater })], refused: [] });
      expect((await store.listSeenChains())[0]?.days).to.have.length(1);
    });
  });

  describe('handshakes that were refused', () => {
    it('are kept whole, and found by number or reference', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepEvidence({ uses: [], refused: [refusedHandshake()] });
      const { at, ...facts } = refusedHandshake();
      const record = { ...facts, id: 1, firstAt: at, lastAt: at };
      expect(await store.findRefusedHandshake('1')).to.deep.equal(record);
      expect(await store.findRefusedHandshake('0123456789')).to.deep.equal(record);
      expect(await store.findRefusedHandshake('2')).to.equal(undefined);
      expect(await store.listRefusedHandshakes()).to.deep.equal([{ ...record, chainPem: '' }]);
    });

    it('are kept without a certificate, too', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const nothing = { leaf: undefined, chainPem: '', opensslError: null, nearMiss: false, enforced: false };
      await store.keepEvidence({ uses: [], refused: [refusedHandshake(nothing)] });
      expect((await store.listRefusedHandshakes())[0]).to.deep.include(nothing);
    });

    it('count under one reference when they come again', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepEvidence({ uses: [], refused: [refusedHandshake({ times: 2 })] });
      await store.keepEvidence({ uses: [], refused: [refusedHandshake({ times: 40, at: later(7) })] });
      const [only, ...others] = await store.listRefusedHandshakes();
      expect(only).to.deep.include({ times: 42, firstAt: AT, lastAt: later(7) });
      expect(others).to.deep.equal([]);
    });

    it('are listed newest first, as many as asked for, near misses alone if asked', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const refused = [1, 2, 3, 4].map((minute) =>
        refusedHandshake({ reference: `0${minute}`, at: later(minute), nearMiss: minute % 2 === 0 }),
      );
      await store.keepEvidence({ uses: [], refused });
      const references = async (query: Parameters<typeof store.listRefusedHandshakes>[0]) =>
        (await store.listRefusedHandshakes(query)).map(({ reference }) => reference);
      expect(await references({})).to.deep.equal(['04', '03', '02', '01']);
      expect(await references({ limit: 1 })).to.deep.equal(['04']);
      expect(await references({ nearMissesOnly: true })).to.deep.equal(['04', '02']);
      expect(await references({ since: later(3) })).to.deep.equal(['04', '03']);
    });

    it('are counted: near misses, strangers, and who was let in on trial', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      expect(await store.countRefusedHandshakes()).to.deep.equal({ nearMisses: 0, strangers: 0, onTrial: 0 });
      const refused = [
        refusedHandshake({ reference: '01', times: 7 }),
        refusedHandshake({ reference: '02' }),
        refusedHandshake({ reference: '03', nearMiss: false }),
        refusedHandshake({ reference: '04', enforced: false }),
        refusedHandshake({ reference: '05', enforced: false, nearMiss: false }),
      ];
      await store.keepEvidence({ uses: [], refused });
      expect(await store.countRefusedHandshakes()).to.deep.equal({ nearMisses: 2, strangers: 1, onTrial: 2 });
    });

    it('are bounded in number: strangers go before near misses, and no number is given twice', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepEvidence({ uses: [], refused: [refusedHandshake({ reference: 'near' })] });
      for (let batch = 0; batch < 4; batch += 1) {
        const strangers = Array.from({ length: 500 }, (_, index) =>
          refusedHandshake({ reference: `${batch}-${index}`, nearMiss: false }),
        );
        await store.keepEvidence({ uses: [], refused: strangers });
      }
      const left = await store.listRefusedHandshakes({ limit: 1_000 });
      expect(left).to.have.length(1_000);
      expect(left.map(({ reference }) => reference))
        .to.include('near')
        .and.to.include('3-499')
        .and.not.include('0-0');
      expect(Math.max(...left.map(({ id }) => id))).to.equal(2_001);
    });

    it('keep the one that goes on knocking when older silent ones have to go', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const forged = Array.from({ length: 999 }, (_, index) =>
        refusedHandshake({ reference: `forged ${index}`, at: later(1) }),
      );
      await store.keepEvidence({ uses: [], refused: [refusedHandshake({ reference: 'first' }), ...forged] });
      await store.keepEvidence({
        uses: [],
        refused: [refusedHandshake({ reference: 'first', at: later(2) })],
      });
      await store.keepEvidence({
        uses: [],
        refused: [refusedHandshake({ reference: 'more', at: later(3) })],
      });
      expect(await store.findRefusedHandshake('first')).to.include({ id: 1, times: 2 });
      expect(await store.findRefusedHandshake('forged 0')).to.equal(undefined);
      expect(await store.findRefusedHandshake('forged 1')).to.not.equal(undefined);
    });

    it('are bounded in what is told about them, too: a client chooses its names', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const findings = [{ reason: 'name_not_allowed', detail: 'x'.repeat(1024 * 1024) }] as const;
      const refused = Array.from({ length: 20 }, (_, index) =>
        refusedHandshake({ reference: `${index}`, findings }),
      );
      await store.keepEvidence({ uses: [], refused });
      expect(await store.listRefusedHandshakes()).to.have.length(15);
    });

    it('are bounded in size', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const chainPem = 'x'.repeat(60_000);
      const refused = Array.from({ length: 300 }, (_, index) =>
        refusedHandshake({ reference: `${index}`, chainPem }),
      );
      await store.keepEvidence({ uses: [], refused });
      const left = await store.listRefusedHandshakes({ limit: 1_000 });
      expect(left.length * chainPem.length).to.be.at.most(16 * 1024 * 1024);
      expect(left.length).to.be.greaterThan(270);
      expect(left.some(({ reference }) => reference === '299')).to.equal(true);
    });

    it('do not take an order with them when they cannot be kept', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const broken = refusedHandshake({ protocol: undefined as unknown as string });
      const [evidence, order] = await Promise.allSettled([
        store.keepEvidence({ uses: [], refused: [broken] }),
        store.keepOrder(arrival()),
      ]);
      expect([evidence.status, order.status]).to.deep.equal(['rejected', 'fulfilled']);
      expect(await store.findOrders({ orderId: '4500' })).to.have.length(1);
    });

    it('outlive the process', async () => {
      await using place = await createPlace();
      {
        await using store = await place.open();
        await store.keepEvidence({ uses: [use()], refused: [refusedHandshake()] });
      }
      await using store = await place.open();
      expect(await store.listSeenChains()).to.have.length(1);
      expect(await store.findRefusedHandshake('0123456789')).to.include({ id: 1 });
    });
  });
}
