/** Every trait of corpus-variation.md has a test named by it: one that is added there is noticed here. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { needsShared } from '../support/needs.ts';

const FOLDER = new URL('.', import.meta.url);

/** What the `it`s of the `traits-*` files are called. */
function testedTraits(): Set<string> {
  const files = readdirSync(FOLDER).filter((name) => /^traits-.*\.test\.ts$/.test(name));
  return new Set(
    files.flatMap((name) =>
      [...readFileSync(new URL(name, FOLDER), 'utf8').matchAll(/^ {2}it\((['"`])(.*?)\1,/gm)].map(
        ([, , title = '']) => title.replaceAll(/\\(.)/g, '$1'),
      ),
    ),
  );
}

/** The first cell of each row under a heading `trait`, the second under `complaint`, and the bold words of a list. */
function listedTraits(paper: string): string[] {
  const traits: string[] = [];
  let column: number | undefined;
  for (const line of paper.split('\n')) {
    const cells = line.startsWith('|')
      ? line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim())
      : undefined;
    if (cells === undefined) {
      column = undefined;
      const [, bold] = /^\* \*\*(.+?)\*\*/.exec(line) ?? [];
      if (bold !== undefined) traits.push(bold);
    } else if (column === undefined) {
      column = Math.max(cells.indexOf('trait'), cells.indexOf('complaint'));
    } else if (column >= 0 && !/^[-:]+$/.test(cells[column] ?? '')) {
      traits.push(cells[column] ?? '');
    }
  }
  return traits;
}

describe('the traits of the corpus', () => {
  it('are all tested', function () {
    const listed = listedTraits(readFileSync(needsShared(this, 'corpus-variation.md'), 'utf8'));
    expect(listed.length).to.be.greaterThan(80);
    const tested = testedTraits();
    expect(listed.filter((trait) => !tested.has(trait))).to.deep.equal([]);
  });
});
