/** Every command: its name, its options, its help. What it does is in the file of that name, loaded only when asked for. */
import { Command, Option } from 'commander';
import {
  CONFIG,
  command,
  count,
  JSON_OPTION,
  LIMIT,
  listed,
  NUMBER,
  type ProgramParts,
  port,
  rate,
} from './program-options.ts';
import { addAudit, addTrust } from './program-trust.ts';
import { KINDS } from './simulate-kinds.ts';
import type { Terminal } from './terminal.ts';

const BUYER = ['--buyer <key>', 'if several buyers use that order number'] as const;

const DAILY = 'From day to day:';
const FIRST = 'First steps:';
const LOOK = 'Looking closer:';
const TRUST = 'Who is let in:';

export function createProgram(parts: ProgramParts): Command {
  const { terminal, version } = parts;
  const program = new Command('sallyport')
    .description('Receives cXML purchase orders from Coupa over mutual TLS and keeps each one, exactly once.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureHelp({
      styleTitle: terminal.bold,
      styleCommandText: terminal.cyan,
      styleOptionText: terminal.cyan,
      styleSubcommandText: terminal.cyan,
      styleArgumentText: terminal.cyan,
    })
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.complain(text.trimEnd()),
      outputError: (text, write) => write(`${terminal.mark.no} ${text.replace(/^error: /, '').trimEnd()}`),
    })
    .showHelpAfterError(`${terminal.cyan('→')} sallyport --help lists every command and option`)
    .exitOverride()
    .addHelpText('after', examples(terminal));
  addFirstSteps(program, parts);
  addDaily(program, parts);
  addRefused(program, parts);
  program.commandsGroup(TRUST);
  addTrust(program, parts);
  addAudit(program, parts);
  addLook(program, parts);
  return program;
}

function addFirstSteps(program: Command, parts: ProgramParts): void {
  const { terminal, now, env, settle } = parts;
  program.commandsGroup(FIRST);
  command(program, 'demo')
    .description('a throw-away PKI, a receiver and one order through real mutual TLS; then keeps serving')
    .option('--once', 'end after the exchange; exit 0 only if the order was kept and answered 200')
    .option('--port <number>', 'receiving port, 0 for any free one', port, 8443)
    .option('--admin-port <number>', 'admin port, 0 for any free one', port, 8080)
    .option('--dir <folder>', 'where the demo keeps its certificates and orders', '.sallyport')
    .action(async (options) => {
      const { demo } = await import('./demo.ts');
      settle(await demo(options, { terminal, now, env }));
    });
  command(program, 'init [folder]')
    .description('write a commented configuration to start from')
    .action(async (folder: string = '.') => {
      const { init } = await import('./init.ts');
      settle(await init(folder, { terminal }));
    });
  command(program, 'doctor')
    .description('check configuration, certificates, trust, store, clock and Node, each with its remedy')
    .option(...CONFIG)
    .option('--json', 'print what was found as JSON')
    .action(async (options) => {
      const { doctor } = await import('./doctor.ts');
      settle(await doctor(options, { terminal, now, env }));
    });
}

function addDaily(program: Command, parts: ProgramParts): void {
  const { terminal, now, env, settle } = parts;
  program.commandsGroup(DAILY);
  command(program, 'serve')
    .description('run the receiver')
    .option(...CONFIG)
    .action(async (options) => {
      const { serve } = await import('./serve.ts');
      settle(await serve(options, { terminal, now, env }));
    });
  const orders = command(program, 'orders').description('the orders that were kept');
  command(orders, 'list')
    .description('newest first')
    .option(...CONFIG)
    .option(...LIMIT)
    .option(...JSON_OPTION)
    .action(async (options) => {
      const { listOrders } = await import('./orders-list.ts');
      settle(await listOrders(options, { terminal, env }));
    });
  command(orders, 'show <order-id>')
    .description('header, lines and every message of one order, read again from the stored bytes')
    .option(...CONFIG)
    .option(...BUYER)
    .option('--json', 'print the normalised order as JSON')
    .action(async (id: string, options) => {
      const { showOrder } = await import('./orders-show.ts');
      settle(await showOrder(id, options, { terminal, env }));
    });
  command(orders, 'raw <order-id>')
    .description('the bytes of its current message, exactly as received, to standard output')
    .option(...CONFIG)
    .option(...BUYER)
    .option('--message <number>', 'another message of the order, by its number in `orders show`', listed)
    .action(async (id: string, options) => {
      const { rawOrder } = await import('./orders-raw.ts');
      settle(await rawOrder(id, options, { terminal, env }));
    });
  command(orders, 'attachment')
    .argument(...NUMBER)
    .description(
      'a file that came with an order, exactly as sent, to standard output; `orders show` has the numbers',
    )
    .option(...CONFIG)
    .action(async (number: number, options) => {
      const { writeAttachment } = await import('./orders-attachment.ts');
      settle(await writeAttachment(number, options, { terminal, env }));
    });
}

