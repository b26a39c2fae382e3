import { expect } from 'chai';
import { RotationError } from '../../src/rotation/rotation.ts';
import { writePem } from '../../src/trust/pem.ts';
import { createAuthority } from '../support/authority.ts';
import { BER_FORM, pkcs7, pkcs12 } from '../support/containers.ts';
import { der } from '../support/crl.ts';
import { createTestPki, type Minted, type TestPki } from '../support/pki.ts';
import { open, refusal } from './opening.ts';

const PASSPHRASE = 'pässword';

describe('openCandidate, of what was made to hurt', () => {
  let pki: TestPki;
  let ec: Minted;
  before(() => {
    pki = createTestPki();
    ec = createAuthority('p-256').ca;
  });

  describe('costs bounded time for', () => {
    const MIB = 1_048_576;
    const wrapped = (content: Buffer) => der(0x30, content);
    const filled = (hex: string, length = MIB - 8) => Buffer.alloc(length).fill(Buffer.from(hex, 'hex'));
    const hostile: readonly [string, () => Uint8Array | string][] = [
      ['half a million values', () => wrapped(filled('0500'))],
      ['half a million levels', () => filled('3080', MIB)],
      ['half a million certificates of nothing', () => pkcs7([filled('3000', MIB - 100)])],
      [
        'certificates alike in their beginning',
        () => pkcs7(Array.from({ length: 100 }, () => der(0x30, filled('0500', 9_000)))),
      ],
      ['labels that say nothing', () => '-----BEGIN PUBLIC KEY-----'.repeat(40_000)],
      ['blocks that hold nothing', () => '-----BEGIN CERTIFICATE-----\n'.repeat(37_000)],
      ['one line', () => 'A'.repeat(MIB)],
      ['dashes', () => '-'.repeat(MIB)],
      ['dashes and letters', () => '-----BEGIN A'.repeat(80_000)],
      ['open brackets', () => '<'.repeat(MIB)],
      ['blanks', () => `<?xml${' '.repeat(MIB - 10)}`],
    ];
    for (const [what, bytes] of hostile) {
      it(what, () => {
        const file = Buffer.from(bytes());
        const before = performance.now();
        refusal(file);
        expect(performance.now() - before).to.be.lessThan(2_000);
      });
    }
  });

  it('takes or refuses 2,000 altered files, and nothing else', () => {
    const seeds = [
      Buffer.from(pki.bundlePem),
      pkcs7([ec.der, pki.intermediate.der]),
      pkcs7([ec.der], { form: BER_FORM }),
      pkcs12({ certificates: [ec.der] }),
      pkcs12({ certificates: [ec.der], form: BER_FORM, passphrase: PASSPHRASE }),
      pkcs12({ certificates: [ec.der], cipher: 'rc2', passphrase: PASSPHRASE }),
      Buffer.from(writePem('PKCS7', pkcs7([ec.der]))),
      ec.der,
    ];
    const random = createRandom(20_261_120);
    let [taken, refused, longest] = [0, 0, 0];
    for (let round = 0; round < 2_000; round += 1) {
      const file = alter(seeds[round % seeds.length] as Buffer, random);
      const before = performance.now();
      try {
        expect(open(file, PASSPHRASE).certificates.length).to.be.greaterThan(0);
        taken += 1;
      } catch (error) {
        if (!(error instanceof RotationError)) throw error;
        refused += 1;
      }
      longest = Math.max(longest, performance.now() - before);
    }
    expect(taken).to.be.greaterThan(10);
    expect(refused).to.be.greaterThan(1_000);
    expect(longest).to.be.lessThan(2_500);
  }).timeout(60_000);
});

/** The same numbers every time. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Bytes changed, taken out, put in, or the end cut off. */
function alter(bytes: Buffer, random: (below: number) => number): Buffer {
  const altered = Buffer.from(bytes);
  switch (random(4)) {
    case 0:
      return altered.subarray(0, random(altered.length));
    case 1: {
      const at = random(altered.length);
      return Buffer.concat([altered.subarray(0, at), altered.subarray(at + 1 + random(8))]);
    }
    case 2: {
      const at = random(altered.length);
      return Buffer.concat([altered.subarray(0, at), Buffer.of(random(256)), altered.subarray(at)]);
    }
    default:
      // Mostly among the headers, where the lengths and the types stand.
      for (let change = 0; change <= random(3); change += 1) {
        altered[random(random(2) === 0 ? altered.length : Math.min(120, altered.length))] = random(256);
      }
      return altered;
  }
}
