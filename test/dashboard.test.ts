/** The dashboard: each panel asks a real Prometheus something that it understands, and gets an answer of a real receiver. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createBuyer } from './support/buyer.ts';
import { needsTool } from './support/needs.ts';
import { sampleDocument } from './support/orders.ts';
import { COUPA_NAME, startTestReceiver, type TestReceiver } from './support/receiver.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}
interface Dashboard {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

const file = fileURLToPath(new URL('../deploy/dashboard.json', import.meta.url));
const { panels, annotations } = JSON.parse(readFileSync(file, 'utf8')) as Dashboard;
const asking = panels.filter(({ type }) => type !== 'row');

describe('deploy/dashboard.json', () => {
  it('lays every panel on a place of its own, within the width of a screen', () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      expect(gridPos.x + gridPos.w, title).to.be.at.most(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.get(`${x},${y}`), `${title} lies on another panel`).to.equal(undefined);
          taken.set(`${x},${y}`, title);
        }
      }
    }
    expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length);
  });

  it('says of every panel what it means, and starts with whether orders are safe', () => {
    for (const { title, description } of asking) expect(description, title).to.match(/\.$/);
    const [first, ...rest] = panels;
    expect(first).to.include({ type: 'row', title: 'Are purchase orders safe?' });
    const top = rest.slice(
      0,
      rest.findIndex(({ type }) => type === 'row'),
    );
    expect(top.map(({ type }) => type)).to.deep.equal(Array(6).fill('stat'));
  });

  it('asks what Prometheus understands, and is answered for every panel', async function () {
    needsTool(this, 'prometheus');
    this.timeout(120_000);
    await using receiver = await startTestReceiver();
    await using prometheus = await startPrometheus(receiver.adminUrl);
    await prometheus.scraped(2);
    await makeTraffic(receiver);
    await prometheus.scraped(3);
    const silent: string[] = [];
    for (const { title, targets = [] } of asking) {
      for (const { expr } of targets) if ((await prometheus.ask(expr)).length === 0) silent.push(title);
    }
    expect(silent).to.deep.equal([]);
    for (const { expr } of annotations.list) await prometheus.ask(expr);
  });
});

/** Something for every panel: taken, sent again, refused, odd, and at the wrong door. */
async function makeTraffic(receiver: TestReceiver): Promise<void> {
  using buyer = receiver.buyer();
  using stranger = receiver.buyer({ name: 'somebody.example' });
  const order = (orderId: string): string => sampleDocument({ orderId, payloadId: orderId });
  for (const id of ['1', '2', '2']) expect((await buyer.post(order(id))).code).to.equal(200);
  expect((await buyer.post(order('3').replace('quantity="4"', 'quantity="0"'))).code).to.equal(200);
  expect((await buyer.post('<cXML')).code).to.equal(406);
  expect((await stranger.post(order('4'))).code).to.equal(403);
  const { url, pki } = receiver;
  const expired = pki.client(COUPA_NAME, { notAfter: new Date(Date.now() - 1_000) });
  using late = createBuyer({ url, ca: pki.server.cert, ...expired });
  expect((await late.post('<cXML/>')).code, 'a near miss').to.equal(560);
}

interface Prometheus extends AsyncDisposable {
  /** The samples that answer; throws with what Prometheus says of an expression it does not understand. */
  ask(expr: string): Promise<readonly unknown[]>;
  /** Resolves after so many scrapes more. */
  scraped(times: number): Promise<void>;
}

async function startPrometheus(adminUrl: string): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  const target = new URL(adminUrl).host;
  await writeFile(
    config,
    `global: { scrape_interval: 1s }\nscrape_configs: [{ job_name: sallyport, static_configs: [{ targets: ["${target}"] }] }]\n`,
  );
  const port = await freePort();
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => void said.push(chunk.toString()));
  const ask = async (expr: string): Promise<readonly unknown[]> => {
    const query = encodeURIComponent(expr.replaceAll('$instance', '.*'));
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${query}`);
    const { status, error, data } = (await response.json()) as {
      readonly status: string;
      readonly error?: string;
      readonly data?: { readonly result: readonly unknown[] };
    };
    if (status !== 'success') throw new Error(`${expr}: ${error}`);
    return data?.result ?? [];
  };
  const count = async (): Promise<number> => {
    const [found] = (await ask('count_over_time(up{job="sallyport"}[1h])').catch(() => [])) as readonly {
      readonly value: readonly [number, string];
    }[];
    return Number(found?.value[1] ?? 0);
  };
  return {
    ask,
    async scraped(times) {
      const from = await count();
      while ((await count()) < from + times) {
        if (child.exitCode !== null) throw new Error(`Prometheus ended: ${said.join('')}`);
        await pause(200);
      }
    },
    async [Symbol.asyncDispose]() {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** It cannot be told to take any: it would not say which. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