function addRefused(program: Command, { terminal, now, env, settle }: ProgramParts): void {
  const refused = command(program, 'refused').description(
    'the messages of trusted clients that were not taken',
  );
  command(refused, 'list')
    .description('newest first, each with its reason; a payloadID sent with other content is among them')
    .option(...CONFIG)
    .option(...LIMIT)
    .option(...JSON_OPTION)
    .action(async (options) => {
      const { listRefused } = await import('./refused.ts');
      settle(await listRefused(options, { terminal, env }));
    });
  command(refused, 'show')
    .argument(...NUMBER)
    .description('one of them: why, what its sender was told, what the buyer sees, and a text to send')
    .option(...CONFIG)
    .option(...JSON_OPTION)
    .action(async (number: number, options) => {
      const { showRefused } = await import('./refused-show.ts');
      settle(await showRefused(number, options, { terminal, now, env }));
    });
  command(refused, 'raw')
    .argument(...NUMBER)
    .description('the bytes of one, exactly as received, to standard output')
    .option(...CONFIG)
    .action(async (number: number, options) => {
      const { rawRefused } = await import('./refused.ts');
      settle(await rawRefused(number, options, { terminal, env }));
    });
  command(refused, 'release')
    .argument(...NUMBER)
    .description('take one after all, once its cause is mended; it is read, proved and checked anew')
    .option(...CONFIG)
    .requiredOption('--reason <text>', 'why, kept beside the order')
    .option(...JSON_OPTION)
    .action(async (number: number, options) => {
      const { releaseRefused } = await import('./refused-release.ts');
      const { openOfflineReleases: openOffline } = await import('../receiver-release.ts');
      settle(await releaseRefused(number, options, { terminal, env, now, openOffline }));
    });
}

function addLook(program: Command, { terminal, now, env, settle }: ProgramParts): void {
  program.commandsGroup(LOOK);
  command(program, 'check [file...]')
    .description('read documents as the receiver would, offline: verdict and findings with line and path')
    .option('--json', 'print the normalised order as JSON; several files make an array')
    .option('--places', 'with --json: also where in the document every value stands')
    .option('--schema', 'print the JSON Schema of a normalised order, instead of reading documents')
    .option('-c, --config <file>', 'configuration whose limits and DTD count (default: none)')
    .option('--dtd <file>', 'also tell where a document is not valid by this DTD')
    .option('--rules', 'list what is looked for, with its remedy, instead of reading documents')
    .action(async (files: string[], options) => {
      const { check } = await import('./check.ts');
      settle(await check(files, options, { terminal, env }));
    });
  command(program, 'simulate <what>')
    .description('act as Coupa over mutual TLS: order, update, attachment, cut and more, or a file to post')
    .requiredOption('--to <url>', 'where to post, https://…/cxml')
    .option('--cert <file>', 'client certificate and its intermediates, PEM')
    .option('--key <file>', 'private key of that certificate, PEM')
    .option('--ca <file>', 'who vouches for the server, PEM (default: the authorities of this system)')
    .option('--buyer-domain <domain>', 'domain in From and Sender', 'DUNS')
    .option('--buyer-identity <identity>', 'identity in From and Sender', '128293714')
    .option('--supplier-domain <domain>', 'domain in To', 'NetworkID')
    .option('--supplier-identity <identity>', 'identity in To', 'SUPPLIER-1')
    .option('--secret-env <name>', 'environment variable that holds the SharedSecret')
    .option('--order <number>', 'the order to update or cancel (default: a new one, sent first)')
    .option('--lines <number>', 'how many lines each order has (default: 3)', count)
    .addOption(
      new Option('--multipart <subtype>', 'how an attachment travels')
        .choices(['related', 'mixed'])
        .default('related'),
    )
    .option('--seconds <number>', 'how long every body takes on its way', rate)
    .option('--timeout <seconds>', 'how long to wait for an answer; Coupa: 60', rate, 60)
    .option('--retry', 'repeat as Coupa does until it is delivered or given up')
    .option('--hour-seconds <number>', 'how long an hour of Coupa takes with --retry and cut', rate, 1)
    .option('--repeat <number>', 'how many times; orders get a new number each', count, 1)
    .option('--rate <number>', 'how many a second (default: one after the other)', rate)
    .addOption(new Option('--json', 'print what happened as JSON'))
    .addHelpText('after', kinds(terminal))
    .action(async (what: string, options) => {
      const { simulate } = await import('./simulate.ts');
      settle(await simulate(what, options, { terminal, now, env }));
    });
}

function examples({ bold, cyan }: Terminal): string {
  return [
    '',
    bold('Examples:'),
    `  ${cyan('sallyport demo')}                          see one order come in`,
    `  ${cyan('sallyport check order.xml')}               would this document be kept?`,
    `  ${cyan('sallyport serve -c sallyport.yaml')}       receive orders`,
    `  ${cyan('sallyport orders show 4711')}              look at one`,
    '',
    'Exit codes: 0 done, 1 the answer is no, 2 usage or environment.',
  ].join('\n');
}

function kinds({ bold, cyan }: Terminal): string {
  const rows = Object.entries({ ...KINDS, '<file>': 'a file, as it is' });
  return ['', bold('What:'), ...rows.map(([kind, words]) => `  ${cyan(kind.padEnd(20))} ${words}`)].join(
    '\n',
  );
}
