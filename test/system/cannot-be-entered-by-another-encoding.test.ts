/**
 * Certificates whose bytes were changed after they were signed, by a thief who was thrown out or by a forger; and oddities
 * that a careless CA might sign, about which two readers could differ.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import forge from 'node-forge';
import { readChildren, readDer } from '../../src/trust/der.ts';
import { createAuthority } from '../support/authority.ts';
import { der } from '../support/crl.ts';
import { expectUnharmed, THIEF, tryToEnter } from '../support/intruder.ts';
import { spkiOf } from '../support/judging.ts';
import { type Minted, type MintOrder, mintCa, toPem } from '../support/pki.ts';
import { COUPA_NAME, startTestReceiver, type TestReceiver } from '../support/receiver.ts';

type Tbs = Parameters<NonNullable<MintOrder['tamper']>>[0];

interface Parts {
  readonly tbs: Uint8Array;
  readonly algorithm: Uint8Array;
  readonly signature: Uint8Array;
}

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const ECDSA_SHA256 = hex('300a06082a8648ce3d040302');
const ec = createAuthority('p-256');
const bits = (signature: Uint8Array, unused = 0): Buffer => der(0x03, Buffer.of(unused), signature);
const whole = ({ tbs, algorithm, signature }: Parts): Buffer => der(0x30, tbs, algorithm, signature);

function partsOf(minted: Minted): Parts {
  const [tbs, algorithm, signature] = readChildren(readDer(minted.der)).map(({ raw }) => raw);
  if (tbs === undefined || algorithm === undefined || signature === undefined)
    throw new Error('no certificate');
  return { tbs, algorithm, signature };
}

/** A value with its length one byte longer than it has to be: BER, and no DER. */
function longer(value: Uint8Array): Buffer {
  const { tag, content } = readDer(value);
  const { length } = content;
  return Buffer.concat([Buffer.of(tag, 0x83, length >> 16, (length >> 8) & 255, length & 255), content]);
}

const endless = (value: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(value[0] ?? 0x30, 0x80), readDer(value).content, Buffer.of(0, 0)]);

/** Of an ECDSA signature the other one that is as good: s becomes n - s. */
function mirrored({ signature, ...rest }: Parts): Buffer {
  const [r, s] = readChildren(readDer(readDer(signature).content.subarray(1)));
  if (r === undefined || s === undefined) throw new Error('no ECDSA signature');
  const other = P256_ORDER - BigInt(`0x${Buffer.from(s.content).toString('hex')}`);
  const digits = other.toString(16).padStart(64, '0');
  const bytes = hex((digits[0] ?? '0') >= '8' ? `00${digits}` : digits.replace(/^(00)+(?=[0-7])/, ''));
  return whole({ ...rest, signature: bits(der(0x30, r.raw, der(0x02, bytes))) });
}

/** The same certificate for whoever reads loosely. */
const REWRITTEN: Readonly<Record<string, (minted: Minted) => Buffer>> = {
  'as it is': (minted) => minted.der,
  'with the other signature that is as good': (minted) => mirrored(partsOf(minted)),
  'with a longer length': (minted) => longer(minted.der),
  'without a length': (minted) => endless(minted.der),
  'with a longer length of its algorithm': (minted) => {
    const parts = partsOf(minted);
    return whole({ ...parts, algorithm: longer(parts.algorithm) });
  },
  'with a parameter behind its algorithm': (minted) =>
    whole({ ...partsOf(minted), algorithm: hex('300c06082a8648ce3d0403020500') }),
  'with a longer length of its signature': (minted) => {
    const parts = partsOf(minted);
    return whole({ ...parts, signature: longer(parts.signature) });
  },
  'with bytes behind its signature': (minted) => {
    const parts = partsOf(minted);
    return whole({ ...parts, signature: Buffer.concat([parts.signature, hex('0500')]) });
  },
  'with bytes behind it': (minted) => Buffer.concat([minted.der, hex('0500')]),
  'with longer fields': (minted) => {
    const parts = partsOf(minted);
    return whole({ ...parts, tbs: longer(parts.tbs) });
  },
};

const SIGNATURES: Readonly<Record<string, Buffer>> = {
  'of nothing': bits(Buffer.alloc(0)),
  'of zeros': bits(der(0x30, hex('020100020100'))),
  'of ones': bits(der(0x30, hex('020101020101'))),
  'of the order': bits(der(0x30, hex('020101'), der(0x02, hex(`00${P256_ORDER.toString(16)}`)))),
  'of negative numbers': bits(der(0x30, hex('0201ff0201ff'))),
  'that is a NULL': bits(hex('0500')),
  'for Ed25519, of zeros': bits(Buffer.alloc(64)),
};
const ALGORITHMS: Readonly<Record<string, Buffer>> = {
  'ECDSA with SHA-256': ECDSA_SHA256,
  'RSA with SHA-256': hex('300d06092a864886f70d01010b0500'),
  'RSA with MD2': hex('300d06092a864886f70d0101020500'),
  'RSA without a hash': hex('300d06092a864886f70d0101010500'),
  Ed25519: hex('300506032b6570'),
  'PSS without parameters': hex('300b06092a864886f70d01010a'),
};

