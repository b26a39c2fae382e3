/** What the demo plays: an order that must be kept, and a client that must not be let in. */
import { readFile } from 'node:fs/promises';
import type { Config } from '../config.ts';
import { writeOrder } from '../cxml/write-order.ts';
import { openStoreReader } from '../store/open-store.ts';
import { createBuyerClient, type Exchange } from './buyer-client.ts';
import { DEMO_BUYER, DEMO_KEY, DEMO_SUPPLIER, type DemoFiles } from './demo-config.ts';
import type { DemoPki } from './demo-pki.ts';
import { describeExchange, formatBytes, formatMs, isDelivered } from './describe-exchange.ts';
import { harmless } from './harmless.ts';
import { sha256 } from './order-json.ts';
import { createOrderNumber } from './plan-posts.ts';
import { describeFinding, describeOrder } from './print-order.ts';
import { readDocument } from './read-document.ts';
import { createSampleOrder } from './sample-order.ts';
import type { Terminal } from './terminal.ts';

interface Receiver {
  readonly url: string;
  readonly adminUrl: string;
}

/** @returns whether the order was answered 200 and stands in the store with the bytes that were sent */
export async function playExchange({
  pki,
  files,
  config,
  receiver,
  terminal,
  now,
}: {
  readonly pki: DemoPki;
  readonly files: DemoFiles;
  readonly config: Config;
  readonly receiver: Receiver;
  readonly terminal: Terminal;
  readonly now: () => Date;
}): Promise<boolean> {
  const { print, mark, bold, dim } = terminal;
  const at = now();
  const orderId = createOrderNumber(at, 0);
  const sample = createSampleOrder({
    orderId,
    type: 'new',
    at,
    from: DEMO_BUYER,
    to: DEMO_SUPPLIER,
    secret: files.secret,
  });
  const bytes = new TextEncoder().encode(writeOrder(sample));
  print(
    bold('One order, as Coupa sends it'),
    `  ${dim('→')} POST ${receiver.url}, ${formatBytes(bytes.byteLength)}, payloadID ${sample.payloadId}`,
  );
  const exchange = await postAs(pki.clientChain, pki.clientKey, { pki, receiver, bytes });
  const stages = await readStages(receiver.adminUrl);
  print(
    `  ${mark.yes} TLS       ${exchange.tls}, client certificate shown ${dim(formatMs(exchange.handshakeMs))}`,
  );
  const kept = await findKept(config, orderId, bytes);
  if (kept !== undefined) {
    const { peer, hash, same, findings, order } = kept;
    print(
      `  ${mark.yes} gate      let in ${bold(harmless(peer.name))}, certificate sha256 ${peer.fingerprint.slice(0, 16)}…`,
      `  ${mark.yes} read      ${order.lines.length} lines, ${findings.length} findings ${dim(stages('parse', 'validate'))}`,
      `  ${same ? mark.yes : mark.no} kept      sha256 ${hash.slice(0, 16)}…, ${same ? 'the bytes that were sent' : 'NOT the bytes that were sent'} ${dim(stages('store'))}`,
    );
  } else {
    print(`  ${mark.no} kept      the store does not have it`);
  }
  // The first line of the description is TLS, which was told above.
  print(...describeExchange(exchange, orderId, terminal).slice(1), '');
  if (kept !== undefined) {
    print(
      bold('The order as it was read'),
      ...describeOrder(kept.order, terminal).map((line) => `  ${line}`.trimEnd()),
    );
    print(...kept.findings.flatMap((finding) => describeFinding(finding, terminal)));
    print('');
  }
  return kept?.same === true && isDelivered(exchange);
}

/** A client that is not Coupa, with a certificate that the bundle does not vouch for. @returns whether it was refused */
export async function playStranger({
  pki,
  receiver,
  terminal: { print, mark, bold },
}: {
  readonly pki: DemoPki;
  readonly receiver: Receiver;
  readonly terminal: Terminal;
}): Promise<boolean> {
  print(bold('The same order from somebody else'));
  const bytes = new TextEncoder().encode('<cXML/>');
  const { http, status, failure } = await postAs(pki.serverChain, pki.serverKey, { pki, receiver, bytes });
  const refused = failure !== undefined || (http !== 200 && status?.code !== 200);
  const told =
    failure === undefined
      ? `HTTP ${http}, Status ${status?.code ?? 'none'} ${harmless(status?.text ?? '')}`
      : harmless(failure.message);
  print(`  ${refused ? mark.yes : mark.no} ${refused ? 'refused at the gate' : 'LET IN'}: ${told}`);
  if (status?.detail) print(`      ${harmless(status.detail)}`);
  return refused;
}

async function postAs(
  certFile: string,
  keyFile: string,
  {
    pki,
    receiver,
    bytes,
  }: { readonly pki: DemoPki; readonly receiver: Receiver; readonly bytes: Uint8Array },
): Promise<Exchange> {
  const [cert, key, ca] = await Promise.all([certFile, keyFile, pki.serverCa].map((file) => readFile(file)));
  using client = createBuyerClient({ url: new URL(receiver.url), identity: { cert, key, ca } });
  return await client.post(bytes);
}

async function findKept({ store: { url } }: Config, orderId: string, bytes: Uint8Array) {
  await using store = await openStoreReader({ url });
  const [detail] = await store.findOrders({ orderId, buyer: DEMO_KEY });
  const summary = detail?.messages.at(-1);
  if (summary === undefined) return undefined;
  const stored = await store.readMessage(summary.id);
  if (stored === undefined) return undefined;
  const { order, findings } = readDocument(stored.bytes);
  if (order === undefined) return undefined;
  return {
    order,
    findings,
    hash: summary.sha256,
    peer: { name: summary.peerName, fingerprint: summary.peerFingerprint },
    same: Buffer.compare(stored.bytes, bytes) === 0 && sha256(stored.bytes) === summary.sha256,
  };
}

/** Since the start only this one order went through, so the sums of the stages are its times. */
async function readStages(adminUrl: string): Promise<(...stages: readonly string[]) => string> {
  const text = await fetch(`${adminUrl}/metrics`).then(
    (answer) => answer.text(),
    () => '',
  );
  return (...stages) => {
    const seconds = stages.map((stage) => {
      const line = new RegExp(`_stage_duration_seconds_sum\\{[^}]*stage="${stage}"[^}]*\\} (\\S+)`).exec(
        text,
      );
      return Number(line?.[1] ?? Number.NaN);
    });
    const sum = seconds.reduce((total, each) => total + each, 0);
    return Number.isNaN(sum) ? '' : formatMs(sum * 1_000);
  };
}
