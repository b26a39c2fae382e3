import { expect } from 'chai';
import { parsePemCertificates, writePem } from '../../src/trust/pem.ts';

const DER = Buffer.from('3003020105'.repeat(20), 'hex');
const BLOCK = writePem('CERTIFICATE', DER);

const parse = (text: string | Buffer) => parsePemCertificates(Buffer.from(text));
const problemsOf = (text: string | Buffer) =>
  parse(text).problems.map(({ line, what }) => `${line}: ${what}`);

describe('parsePemCertificates', () => {
  it('reads every block and says where it begins', () => {
    const { blocks, problems } = parse(`${BLOCK}\n# a comment\n${BLOCK}`);
    expect(problems).to.deep.equal([]);
    expect(blocks.map(({ line }) => line)).to.deep.equal([1, 8]);
    expect(Buffer.from(blocks[1]?.der ?? []).equals(DER)).to.equal(true);
  });

  it('takes what editors and openssl put around certificates', () => {
    const printed =
      'Certificate:\n    Data:\n        Serial Number:\n            0a:0b\n        Issuer: CN = Root\n';
    for (const text of [
      `\uFEFF${BLOCK}`,
      BLOCK.replaceAll('\n', '\r\n'),
      printed + BLOCK,
      BLOCK.trimEnd(),
      ` \n${BLOCK}`,
    ]) {
      expect(problemsOf(text), JSON.stringify(text.slice(0, 20))).to.deep.equal([]);
      expect(parse(text).blocks).to.have.length(1);
    }
  });

  it('finds nothing in an empty file', () => {
    expect(parse('')).to.deep.equal({ blocks: [], problems: [] });
  });

  for (const [what, text, problem] of [
    ['a block that is cut off', BLOCK.slice(0, -30), /^1: .*END/],
    ['a block cut off before the next', BLOCK.replace(/-----END.*\n/, '') + BLOCK, /^1: .*no END/],
    ['a block without its BEGIN', BLOCK.replace(/-----BEGIN.*\n/, ''), /base64 outside/],
    ['an END alone', '-----END CERTIFICATE-----\n', /^1: .*without its BEGIN/],
    ['a damaged marker', BLOCK.replace('-----BEGIN', '----BEGIN'), /./],
    ['a marker with a space before it', BLOCK.replace('-----BEGIN', ' -----BEGIN'), /damaged/],
    ['characters that are not base64', BLOCK.replace('MAMC', 'MA*C'), /^1: .*base64/],
    ['base64 with its padding lost', BLOCK.replace('=\n-----END', '\n-----END'), /^1: .*base64/],
    ['an empty block', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n', /^1: .*base64/],
    ['headers inside a block', BLOCK.replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\n'), /^1: .*base64/],
    [
      'a trusted certificate',
      BLOCK.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'),
      /^1: a TRUSTED CERTIFICATE/,
    ],
    ['a revocation list', BLOCK.replaceAll('CERTIFICATE', 'X509 CRL'), /^1: a X509 CRL/],
    ['DER', Buffer.concat([Buffer.from([0x30, 0x82, 0x03, 0x10]), DER]), /^1: this is DER/],
    ['UTF-16', Buffer.from(BLOCK, 'utf16le'), /^1: .*UTF-8/],
  ] as const) {
    it(`refuses ${what}`, () => {
      const found = problemsOf(text);
      expect(found).to.not.have.length(0);
      expect(found[0]).to.match(problem);
    });
  }

  it('names a private key and never quotes it', () => {
    for (const label of ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED PRIVATE KEY']) {
      const key = writePem(label, DER);
      const { problems } = parse(BLOCK + key);
      expect(problems.length, label).to.be.greaterThan(0);
      expect(problems[0]?.what).to.include('PRIVATE KEY');
      const told = JSON.stringify(problems);
      expect(told).to.not.include(key.split('\n')[1]?.slice(0, 16));
    }
  });
});
