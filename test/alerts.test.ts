/** The alerts: each fires when it should, looks at what a receiver really tells, and has its page in the runbook. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse } from 'yaml';
import { mintCrl } from './support/crl.ts';
import { needsTool } from './support/needs.ts';
import { documentSeries } from './support/orders.ts';
import { startTestReceiver } from './support/receiver.ts';

const folder = fileURLToPath(new URL('../deploy/', import.meta.url));
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}
const rules = (parse(read('alerts.yml')) as { groups: readonly { rules: readonly Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
/** A metric with its matchers, as each stands in an expression. */
const selectors = rules.flatMap(({ alert, expr }) =>
  [...expr.matchAll(/\b(sallyport_[a-z0-9_]+)(?:\{([^}]*)\})?/g)].map(([, name = '', matchers = '']) => ({
    alert,
    name,
    matchers: matchers.split(',').filter((each) => each !== ''),
  })),
);

describe('deploy/alerts.yml', () => {
  for (const args of [
    ['check', 'rules', 'alerts.yml'],
    ['check', 'config', 'prometheus.yml'],
    ['test', 'rules', 'alerts.test.yml'],
  ]) {
    it(`passes promtool ${args.join(' ')}`, function () {
      needsTool(this, 'promtool');
      this.timeout(60_000); // it plays hours of samples
      const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
      expect(status, stdout + stderr).to.equal(0);
    });
  }

  it('has a test in which each alert fires, by each severity', () => {
    const tests = read('alerts.test.yml');
    const silent = rules.filter(
      ({ alert, labels }) => !tests.includes(`{alertname="${alert}",severity="${labels.severity}"}`),
    );
    expect(silent.map(({ alert }) => alert)).to.deep.equal([]);
  });

  it('looks at nothing but what a receiver tells', async () => {
    await using receiver = await startTestReceiver(
      { trust: { bundle: 'bundle.pem', crl: 'a.crl' } },
      {
        prepare: async ({ folder: at, pki }) =>
          writeFile(join(at, 'a.crl'), mintCrl({ issuer: pki.intermediate })),
      },
    );
    using buyer = receiver.buyer();
    expect((await buyer.post(documentSeries(1)(1))).http).to.equal(200);
    await using store = await receiver.lookIntoStore();
    expect(await store.listSeenChains()).to.have.length(1);
    const samples = (await (await fetch(`${receiver.adminUrl}/metrics`)).text()).split('\n');
    // Only while somebody is expected to come again is there a time to tell.
    const told = (name: string): boolean => name === 'sallyport_sender_final_attempt_timestamp_seconds';
    const missing = selectors.filter(({ name, matchers }) =>
      told(name)
        ? !samples.some((line) => line.startsWith(`# TYPE ${name} `))
        : !samples.some((line) => isSample(line, name) && matchers.every((each) => line.includes(each))),
    );
    expect(selectors.length).to.be.greaterThan(15);
    expect(missing).to.deep.equal([]);
  });

  it('tells each person what it means, how soon to act, and where to read on', () => {
    for (const { alert, labels, annotations } of rules) {
      expect(labels.severity, alert).to.be.oneOf(['page', 'ticket']);
      expect(Object.keys(annotations), alert).to.deep.equal(['summary', 'description', 'runbook_url']);
      expect(annotations.runbook_url).to.equal(`runbook.md#${alert.toLowerCase()}`);
    }
  });
});

describe('deploy/runbook.md', () => {
  it('has one section for each alert: what it means for orders, and steps', () => {
    const sections = read('runbook.md').split(/^## /m).slice(1);
    const titles = sections.map((section) => section.split('\n')[0]);
    expect(titles.toSorted()).to.deep.equal([...new Set(rules.map(({ alert }) => alert))].toSorted());
    for (const section of sections) expect(section).to.match(/^\*\*Orders:\*\* [\s\S]*^1\. /m);
  });
});

function isSample(line: string, name: string): boolean {
  return line.startsWith(`${name}{`) || line.startsWith(`${name} `);
}
