import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openJournal } from '../../src/rotation/journal.ts';
import { verifyJournal } from '../../src/rotation/read-journal.ts';
import { lockFile } from '../../src/store/sqlite-file.ts';
import { startChild } from '../store/child.ts';
import { needsTool } from '../support/needs.ts';
import { createFolder, facts, NOW } from './place.ts';

const PROGRAM = fileURLToPath(new URL('./programs/append-entries.ts', import.meta.url));

function open(path: string) {
  return openJournal({ path, now: () => NOW, lock: () => lockFile(path) });
}

describe('a journal whose process dies', function () {
  this.timeout(120_000);

  it('has every entry that was acknowledged, opens, and goes on', async () => {
    await using folder = await createFolder();
    const path = folder.at('journal.jsonl');
    const acknowledged: string[] = [];
    for (let round = 1; round <= 6; round += 1) {
      await using child = startChild(process.execPath, [PROGRAM, path, `round${round}`]);
      const killAfter = 1 + Math.floor(Math.random() * 12);
      for (
        let line = await child.line(), mine = 1;
        line !== undefined;
        line = await child.line(), mine += 1
      ) {
        acknowledged.push(line);
        if (mine === killAfter) void child.kill(); // and read on: what it said before it died counts
      }
    }
    const journal = await open(path);
    await journal.append(facts());
    const found = journal.entries().map(({ by }) => by);
    expect(acknowledged.filter((each) => !found.includes(each))).to.deep.equal([]);
    expect(acknowledged).to.have.length.greaterThan(5);
    expect(journal.verify().problems).to.deep.equal([]);
  });

  it('stays one chain when two processes append at once', async () => {
    await using folder = await createFolder();
    const path = folder.at('journal.jsonl');
    await using one = startChild(process.execPath, [PROGRAM, path, 'one']);
    await using other = startChild(process.execPath, [PROGRAM, path, 'other']);
    const take = async (child: typeof one): Promise<string[]> => {
      const lines: string[] = [];
      while (lines.length < 10) lines.push((await child.line()) ?? 'ended');
      return lines;
    };
    const acknowledged = (await Promise.all([take(one), take(other)])).flat();
    await Promise.all([one.kill(), other.kill()]);
    const journal = await open(path);
    await journal.append(facts());
    expect(journal.verify().problems).to.deep.equal([]);
    expect(journal.entries().map(({ by }) => by)).to.include.members(acknowledged);
  });
});

describe('a journal whose disk is full', function () {
  this.timeout(60_000);

  it('refuses the entry that does not fit, and is as it was before', async function () {
    needsTool(this, 'prlimit');
    await using folder = await createFolder();
    const path = folder.at('journal.jsonl');
    // The lock is a file of its own, small enough for this limit.
    const args = ['--fsize=30000', process.execPath, PROGRAM, path, 'full'];
    await using child = startChild('prlimit', args);
    const lines: string[] = [];
    for (let line = await child.line(); line !== undefined; line = await child.line()) lines.push(line);
    expect(lines.pop()).to.match(/^failed E(FBIG|NOSPC)$/);
    const text = await readFile(path);
    expect(verifyJournal(text)).to.include({ intact: true, entries: lines.length });
    expect(lines.length).to.be.greaterThan(5);
    const journal = await open(path);
    expect((await journal.append(facts())).seq).to.equal(lines.length + 1);
  });
});
