import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openDtd } from '../../src/cli/dtd-judge.ts';
import { StartupError } from '../../src/errors.ts';
import { needsShared } from '../support/needs.ts';

const DTD = `<!ELEMENT order (line+)>
<!ATTLIST order kind (new|update) #REQUIRED>
<!ELEMENT line (PCard?)>
<!ELEMENT PCard EMPTY>
<!ATTLIST PCard number (none) #REQUIRED>`;

async function inFolder<T>(
  files: Readonly<Record<string, string>>,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-dtd-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function judged(document: string) {
  return await inFolder({ 'order.dtd': DTD }, async (folder) => {
    using dtd = await openDtd(join(folder, 'order.dtd'));
    return dtd.judge(document);
  });
}

async function problem(act: Promise<unknown>): Promise<string> {
  try {
    await act;
  } catch (error) {
    if (error instanceof StartupError) return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

describe('the judge by DTD', () => {
  it('has nothing to say of a valid document', async () => {
    expect(await judged('<order kind="new"><line/></order>')).to.deep.equal([]);
  });

  it('notes each fault with its line and path, and refuses nothing', async () => {
    const found = await judged('<order kind="other">\n<line/>\n<strange/></order>');
    expect(found.map(({ id, severity }) => [id, severity])).to.deep.include(['N-DTD-001', 'note']);
    expect(found.every(({ severity }) => severity === 'note')).to.equal(true);
    expect(found.map(({ place }) => [place.line, place.path])).to.deep.include([3, 'order/strange']);
    expect(found.map(({ message }) => message).join()).to.contain('"other"');
  });

  it('repeats no card number', async () => {
    const found = await judged(
      '<order kind="4111 1111 1111 1111"><line><PCard number="371449635398431"/></line></order>',
    );
    expect(found.length).to.be.greaterThan(1);
    expect(JSON.stringify(found)).to.not.match(/4111|3714|8431/);
  });

  it('tells how many faults it leaves out', async () => {
    const found = await judged(`<order kind="new"><line/>${'<strange/>'.repeat(50)}</order>`);
    expect(found).to.have.length(21);
    expect(found.at(-1)?.message).to.match(/in \d+ more places/);
  });

  it('fetches nothing a document names', async () => {
    const document =
      '<!DOCTYPE order SYSTEM "http://127.0.0.1:1/order.dtd"><order kind="new"><line/></order>';
    expect(await judged(document)).to.deep.equal([]);
  });

  it('says which file is no DTD', async () => {
    await inFolder({ 'broken.dtd': '<!ELEMENT order (line' }, async (folder) => {
      expect(await problem(openDtd(join(folder, 'broken.dtd')))).to.match(/broken\.dtd: this is no DTD/);
      expect(await problem(openDtd(join(folder, 'absent.dtd')))).to.match(
        /absent\.dtd: the DTD cannot be read/,
      );
    });
  });

  it('judges a real order by the official DTD', async function () {
    const dtd = needsShared(this, 'cxml-dtd/1.2.071/cXML.dtd');
    const order = needsShared(this, 'corpus/orders/007-anonymizer-minimal.xml');
    using official = await openDtd(dtd);
    const found = official.judge(await readFile(order, 'utf8'));
    expect(found[0]?.place.path).to.match(/^cXML\//);
  });
});
