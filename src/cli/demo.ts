/** One order through real mutual TLS, from making the certificates to reading it back; then keeps serving. */
import { basename, join, relative } from 'node:path';
import { loadConfig } from '../config-file.ts';
import { codeOf, StartupError } from '../errors.ts';
import { startReceiver } from '../receiver.ts';
import { createLog } from '../telemetry/log.ts';
import { type DemoFiles, prepareFolder, writeDemoConfig } from './demo-config.ts';
import { playExchange, playStranger } from './demo-exchange.ts';
import { createDemoLog } from './demo-log.ts';
import { createDemoPki, type DemoPki } from './demo-pki.ts';
import { formatMs } from './describe-exchange.ts';
import type { ExitCode, Terminal, TimedSurroundings } from './terminal.ts';
import { waitForStop } from './wait-for-stop.ts';

interface Options {
  readonly once?: boolean;
  readonly port: number;
  readonly adminPort: number;
  readonly dir: string;
}

/** @returns 0 only if the order was kept, byte for byte, and answered 200 */
export async function demo(
  { once = false, port, adminPort, dir }: Options,
  { terminal, now, env }: TimedSurroundings,
): Promise<ExitCode> {
  const { print, mark, bold, yellow, dim } = terminal;
  using stop = waitForStop(() => process.exit(1));
  print(bold('Sallyport demo'), yellow('demo PKI, not for production: nothing here protects anything'), '');
  await prepareFolder(dir);
  const startedAt = performance.now();
  const pki = await createDemoPki(dir, now());
  const madeMs = formatMs(performance.now() - startedAt);
  const until = pki.notAfter.toISOString().slice(0, 10);
  print(
    pki.isNew
      ? `${mark.yes} certificates made in ${dir}: root, intermediate, server, client ${dim(madeMs)}`
      : `${mark.yes} certificates of an earlier run in ${dir}, good until ${until} ${dim(madeMs)}`,
  );
  const files = await writeDemoConfig({ dir, pki, port, adminPort });
  const config = await loadConfig(files.config, env);
  const log = createDemoLog(join(dir, 'demo.log'), terminal);
  const openedAt = performance.now();
  await using receiver = await startReceiver({
    config,
    log: createLog({ level: 'info', destination: log.destination }),
  }).catch((error: unknown) => {
    throw explainPort(error);
  });
  print(
    `${mark.yes} receiving on ${bold(receiver.url)}, pinned to the demo intermediate alone ${dim(formatMs(performance.now() - openedAt))}`,
    `${mark.yes} admin on ${receiver.adminUrl}: /metrics, /livez, /readyz`,
    '',
  );
  const good = await playExchange({ pki, files, config, receiver, terminal, now });
  const refused = await playStranger({ pki, receiver, terminal });
  if (once || !good) return good && refused ? 0 : 1;

  print('', ...nextSteps({ pki, files, url: receiver.url, terminal }));
  log.tell();
  await stop.asked;
  print('', `${mark.yes} stopping; the orders stay in ${dir}`);
  return 0;
}

function explainPort(error: unknown): unknown {
  if (!(error instanceof StartupError)) return error;
  const { cause } = error;
  if (codeOf(cause) !== 'EADDRINUSE') return error;
  return new StartupError(error.message, {
    hint: `Another program has it, perhaps a demo that still runs. Any free port will do: sallyport demo --port 0 --admin-port 0`,
    cause,
  });
}

function nextSteps({
  pki,
  files,
  url,
  terminal: { bold, cyan, dim },
}: {
  readonly pki: DemoPki;
  readonly files: DemoFiles;
  readonly url: string;
  readonly terminal: Terminal;
}): string[] {
  const me = nameOfCommand();
  const here = (path: string): string => relative(process.cwd(), path) || '.';
  return [
    bold('It keeps serving; Ctrl-C stops it. From another terminal:'),
    `  ${cyan(`export DEMO_SECRET=$(cat ${here(files.secretFile)})`)}`,
    `  ${cyan(`${me} simulate update --to ${url} --secret-env DEMO_SECRET \\`)}`,
    `  ${cyan(`  --cert ${here(pki.clientChain)} --key ${here(pki.clientKey)} --ca ${here(pki.serverCa)}`)}`,
    `  ${cyan(`${me} orders list -c ${here(files.config)}`)}`,
    `  ${cyan(`${me} doctor -c ${here(files.config)}`)}`,
    `  ${cyan(`${me} init`)} ${dim('writes the configuration for the real thing')}`,
    '',
  ];
}

/** As it was called: from a clone there is no `sallyport` on PATH. */
function nameOfCommand(): string {
  const script = process.argv[1] ?? 'sallyport';
  return basename(script) === 'sallyport.js' ? `node ${relative(process.cwd(), script)}` : 'sallyport';
}
