import { appendFile, chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { type Journal, openJournal } from '../../src/rotation/journal.ts';
import { verifyJournal } from '../../src/rotation/read-journal.ts';
import { lockFile } from '../../src/store/sqlite-file.ts';
import { asNobody, createFolder, facts, journalText, NOW } from './place.ts';

const BROKEN = journalText([{}, {}, {}]).replace('change', 'chance');

function open(path: string): Promise<Journal> {
  return openJournal({ path, now: () => NOW, lock: () => lockFile(path) });
}

describe('openJournal', () => {
  it('makes nothing before the first entry', async () => {
    await using folder = await createFolder();
    const journal = await open(folder.at('state', 'journal.jsonl'));
    expect(journal.entries()).to.deep.equal([]);
    expect(journal.last()).to.equal(undefined);
    expect(journal.verify()).to.include({ intact: true, head: null });
    expect(await readdir(folder.path)).to.deep.equal([]);
  });

  it('opens whatever stands there, and says what is wrong with it', async () => {
    await using folder = await createFolder();
    await writeFile(folder.at('journal.jsonl'), BROKEN);
    const journal = await open(folder.at('journal.jsonl'));
    expect(journal.entries()).to.have.length(3);
    expect(journal.verify().problem?.line).to.equal(1);
  });

  it('refuses a file that cannot be read', async () => {
    await using folder = await createFolder();
    await mkdir(folder.at('journal.jsonl'));
    const error = await open(folder.at('journal.jsonl')).catch((cause: unknown) => cause);
    expect(error).to.have.property('code', 'EISDIR');
  });
});

describe('append', () => {
  it('chains entries in a private file of a private folder', async () => {
    await using folder = await createFolder();
    const path = folder.at('data', 'state', 'journal.jsonl');
    const journal = await open(path);
    const first = await journal.append(facts({ action: 'opened' }));
    const second = await journal.append(facts({ action: 'stage' }));
    expect([first.seq, second.seq]).to.deep.equal([1, 2]);
    expect(first.at).to.equal(NOW.toISOString());
    expect(second.previous).to.equal(first.hash);
    expect(journal.last()).to.deep.equal(second);
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    expect((await stat(folder.at('data', 'state'))).mode & 0o777).to.equal(0o700);
    expect(verifyJournal(await readFile(path))).to.include({ intact: true, entries: 2, head: second.hash });
    expect((await open(path)).entries()).to.deep.equal([first, second]);
  });

  it('keeps the order in which it was asked, also when nobody waits', async () => {
    await using folder = await createFolder();
    const journal = await open(folder.at('journal.jsonl'));
    const entries = await Promise.all(
      Array.from({ length: 20 }, (_, at) => journal.append(facts({ by: `${at}` }))),
    );
    expect(entries.map(({ seq, by }) => [seq, by])).to.deep.equal(
      entries.map((_, at) => [at + 1, String(at)]),
    );
    expect(journal.verify().intact).to.equal(true);
  });

  it('goes on behind what another process has written meanwhile', async () => {
    await using folder = await createFolder();
    const path = folder.at('journal.jsonl');
    const [receiver, command] = [await open(path), await open(path)];
    await receiver.append(facts());
    await command.append(facts({ by: 'command' }));
    expect(receiver.entries()).to.have.length(1);
    await receiver.refresh();
    expect(receiver.last()?.by).to.equal('command');
    expect((await receiver.append(facts())).seq).to.equal(3);
    expect(receiver.verify()).to.include({ intact: true, entries: 3 });
  });

  it('writes nothing while another holds the lock, and works again afterwards', async () => {
    await using folder = await createFolder();
    const path = folder.at('journal.jsonl');
    const journal = await open(path);
    await journal.append(facts());
    const before = await readFile(path);
    {
      using _held = lockFile(path);
      const error = await journal.append(facts()).catch((cause: unknown) => cause);
      expect(error).to.be.instanceOf(Error);
      expect((await readFile(path)).equals(before)).to.equal(true);
    }
    expect((await journal.append(facts())).seq).to.equal(2);
  });

  it('goes on behind damage, and says so once', async () => {
    await using folder = await createFolder();
    await writeFile(folder.at('journal.jsonl'), BROKEN);
    const journal = await open(folder.at('journal.jsonl'));
    const distrust = await journal.append(facts({ action: 'distrust', anchors: ['c'] }));
    await journal.append(facts({ action: 'stage' }));
    const [, , third, told, ...others] = journal.entries();
    expect(told).to.include({ seq: 4, action: 'opened', by: 'sallyport' });
    expect(told?.what.evidence).to.equal('line 1: entry 1 was changed after it was written');
    expect(told?.anchors).to.deep.equal(third?.anchors);
    expect(distrust).to.include({ seq: 5, previous: told?.hash });
    expect(others.map(({ action }) => action)).to.deep.equal(['distrust', 'stage']);
    expect(journal.verify().problems).to.have.length(1);
  });

  it('keeps aside what a crash tore, and goes on from the last whole entry', async () => {
    await using folder = await createFolder();
    const path = folder.at('journal.jsonl');
    const text = journalText([{}, {}]);
    for (const [number, torn] of ['{"seq":3,"at":"20', '{"seq":4}\0\0\0\0'].entries()) {
      await (number === 0 ? writeFile(path, text + torn) : appendFile(path, torn));
      const journal = await open(path);
      expect(journal.verify().problem?.what).to.include('cut off');
      await journal.append(facts());
      expect(await readFile(folder.at(`journal.torn-${number + 1}`), 'utf8')).to.equal(torn);
      expect((await stat(folder.at(`journal.torn-${number + 1}`))).mode & 0o777).to.equal(0o600);
      expect(journal.entries().at(-2)?.what.evidence).to.include(`kept aside as journal.torn-${number + 1}`);
      expect(journal.verify().intact).to.equal(true);
    }
    expect((await open(path)).entries().map(({ action }) => action)).to.deep.equal([
      'promote',
      'promote',
      'opened',
      'promote',
      'opened',
      'promote',
    ]);
  });

  it('tells of what was kept aside by an append that did not come to its end', async () => {
    await using folder = await createFolder();
    await writeFile(folder.at('journal.jsonl'), journalText([{}]));
    await writeFile(folder.at('journal.torn-1'), '{"se');
    const journal = await open(folder.at('journal.jsonl'));
    await journal.append(facts());
    await journal.append(facts());
    expect(journal.entries().map(({ what }) => what.evidence)).to.deep.equal([
      null,
      'kept aside as journal.torn-1',
      null,
      null,
    ]);
  });

  it('puts a lost line end back, and keeps the entry', async () => {
    await using folder = await createFolder();
    await writeFile(folder.at('journal.jsonl'), journalText([{}, { action: 'retire' }]).trimEnd());
    const journal = await open(folder.at('journal.jsonl'));
    await journal.append(facts());
    expect(journal.entries().map(({ action }) => action)).to.deep.equal([
      'promote',
      'retire',
      'opened',
      'promote',
    ]);
    expect(journal.verify().intact).to.equal(true);
  });

  it('does not write through a link', async () => {
    await using folder = await createFolder();
    await writeFile(folder.at('other'), '');
    await symlink(folder.at('other'), folder.at('journal.jsonl'));
    const journal = await open(folder.at('journal.jsonl'));
    const error = await journal.append(facts()).catch((cause: unknown) => cause);
    expect(error).to.have.property('code', 'ELOOP');
    expect(await readFile(folder.at('other'), 'utf8')).to.equal('');
  });

  it('fails, and changes nothing, where it may not write', async () => {
    await using folder = await createFolder();
    const text = journalText([{}, {}]);
    await writeFile(folder.at('journal.jsonl'), `${text}{"torn`);
    await chmod(folder.at('journal.jsonl'), 0o444);
    await chmod(folder.path, 0o555);
    const journal = await openJournal({
      path: folder.at('journal.jsonl'),
      now: () => NOW,
      lock: () => ({ [Symbol.dispose]: () => {} }),
    });
    const error = await asNobody(() => journal.append(facts()).catch((cause: unknown) => cause));
    expect(error).to.have.property('code', 'EACCES');
    expect(await readFile(folder.at('journal.jsonl'), 'utf8')).to.equal(`${text}{"torn`);
    expect(await readdir(folder.path)).to.deep.equal(['journal.jsonl']);
    expect(journal.entries()).to.have.length(2);
  });
});
