import { expect } from 'chai';
import fc from 'fast-check';
import { appendCertificates, cutCertificates, writeCertificate } from '../../src/rotation/bundle-text.ts';
import { parsePemCertificates } from '../../src/trust/pem.ts';
import { mintAuthority } from './authorities.ts';

const cut = (text: string | Buffer, ...unwanted: readonly { readonly certificate: Written }[]) => {
  const result = cutCertificates(
    Buffer.from(text),
    unwanted.map(({ certificate }) => certificate),
  );
  return { ...result, text: result.text.toString('latin1') };
};
type Written = Parameters<typeof cutCertificates>[1][number];

describe('cutCertificates', () => {
  const [a, b, c] = [mintAuthority('A'), mintAuthority('B'), mintAuthority('C')];

  it('takes out exactly one block and leaves every other byte', () => {
    const text = `# first\n${a.pem}\n# between\n${b.pem}# last`;
    expect(cut(text, a)).to.deep.equal({ text: `# first\n\n# between\n${b.pem}# last`, left: 1 });
    expect(cut(text, b)).to.deep.equal({ text: `# first\n${a.pem}\n# between\n# last`, left: 1 });
    expect(cut(text, a, b)).to.deep.equal({ text: '# first\n\n# between\n# last', left: 0 });
    expect(cut(text, c)).to.deep.equal({ text, left: 2 });
  });

  it('keeps to the line ends of the file, none at its end among them', () => {
    const text = `${a.pem}${b.pem}`.replaceAll('\n', '\r\n').trimEnd();
    expect(cut(text, a).text).to.equal(b.pem.replaceAll('\n', '\r\n').trimEnd());
    expect(cut(text, b).text).to.equal(a.pem.replaceAll('\n', '\r\n'));
    const old = `${a.pem}${b.pem}`.replaceAll('\n', '\r');
    expect(cut(old, a).text).to.equal(b.pem.replaceAll('\n', '\r'));
  });

  it('keeps bytes that are no UTF-8, and the mark at the start of a file', () => {
    const latin = Buffer.concat([Buffer.from('# M\xfcnchen\n', 'latin1'), Buffer.from(a.pem + b.pem)]);
    expect(cut(latin, a).text).to.equal(`# M\xfcnchen\n${b.pem}`);
    expect(cut(`\uFEFF${a.pem}${b.pem}`, a).text).to.equal(`\xef\xbb\xbf${b.pem}`);
  });

  it('finds it with blanks behind its lines, and every time that it stands there', () => {
    const odd = a.pem.replaceAll('-----\n', '----- \t\n');
    expect(cut(`${odd}${b.pem}${a.pem}`, a)).to.deep.equal({ text: b.pem, left: 1 });
  });

  it('undoes what was appended, and leaves a comment that is not ours', () => {
    const before = Buffer.from(`# ours for years\n${a.pem}`);
    const after = appendCertificates(before, [b.certificate, c.certificate]);
    expect(parsePemCertificates(after)).to.deep.include({ problems: [] });
    expect(cut(after, b, c)).to.deep.equal({ text: before.toString(), left: 1 });
    expect(cut(before, a).text).to.equal('# ours for years\n');
  });

  it('leaves what is left readable, whatever is taken out of whatever order', () => {
    const all = [a, b, c];
    const pieces = fc.array(
      fc.oneof(fc.constantFrom(a.pem, b.pem, c.pem), fc.constantFrom('#\n', '\n', 'x y\n')),
    );
    fc.assert(
      fc.property(pieces, fc.subarray(all), fc.boolean(), (parts, unwanted, dos) => {
        const text = dos ? parts.join('').replaceAll('\n', '\r\n') : parts.join('');
        const kept = parts.filter((part) => unwanted.every(({ pem }) => pem !== part)).join('');
        const result = cut(text, ...unwanted);
        expect(result.text).to.equal(dos ? kept.replaceAll('\n', '\r\n') : kept);
        expect(parsePemCertificates(Buffer.from(result.text)).blocks).to.have.length(result.left);
      }),
    );
  });
});

describe('appendCertificates', () => {
  const [a, b] = [mintAuthority('A'), mintAuthority('B')];

  it('ends a last line that has no end, with the line ends of the file', () => {
    const text = appendCertificates(Buffer.from(a.pem.trimEnd()), [b.certificate]).toString();
    expect(text).to.equal(a.pem + writeCertificate(b.certificate));
    const dos = a.pem.replaceAll('\n', '\r\n');
    expect(appendCertificates(Buffer.from(dos), [b.certificate]).toString()).to.equal(
      dos + writeCertificate(b.certificate).replaceAll('\n', '\r\n'),
    );
  });

  it('says above it whose it is and how long it lasts', () => {
    expect(writeCertificate(b.certificate).split('\n')[0]).to.match(
      /^# O=Sallyport tests, CN=B, valid \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d, SHA-256 [0-9a-f]{64}$/,
    );
  });

  it('does not let a name break the file', () => {
    for (const name of [
      '-----BEGIN CERTIFICATE-----',
      'a\n-----END CERTIFICATE-----\nb',
      `${'M'.repeat(70)}`,
    ]) {
      const evil = mintAuthority(name, { key: { kind: 'p-256', label: 'evil' } });
      const { blocks, problems } = parsePemCertificates(
        appendCertificates(Buffer.from(a.pem), [evil.certificate]),
      );
      expect(problems, name).to.deep.equal([]);
      expect(blocks).to.have.length(2);
    }
  });
});
