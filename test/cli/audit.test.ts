import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { exportAudit, showAudit, verifyAudit } from '../../src/cli/audit.ts';
import { createTerminal, type ExitCode } from '../../src/cli/terminal.ts';
import { StartupError } from '../../src/errors.ts';
import { verifyJournal } from '../../src/rotation/read-journal.ts';
import { journalText } from '../rotation/place.ts';
import { prepareWorkplace } from '../support/receiver.ts';

const TEXT = journalText([
  { action: 'opened', reason: null },
  {
    action: 'stage',
    by: 'anna@host\u001b[31m',
    what: {
      certificates: [{ fingerprint: 'f'.repeat(64), pin: '9f86d081884c', subject: 'CN=G2\u202e' }],
      evidence: '412 handshakes replayed, 0 would be refused',
    },
  },
  { action: 'promote', what: { forced: true } },
]);
const LINES = TEXT.trimEnd().split('\n');
const HEAD = verifyJournal(TEXT).head ?? '';
const BROKEN = TEXT.replace('0 would', '9 would');

interface Outcome {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

type Surroundings = Parameters<typeof showAudit>[1];

/** Runs it beside a configuration whose journal holds `text`; none when left out. */
async function audit(
  text: string | undefined,
  act: (place: { readonly config: string; readonly file: string }, around: Surroundings) => Promise<ExitCode>,
): Promise<Outcome> {
  await using place = await prepareWorkplace({ trust: { bundle: 'bundle.pem', state: 'state' } });
  const file = join(place.folder, 'state', 'journal.jsonl');
  await mkdir(join(place.folder, 'state'));
  if (text !== undefined) await writeFile(file, text);
  const [out, err]: Buffer[][] = [[], []];
  const collect = (into: Buffer[] | undefined) => ({
    write: (chunk: string | Uint8Array) => void into?.push(Buffer.from(chunk)),
  });
  const terminal = createTerminal({ out: collect(out), err: collect(err), env: {}, now: () => 0 });
  const around = { terminal, env: { SALLYPORT_UNSAFE_TESTS: '1' } };
  const code = await act({ config: place.configFile, file }, around);
  return { code, out: Buffer.concat(out ?? []).toString(), err: Buffer.concat(err ?? []).toString() };
}

async function failureOf(outcome: Promise<Outcome>): Promise<StartupError> {
  const error = await outcome.catch((cause: unknown) => cause);
  if (error instanceof StartupError) return error;
  throw new Error(`no StartupError but ${JSON.stringify(error)}`);
}

describe('verifyAudit', () => {
  const verify =
    (options: { json?: boolean; head?: string; excerpt?: boolean } = {}, named = false) =>
    ({ config, file }: { config: string; file: string }, around: Surroundings) =>
      verifyAudit(named ? file : undefined, { config: named ? 'none' : config, ...options }, around);

  it('says that the journal of the configuration is as it was written, and its head', async () => {
    const { code, out, err } = await audit(TEXT, verify());
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
    expect(out).to.include('3 entries').and.include(`head ${HEAD}`);
  });

  it('needs no configuration for a file that is named', async () => {
    expect((await audit(TEXT, verify({}, true))).code).to.equal(0);
  });

  it('names the line that was changed, and what that means', async () => {
    const { code, out, err } = await audit(BROKEN, verify());
    expect({ code, out }).to.deep.equal({ code: 1, out: '' });
    expect(err).to.include('line 2: entry 2 was changed');
    expect(err).to.include('Orders and trust are not touched');
    expect(err).to.match(/\n→ .*trust show\n$/);
  });

  it('tells the same as JSON', async () => {
    const { code, out } = await audit(BROKEN, verify({ json: true }));
    expect(code).to.equal(1);
    expect(JSON.parse(out)).to.deep.include({ intact: false, entries: 3, head: HEAD });
    const good = await audit(TEXT, verify({ json: true, head: HEAD }));
    expect(good.code).to.equal(0);
    expect(JSON.parse(good.out)).to.include({ intact: true, notedEntry: 3 });
  });

  it('shows a cut-off end against a hash that was noted', async () => {
    const cut = `${LINES.slice(0, 2).join('\n')}\n`;
    expect((await audit(cut, verify())).code).to.equal(0);
    const { code, err } = await audit(cut, verify({ head: HEAD }));
    expect(code).to.equal(1);
    expect(err).to.include('cut off, or all of it was written anew');
    const grown = await audit(
      TEXT,
      verify({ head: (verifyJournal(cut).head ?? '').slice(0, 8).toUpperCase() }),
    );
    expect(grown.code).to.equal(0);
    expect(grown.out).to.include('that of entry 2');
  });

  it('takes an excerpt when told so', async () => {
    const excerpt = `${LINES.slice(1).join('\n')}\n`;
    expect((await audit(excerpt, verify())).code).to.equal(1);
    expect((await audit(excerpt, verify({ excerpt: true }))).code).to.equal(0);
  });

  it('cannot say anything of a file that is not there', async () => {
    expect((await failureOf(audit(undefined, verify()))).message).to.include('nothing was recorded yet');
    expect((await failureOf(audit(undefined, verify({}, true)))).message).to.include('there is no journal');
    expect((await failureOf(audit(TEXT, verify({ head: 'xyz' })))).message).to.include('hex');
  });
});

describe('exportAudit', () => {
  const toCopy =
    (since?: string) =>
    ({ config }: { config: string }, around: Surroundings) =>
      exportAudit(since === undefined ? { config } : { config, since }, around);

  it('writes the lines and nothing else, and the head on the other stream', async () => {
    expect(await audit(TEXT, toCopy())).to.deep.equal({ code: 0, out: TEXT, err: `head ${HEAD}\n` });
  });

  it('writes the stretch from a day or an instant on', async () => {
    const later = await audit(TEXT, toCopy('2026-11-21T09:01:00+01:00'));
    expect(later.out).to.equal(`${LINES.slice(1).join('\n')}\n`);
    expect(verifyJournal(later.out, { excerpt: true }).intact).to.equal(true);
    expect((await audit(TEXT, toCopy('2026-11-21'))).out).to.equal(TEXT);
    expect(await audit(TEXT, toCopy('2026-11-22'))).to.deep.equal({
      code: 0,
      out: '',
      err: `head ${HEAD}\n`,
    });
    expect((await failureOf(audit(TEXT, toCopy('yesterday')))).hint).to.include('--since');
  });

  it('hands out a broken journal as it is, and says that it is broken', async () => {
    const { code, out, err } = await audit(`${BROKEN}{"seq":4`, toCopy());
    expect(code).to.equal(1);
    expect(out).to.equal(BROKEN);
    expect(err).to.include('line 2: ').and.include('line 4: cut off').and.include(`head ${HEAD}`);
  });

  it('ends with a line end, though the journal has lost its own', async () => {
    expect((await audit(TEXT.trimEnd(), toCopy())).out).to.equal(TEXT);
  });
});

describe('showAudit', () => {
  const show =
    (json = false) =>
    ({ config }: { config: string }, around: Surroundings) =>
      showAudit({ config, json }, around);

  it('prints JSON of which a terminal does nothing, and a program reads what was written', async () => {
    const by = 'anna\u009b2J\u007f\u202e\u2066';
    const text = journalText([{ action: 'opened', by }]);
    const { out } = await audit(text, ({ config }, around) => showAudit({ config, json: true }, around));
    expect(out).not.to.match(/[\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    expect(JSON.parse(out).entries[0].by).to.equal(by);
  });

  it('lists the newest last, with reason, evidence and what was forced', async () => {
    const { code, out } = await audit(TEXT, show());
    expect(code).to.equal(0);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).to.match(/no\. +when +what +by +in force +about/);
    expect(lines[1]).to.match(/^ +1 +2026-11-21 08:00:00Z +opened +anna@host +2$/);
    expect(lines[2]).to.match(/^ +2 +.* stage +anna@host +2 +9f86d081884c CN=G2$/);
    expect(lines[4]).to.include('412 handshakes replayed');
    expect(lines.slice(5).join('\n')).to.match(/promote.*forced.*reason: Coupa’s yearly change\nhead /s);
  });

  it('prints nothing that could fool a terminal', async () => {
    const { out } = await audit(TEXT, show());
    expect(out).to.not.include('\u001b').and.not.include('\u202e');
  });

  it('shows what there is of a broken one, and that it is broken', async () => {
    const { code, out, err } = await audit(BROKEN, show());
    expect(code).to.equal(1);
    expect(out).to.include('9 would be refused');
    expect(err).to.include('line 2: ');
  });

  it('prints JSON, and says so when nothing was recorded', async () => {
    const { out } = await audit(TEXT, show(true));
    expect(JSON.parse(out).entries.map(({ action }: { action: string }) => action)).to.deep.equal([
      'opened',
      'stage',
      'promote',
    ]);
    expect((await audit('', show())).out).to.equal('nothing was recorded yet\n');
  });
});
