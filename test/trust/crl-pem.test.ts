import { expect } from 'chai';
import { type EncodedCrl, splitCrls, UnreadableCrlFile } from '../../src/trust/crl-pem.ts';
import { crlPem, mintCrl } from '../support/crl.ts';
import { createTestPki } from '../support/pki.ts';

const pki = createTestPki();
const list = mintCrl({ issuer: pki.intermediate, revoked: ['4abc'] });
const PEM = crlPem(list);

function split(text: string | Buffer): EncodedCrl[] {
  const steps = splitCrls(Buffer.from(text));
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

function refusal(text: string): UnreadableCrlFile {
  try {
    split(text);
  } catch (error) {
    if (error instanceof UnreadableCrlFile) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('splitCrls', () => {
  it('takes DER as it is, and every block of PEM with its line', () => {
    expect(split(list).map(({ der }) => Buffer.from(der).equals(list))).to.deep.equal([true]);
    const both = split(`Last update: today\r\n${PEM.replaceAll('\n', '\r\n')}\n# next\n${PEM}`);
    expect(both.map(({ der }) => Buffer.from(der).equals(list))).to.deep.equal([true, true]);
    const lines = PEM.split('\n').length - 1;
    expect(both.map(({ line }) => line)).to.deep.equal([2, 2 + lines + 2]);
  });

  it('puts a long list together again, in many turns', () => {
    const long = Buffer.from(Array.from({ length: 300_001 }, (_, index) => index % 251));
    const pem = crlPem(long);
    expect(split(pem).map(({ der }) => Buffer.from(der).equals(long))).to.deep.equal([true]);
    expect([...splitCrls(Buffer.from(pem))].length).to.be.greaterThan(5);
  });

  for (const [what, text, line, words] of [
    ['nothing', '\n\n', 1, 'no revocation list'],
    ['a page of HTML', '<!DOCTYPE html>', 1, 'no revocation list'],
    ['a list that is cut off', `\n${PEM.slice(0, -30)}`, 2, 'cut off'],
    ['a certificate', pki.intermediate.pem, 1, 'a CERTIFICATE block'],
    ['a key behind a list', PEM + pki.intermediate.keyPem, PEM.split('\n').length, 'PRIVATE KEY'],
    ['a damaged line', PEM.replace('CRL-----', 'CRL---'), 1, 'damaged BEGIN'],
    ['damaged base64', PEM.replace('\nM', '\n*'), 1, 'not sound base64'],
    ['base64 without its last character', PEM.replace(/.\n-----END/, '\n-----END'), 1, 'not sound base64'],
  ] as const) {
    it(`refuses ${what}, and says where`, () => {
      const refused = refusal(text);
      expect(refused.message).to.include(words);
      expect(refused.line).to.equal(line);
      expect(refused.hint).not.to.equal('');
    });
  }
});
