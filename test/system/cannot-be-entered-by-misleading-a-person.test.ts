/**
 * Refused certificates are read by people, in a log and on a terminal, and may be staged from there. Whatever is written in
 * them, it stays text, on its line, and nobody is let in by it.
 */
import { join } from 'node:path';
import { expect } from 'chai';
import { tryToEnter } from '../support/intruder.ts';
import { knock } from '../support/knock.ts';
import { type Minted, type MintOrder, mint, mintCa } from '../support/pki.ts';
import { COUPA_NAME, startTestReceiver, type TestReceiver } from '../support/receiver.ts';
import { runSallyport } from '../support/sallyport.ts';

const NASTY =
  '\u001b[2J\u001b]0;owned\u0007\r\n{"level":"info","msg":"trust replaced"}\u202egnp\u2028\u0085\u009b31m';
const key = { kind: 'p-256', label: 'misleading' } as const;
/** All that a terminal acts on, but the ends of lines. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ACTS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

const leafOf = (issuer: Minted, change: Partial<MintOrder> = {}): Minted =>
  mint({
    subject: COUPA_NAME,
    issuer,
    key,
    ca: false,
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['clientAuth'],
    ...change,
  });

describe('a person who looks at what was refused', () => {
  let receiver: TestReceiver;
  const sallyport = async (...args: string[]): Promise<string> => {
    const { stdout, stderr } = await runSallyport([...args, '-c', join(receiver.folder, 'sallyport.yaml')], {
      env: { SALLYPORT_UNSAFE_TESTS: '1', NO_COLOR: '1' },
    });
    return stdout + stderr;
  };
  const refusedBy = async (leaf: Minted, ...issuers: Minted[]): Promise<string> => {
    const { detail } = await knock(receiver, leaf, { issuers });
    await using store = await receiver.lookIntoStore();
    const reference = /reference ([0-9a-f]{10})/.exec(detail)?.[1] ?? 'none';
    expect(await store.findRefusedHandshake(reference)).to.include({ reference });
    return reference;
  };
  beforeEach(async () => {
    receiver = await startTestReceiver();
  });
  afterEach(() => receiver[Symbol.asyncDispose]());

  it('is shown every name as harmless text, in the log and on the terminal', async () => {
    const issuer = mintCa(NASTY, { key: { kind: 'p-256', label: 'nasty CA' } });
    const references = [
      await refusedBy(leafOf(issuer), issuer),
      await refusedBy(leafOf(issuer, { subject: NASTY, dns: ['a.example'] }), issuer),
      await refusedBy(leafOf(issuer, { subject: [{ value: COUPA_NAME }, { value: NASTY }] }), issuer),
    ];
    const printed = [await sallyport('trust', 'refused', 'list'), await sallyport('trust', 'show')];
    for (const reference of references) {
      printed.push(await sallyport('trust', 'refused', 'show', reference));
      printed.push(await sallyport('trust', 'stage', '--from-refused', reference));
    }
    for (const text of printed) expect(text).to.not.match(ACTS);
    expect(printed.join()).to.include('\\u{1b}');
    const forged = receiver.logged.filter(({ msg }) => msg === 'trust replaced');
    expect(forged).to.deep.equal([]);
    const lines = receiver.logged.filter(({ msg }) => msg === 'client refused');
    expect(
      JSON.stringify(lines.map(({ findings, issuer: by, names }) => [findings, by, names])),
    ).to.not.match(/\\u00(1b|07|85|9b)|\u202e/);
  });

  it('is told that a staged name proves nothing, sees the fingerprint, and has let nobody in by staging', async () => {
    const twin = mintCa('Test Intermediate A', { key: { kind: 'p-256', label: 'twin' } });
    const leaf = leafOf(twin);
    const reference = await refusedBy(leaf, twin);
    const printed = (await sallyport('trust', 'stage', '--from-refused', reference)).replaceAll(/\s+/g, ' ');
    expect(printed).to.match(/anybody can write any name/);
    expect(printed).to.match(/compare the fingerprint/);
    expect(await tryToEnter(receiver, leaf, { issuers: [twin] })).to.equal('refused');
    expect(receiver.logged.filter(({ msg }) => msg === 'trust replaced')).to.deep.equal([]);
  });

  it('stages nothing that did not sign what was refused, whatever a client sends along', async () => {
    const strangers = ['one', 'two'].map((label) =>
      mintCa(`Stranger ${label}`, { key: { kind: 'p-256', label } }),
    );
    const signer = mintCa('Signer', { key: { kind: 'p-256', label: 'signer' } });
    const reference = await refusedBy(leafOf(signer), ...strangers);
    const printed = await sallyport('trust', 'stage', '--from-refused', reference);
    expect(printed).to.match(/nothing .*has signed its certificate/s);
    expect(await sallyport('trust', 'show')).to.not.include('Stranger');
  });

  it('is not led to let in the name of a stranger that looks like an allowed one', async () => {
    const { pki } = receiver;
    const reference = await refusedBy(pki.leaf(COUPA_NAME.replace('c', '\u0441'), { key }));
    const printed = await sallyport('trust', 'refused', 'show', reference);
    expect(printed).to.include('the common name "\\u{441}xml-supplier');
  });
});
