/** What stage finds sound the bundle loads, and what stage finds wanting it does not: over many certificates. */
import { expect } from 'chai';
import { StartupError } from '../../src/errors.ts';
import { lintCandidate } from '../../src/rotation/lint-candidate.ts';
import { openCandidate } from '../../src/rotation/open-candidate.ts';
import { RotationError } from '../../src/rotation/rotation.ts';
import { parseBundle } from '../../src/trust/bundle.ts';
import { drain } from '../../src/turns.ts';
import { daysFromNow, NOW } from '../support/judging.ts';
import { type Minted, type MintOrder, mintCa } from '../support/pki.ts';

/** Every one of these with every other is 8,640 certificates; one in 29 is tried. */
const CHOICES = {
  key: (['rsa-2048', 'p-256', 'p-384', 'ed25519', 'rsa-1024', 'secp256k1'] as const).map((kind) => ({
    kind,
    label: 'of a candidate',
  })),
  issuer: [undefined, mintCa('Root above')],
  ca: [true, true, true, false, undefined],
  keyUsage: [undefined, ['keyCertSign'], ['cRLSign']],
  extendedKeyUsage: [undefined, ['clientAuth', 'serverAuth'], ['serverAuth'], ['2.5.29.37.0']],
  dates: [{}, {}, { notBefore: daysFromNow(2) }, { notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) }],
  digest: ['sha256', 'sha256', 'sha1'] as const,
} as const;
const CRITICAL = [undefined, '2.5.29.36', '1.2.3.4'];
const STEP = 29;

function* candidates(): Generator<Minted> {
  const lists = Object.entries(CHOICES);
  const all = lists.reduce((count, [, list]) => count * list.length, 1);
  for (let number = 0; number < all; number += STEP) {
    let rest = number;
    const chosen = lists.map(([name, list]) => {
      const value = list[rest % list.length];
      rest = Math.floor(rest / list.length);
      return [name, value] as const;
    });
    const { dates, ...order } = Object.fromEntries(chosen) as Partial<MintOrder> & {
      dates: Partial<MintOrder>;
    };
    const critical = CRITICAL[number % CRITICAL.length];
    const extensions = critical === undefined ? [] : [{ oid: critical, critical: true, hex: '3003800100' }];
    yield mintCa('Candidate', { ...order, ...dates, extensions });
  }
}

describe('what is staged', () => {
  it('loads when nothing speaks against it, and does not when something does', () => {
    const seen = { sound: 0, hindered: 0, leftOut: 0 };
    for (const { der, pem } of candidates()) {
      const outcome = stage(der);
      seen[outcome] += 1;
      expect(loads(pem), pem).to.equal(outcome === 'sound');
    }
    expect(
      Object.values(seen).every((count) => count > 10),
      JSON.stringify(seen),
    ).to.equal(true);
  }).timeout(60_000);
});

function stage(bytes: Uint8Array): 'sound' | 'hindered' | 'leftOut' {
  const { certificates } = openCandidate({ file: 'new.cer', bytes });
  try {
    const steps = lintCandidate({
      certificates: certificates.map(({ certificate }) => certificate),
      active: [],
      staged: [],
      names: [],
      now: NOW,
    });
    const [staged] = drain(steps).staged;
    return staged?.checks.some(({ state }) => state === 'no') ? 'hindered' : 'sound';
  } catch (error) {
    if (error instanceof RotationError) return 'leftOut';
    throw error;
  }
}

function loads(pem: string): boolean {
  try {
    return parseBundle([{ name: 'new.pem', text: Buffer.from(pem) }], NOW).anchors.length === 1;
  } catch (error) {
    if (error instanceof StartupError) return false;
    throw error;
  }
}
