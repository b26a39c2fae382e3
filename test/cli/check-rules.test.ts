import { readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { rulesTable } from '../../src/cli/check-rules.ts';
import { RULES } from '../../src/cxml/check-order.ts';
import { configFolder, ENV, SMALLEST } from '../support/config-folder.ts';
import { sampleDocument } from '../support/orders.ts';
import { createFolder, runSallyport } from '../support/sallyport.ts';

const README = fileURLToPath(new URL('../../README.md', import.meta.url));

describe('sallyport check --rules', () => {
  it('lists every rule with its severity, when it is found, and what to do', async () => {
    const { code, stdout } = await runSallyport(['check', '--rules', '--json']);
    expect(code).to.equal(0);
    const rows: Record<string, string>[] = JSON.parse(stdout);
    const ids = rows.map(({ id }) => id);
    expect(new Set(ids).size).to.equal(ids.length);
    expect(ids).to.include.members([...RULES.map(({ id }) => id), 'W-READER-001', 'N-DTD-001']);
    for (const row of rows) {
      expect(Object.keys(row)).to.deep.equal(['id', 'severity', 'when', 'remedy']);
      expect(row.severity).to.equal(row.id?.startsWith('W') ? 'warning' : 'note');
    }
  });

  it('is for people without --json', async () => {
    const { code, stdout } = await runSallyport(['check', '--rules']);
    expect(code).to.equal(0);
    expect(stdout).to.match(/! W-LINES-001 .*has no lines.*\n +→ Ask the buyer/);
  });

  it('is the table of the README', () => {
    const readme = readFileSync(README, 'utf8');
    const [begin, end] = ['<!-- rules:begin -->\n', '<!-- rules:end -->'];
    const from = readme.indexOf(begin) + begin.length;
    const to = readme.indexOf(end);
    expect(readme.includes(begin) && to >= from).to.equal(true);
    const table = `${rulesTable()}\n`;
    if (process.env.UPDATE_README === '1') {
      writeFileSync(README, readme.slice(0, from) + table + readme.slice(to));
      return;
    }
    expect(readme.slice(from, to)).to.equal(table);
  });
});

describe('sallyport check', () => {
  it('needs a file, when it is not asked for the rules', async () => {
    const { code, stderr } = await runSallyport(['check']);
    expect(code).to.equal(2);
    expect(stderr).to.include('no file is named');
  });

  it('adds what a DTD says after the rest, and refuses nothing for it', async () => {
    await using folder = await createFolder();
    await writeFile(folder.file('c.dtd'), '<!ELEMENT cXML EMPTY>');
    await writeFile(folder.file('order.xml'), sampleDocument({ orderId: '1', quantity: 'some' }));
    const run = ['check', '--dtd', folder.file('c.dtd'), '--json', folder.file('order.xml')];
    const { code, stdout } = await runSallyport(run);
    expect(code).to.equal(0);
    const told: Record<string, string>[] = JSON.parse(stdout).warnings;
    const ids = told.map((each) => each.code);
    expect(ids.indexOf('N-DTD-001')).to.be.greaterThan(ids.lastIndexOf('W-QUANTITY-001'));
    expect(told.at(-1)).to.include.keys('severity', 'message', 'remedy');
  });

  it('takes the DTD and the limits of a configuration', async () => {
    using folder = configFolder();
    folder.write('<!ELEMENT cXML EMPTY>', 'c.dtd');
    const order = folder.write(sampleDocument({ orderId: '1' }), 'order.xml');
    const config = folder.write(`${SMALLEST}check: { dtd: c.dtd }\n`);
    const run = (...more: readonly string[]) => runSallyport(['check', ...more, order], { env: ENV });
    expect((await run('-c', config)).stdout).to.include('N-DTD-001');
    expect((await run()).stdout).to.not.include('N-DTD-001');
    const narrow = folder.write(`${SMALLEST}limits: { xml_depth: 10, body_bytes: 1024 }\n`, 'narrow.yaml');
    const { code, stdout } = await run('-c', narrow);
    expect(code).to.equal(1);
    expect(stdout).to.include('limits.body_bytes');
  });

  it('says so when the DTD cannot be read', async () => {
    const { code, stderr } = await runSallyport(['check', '--dtd', '/nowhere/c.dtd', 'order.xml']);
    expect(code).to.equal(2);
    expect(stderr).to.include('/nowhere/c.dtd');
  });
});
