/** What a pinned issuer might be brought to sign: Coupa's name where the grammar of a certificate has no place for it. */
import { expect } from 'chai';
import forge from 'node-forge';
import { der } from '../support/crl.ts';
import { expectUnharmed, tryToEnter } from '../support/intruder.ts';
import type { MintOrder } from '../support/pki.ts';
import { COUPA_NAME, startTestReceiver, type TestReceiver } from '../support/receiver.ts';

type Tbs = Parameters<NonNullable<MintOrder['tamper']>>[0];

const KEY = { kind: 'p-256', label: 'grammar' } as const;
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const COMMON_NAME = hex('0603550403');
const ORGANISATION = hex('060355040a');
const fieldsOf = (tbs: Tbs): Tbs[] => tbs.value as Tbs[];
const parse = (bytes: Buffer): Tbs => forge.asn1.fromDer(bytes.toString('latin1'));

const text = (tag: number, value = COUPA_NAME): Buffer => der(tag, Buffer.from(value));
const attribute = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const name = (...rdns: readonly Buffer[]): Partial<MintOrder> => ({
  tamper: (tbs) => {
    fieldsOf(tbs)[5] = parse(der(0x30, ...rdns));
  },
});
const commonName = (...parts: readonly Buffer[]): Buffer => der(0x31, attribute(COMMON_NAME, ...parts));
const behind = (...fields: readonly Buffer[]): Partial<MintOrder> => ({
  tamper: (tbs) => {
    fieldsOf(tbs).push(...fields.map(parse));
  },
});
const extension = (oid: string, value: string, critical = false): Partial<MintOrder> => ({
  extensions: [{ oid, critical, hex: value }],
});

const GRAMMAR: Readonly<Record<string, Partial<MintOrder>>> = {
  'a name in pieces': name(
    commonName(der(0x2c, text(0x0c, COUPA_NAME.slice(0, 9)), text(0x0c, COUPA_NAME.slice(9)))),
  ),
  'a name in a list': name(commonName(der(0x30, text(0x0c)))),
  'a name as octets': name(commonName(text(0x04))),
  'a name as a general string': name(commonName(text(0x1b))),
  'a name as videotex': name(commonName(text(0x15))),
  'a name as graphics': name(commonName(text(0x19))),
  'a name with a tag of its context': name(commonName(text(0x80))),
  'a name with two values': name(commonName(text(0x0c), text(0x0c, 'a.example'))),
  'a name without a value': name(commonName()),
  'a name beside an empty part': name(der(0x31), commonName(text(0x0c))),
  'a name in a list and not in a set': name(der(0x30, attribute(COMMON_NAME, text(0x0c)))),
  'a name under an identifier with a leading zero': name(
    der(0x31, attribute(hex('060480550403'), text(0x0c))),
  ),
  'a name under no identifier': name(der(0x31, attribute(text(0x0c), text(0x0c)))),
  'two names in one part, one of them empty': name(
    der(0x31, attribute(COMMON_NAME, text(0x0c)), attribute(COMMON_NAME, text(0x0c, ''))),
  ),
  'a name in a name': name(der(0x31, attribute(ORGANISATION, der(0x30, commonName(text(0x0c)))))),
  'a name that UTF-8 writes too long': name(
    commonName(der(0x0c, Buffer.concat([hex('c1a3'), Buffer.from(COUPA_NAME.slice(1))]))),
  ),
  'extensions twice': behind(der(0xa3, der(0x30))),
  'something behind its extensions': behind(der(0x30)),
  'a unique identifier behind its extensions': behind(der(0x81, hex('00'))),
  'a negative length of path': { ca: undefined, ...extension('2.5.29.19', '30060101000201ff') },
  'two key identifiers of its issuer': {
    withoutKeyIds: true,
    ...extension('2.5.29.35', '3008800201028002010b'),
  },
  'a key usage that is a number': { keyUsage: undefined, ...extension('2.5.29.15', '020101', true) },
  'a key usage of nothing': { keyUsage: undefined, ...extension('2.5.29.15', '030100', true) },
  'constraints for nobody': extension('2.5.29.30', '3000', true),
  'constraints that permit everything': extension('2.5.29.30', '3004a0023000'),
};

describe('a receiver that somebody tries to enter by another grammar', () => {
  let receiver: TestReceiver;
  before(async () => {
    receiver = await startTestReceiver();
  });
  after(() => receiver[Symbol.asyncDispose]());

  for (const [what, change] of Object.entries(GRAMMAR)) {
    it(`keeps out ${what}`, async () => {
      const client = receiver.pki.leaf(COUPA_NAME, { key: KEY, ...change });
      expect(await tryToEnter(receiver, client)).to.not.equal('let in');
    });
  }

  it('was not harmed by any of it', () => expectUnharmed(receiver));
});