const fieldsOf = (tbs: Tbs): Tbs[] => tbs.value as Tbs[];
const fromHex = (text: string): Tbs => forge.asn1.fromDer(forge.util.hexToBytes(text));
const setField = (index: number, text: string) => (tbs: Tbs) => {
  fieldsOf(tbs)[index] = fromHex(text);
};
const times = (from: string, to: string) => (tbs: Tbs) => {
  const time = (text: string): string =>
    der(text.length > 13 ? 0x18 : 0x17, Buffer.from(text)).toString('hex');
  fieldsOf(tbs)[4] = fromHex(der(0x30, hex(time(from)), hex(time(to))).toString('hex'));
};
const extension = (oid: string, text: string, critical = true): Partial<MintOrder> => ({
  extensions: [{ oid, critical, hex: text }],
});

/** What a careless CA might have signed, in Coupa's name. */
const ODD: Readonly<Record<string, Partial<MintOrder>>> = {
  'a negative serial number': { tamper: setField(1, '0201ff') },
  'a serial number of 40 bytes': { serial: `4${'0'.repeat(79)}` },
  'a time with a zone': { tamper: times('20250101000000+0100', '20990101000000+0100') },
  'a time with a fraction': { tamper: times('20250101000000.5Z', '20990101000000.5Z') },
  'a time without seconds': { tamper: times('2501010000Z', '4901010000Z') },
  'an end before its beginning': { tamper: times('20990101000000Z', '20250101000000Z') },
  'an end in 1950, of two digits': { tamper: times('490101000000Z', '500101000000Z') },
  'no version': { tamper: (tbs) => void fieldsOf(tbs).shift() },
  'a version of tomorrow': { tamper: setField(0, 'a003020103') },
  'constraints that say CA, and nothing else does': {
    ca: undefined,
    ...extension('2.5.29.19', '30030101ff'),
  },
  'constraints that say CA loosely': { ca: undefined, ...extension('2.5.29.19', '3003010101') },
  'a usage that is a list of nothing': { extendedKeyUsage: undefined, ...extension('2.5.29.37', '3000') },
  'a usage with bytes behind it': {
    extendedKeyUsage: undefined,
    ...extension('2.5.29.37', '300a06082b060105050703020500'),
  },
  'a usage with a number of 60 bytes': {
    extendedKeyUsage: undefined,
    ...extension(
      '2.5.29.37',
      der(0x30, der(0x06, Buffer.concat([Buffer.alloc(60, 0x81), Buffer.of(1)]))).toString('hex'),
    ),
  },
  'one unknown critical extension twice': {
    extensions: [1, 2].map(() => ({ oid: '1.2.3.4', critical: true, hex: '0500' })),
  },
};

describe('a receiver that somebody tries to enter by another encoding', () => {
  let receiver: TestReceiver;
  const denied = { kind: 'p-256', label: 'denied' } as const;
  const thrownOut = ec.leaf({ key: denied, serial: '4abc' });
  before(async () => {
    const trust = {
      bundle: 'both.pem',
      deny: [{ serial: '4abc' }, { spki: spkiOf(mintCa('x', { key: THIEF })) }],
    };
    receiver = await startTestReceiver(
      { trust },
      { prepare: ({ folder, pki }) => writeFile(join(folder, 'both.pem'), pki.bundlePem + ec.ca.pem) },
    );
  });
  after(() => receiver[Symbol.asyncDispose]());

  for (const [how, rewrite] of Object.entries(REWRITTEN)) {
    it(`keeps out whom it has thrown out, written ${how}`, async () => {
      const outcome = await tryToEnter(receiver, { ...thrownOut, pem: toPem(rewrite(thrownOut)) });
      expect(outcome).to.not.equal('let in');
    });
  }

  for (const [what, signature] of Object.entries(SIGNATURES)) {
    it(`keeps out a signature ${what}`, async () => {
      const forged = partsOf(ec.leaf({ key: { kind: 'p-256', label: 'own' } }));
      for (const algorithm of Object.values(ALGORITHMS)) {
        const pem = toPem(whole({ ...forged, signature, algorithm }));
        const outcome = await tryToEnter(receiver, { pem, keyPem: keyOf('own') });
        expect(outcome).to.not.equal('let in');
      }
    });
  }

  for (const [what, change] of Object.entries(ODD)) {
    it(`keeps out ${what}`, async () => {
      const key = { kind: 'p-256', label: 'odd' } as const;
      const outcomes = [
        await tryToEnter(receiver, ec.leaf({ key, ...change })),
        await tryToEnter(receiver, receiver.pki.leaf(COUPA_NAME, { key, ...change })),
      ];
      expect(outcomes).to.not.include('let in');
    });
  }

  it('was not harmed by any of it', () => expectUnharmed(receiver));
});

function keyOf(label: string): string {
  return ec.leaf({ key: { kind: 'p-256', label } }).keyPem;
}
