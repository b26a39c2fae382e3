/** The commands about trust: the steps of a rotation, who was refused, and the journal. */
import type { Command } from 'commander';
import { CONFIG, command, count, days, JSON_OPTION, LIMIT, type ProgramParts } from './program-options.ts';
import type { TrustSurroundings } from './trust.ts';

const REASON = ['--reason <text>', 'why, for the journal'] as const;
const YES = ['--yes', 'do not ask; needed where there is no terminal'] as const;
const FORCE = ['--force', 'also where it would lock a client out; needs --reason'] as const;

export function addTrust(program: Command, parts: ProgramParts): void {
  const trust = command(program, 'trust')
    .description('who is let in: rotation of the pinned certificates, step by step')
    .addHelpText('after', procedure(parts));
  addSteps(trust, parts);
  addGraveSteps(trust, parts);
  addRefusedClients(trust, parts);
}

function addSteps(trust: Command, parts: ProgramParts): void {
  const { settle } = parts;
  command(trust, 'show')
    .description('pins, clients, days left, when each was seen last, and what needs attention')
    .option(...CONFIG)
    .option(...JSON_OPTION)
    .action(async (options) => {
      const { showTrust } = await import('./trust.ts');
      settle(await showTrust(options, await around(parts)));
    });
  command(trust, 'stage [file]')
    .description('lay CA certificates ready, checked and not trusted: PEM, DER, PKCS #7 or PKCS #12')
    .option(...CONFIG)
    .option('--from-refused <number>', 'the issuers that a refused client sent, instead of a file')
    .option('--passphrase-env <name>', 'environment variable that holds the passphrase of a PKCS #12 file')
    .option(...REASON)
    .option(...JSON_OPTION)
    .action(async (file: string | undefined, options) => {
      const { stageTrust } = await import('./trust.ts');
      settle(await stageTrust(file, options, await around(parts)));
    });
  command(trust, 'unstage [pin...]')
    .description('take staged certificates away again; all of them unless named')
    .option(...CONFIG)
    .option(...REASON)
    .option(...JSON_OPTION)
    .action(async (pins: string[], options) => {
      const { unstageTrust } = await import('./trust.ts');
      settle(await unstageTrust(pins, options, await around(parts)));
    });
  command(trust, 'rehearse')
    .description('judge the clients that were seen by what is staged: today, in 30 and in 90 days')
    .option(...CONFIG)
    .option('--last <days>', 'how far back, 30 or 30d', days, 30)
    .option('--without <pin...>', 'also: what if these were retired')
    .option(...JSON_OPTION)
    .action(async (options) => {
      const { rehearseTrust } = await import('./trust.ts');
      settle(await rehearseTrust(options, await around(parts)));
    });
  command(trust, 'promote [pin...]')
    .description('trust what is staged, beside what is trusted; all of it unless named')
    .option(...CONFIG)
    .option(...REASON)
    .option(...FORCE)
    .option(...JSON_OPTION)
    .action(async (pins: string[], options) => {
      const { promoteTrust } = await import('./trust.ts');
      settle(await promoteTrust(pins, options, await around(parts)));
    });
}

function addGraveSteps(trust: Command, parts: ProgramParts): void {
  const { settle } = parts;
  command(trust, 'retire <pin>')
    .description('trust one no more; refused while a client of the last 72 hours needs it')
    .option(...CONFIG)
    .option(...REASON)
    .option(...FORCE)
    .option(...YES)
    .option(...JSON_OPTION)
    .action(async (pin: string, options) => {
      const { retireTrust } = await import('./trust.ts');
      settle(await retireTrust(pin, options, await around(parts)));
    });
  command(trust, 'rollback')
    .description('back to the set before the last change; never to a distrusted or expired pin')
    .option(...CONFIG)
    .option('--to <entry>', 'to the set of that entry of the journal instead', count)
    .option(...REASON)
    .option(...YES)
    .option(...JSON_OPTION)
    .action(async (options) => {
      const { rollbackTrust } = await import('./trust.ts');
      settle(await rollbackTrust(options, await around(parts)));
    });
  aboutKey(command(trust, 'distrust [key]'))
    .description('for emergencies: refuse a key, or a serial number, at once and for good')
    .action(async (key: string | undefined, options) => {
      const { distrustTrust } = await import('./trust.ts');
      settle(await distrustTrust(key, options, await around(parts)));
    });
  aboutKey(command(trust, 'lift [key]'))
    .description('distrust a key, or a serial number, no more; brings no pin back, and needs --reason')
    .action(async (key: string | undefined, options) => {
      const { liftTrust } = await import('./trust.ts');
      settle(await liftTrust(key, options, await around(parts)));
    });
}

/** What distrust and lift are told of the row that they put on the list, or take off it. */
function aboutKey(step: Command): Command {
  return step
    .option(...CONFIG)
    .option('--serial <hex>', 'a certificate by its serial number instead of a key')
    .option('--issuer <name>', 'of that issuer alone, as it is shown')
    .option(...REASON)
    .option(...YES)
    .option(...JSON_OPTION);
}

function addRefusedClients(trust: Command, { terminal, env, settle }: ProgramParts): void {
  const refused = command(trust, 'refused').description('the clients that the gate refused');
  command(refused, 'list')
    .description('the last one first, each with the reasons and how often it came')
    .option(...CONFIG)
    .option(...LIMIT)
    .option('--near-misses', "only those with Coupa's name: what a rotation at Coupa looks like")
    .option(...JSON_OPTION)
    .action(async (options) => {
      const { listRefusedHandshakes } = await import('./trust-refused.ts');
      settle(await listRefusedHandshakes(options, { terminal, env }));
    });
  command(refused, 'show <number>')
    .description('one of them, by number or reference: what it showed, why, and what to do')
    .option(...CONFIG)
    .option('--pem', 'its certificates as they came, to standard output')
    .option(...JSON_OPTION)
    .action(async (which: string, options) => {
      const { showRefusedHandshake } = await import('./trust-refused.ts');
      settle(await showRefusedHandshake(which, options, { terminal, env }));
    });
}

export function addAudit(program: Command, { terminal, env, settle }: ProgramParts): void {
  const audit = command(program, 'audit').description('the journal of trust: who changed what, when and why');
  command(audit, 'show')
    .description('every entry, the newest last')
    .option(...CONFIG)
    .option(...JSON_OPTION)
    .action(async (options) => {
      const { showAudit } = await import('./audit.ts');
      settle(await showAudit(options, { terminal, env }));
    });
  command(audit, 'verify [file]')
    .description('is it as it was written? Of the journal, or of a copy; exit 1 when not')
    .option(...CONFIG)
    .option('--head <hash>', 'a hash that was noted before: an entry must have it')
    .option('--excerpt', 'the first entries may be missing, as after export --since')
    .option(...JSON_OPTION)
    .action(async (file: string | undefined, options) => {
      const { verifyAudit } = await import('./audit.ts');
      settle(await verifyAudit(file, options, { terminal, env }));
    });
  command(audit, 'export')
    .description('its lines, exactly, to standard output; a copy is verified like the journal')
    .option(...CONFIG)
    .option('--since <date>', 'from the first entry of that day or instant on')
    .action(async (options) => {
      const { exportAudit } = await import('./audit.ts');
      settle(await exportAudit(options, { terminal, env }));
    });
}

async function around({ terminal, env, now }: ProgramParts): Promise<TrustSurroundings> {
  const [{ openOfflineRotation }, { createAsk }] = await Promise.all([
    import('../receiver-rotation.ts'),
    import('./confirm.ts'),
  ]);
  return { terminal, env, now, openOffline: openOfflineRotation, ask: createAsk() };
}

function procedure({ terminal: { bold, cyan } }: ProgramParts): string {
  return [
    '',
    bold('A rotation, step by step:'),
    `  ${cyan('sallyport trust stage new.pem')}     lay it ready; nothing is trusted yet`,
    `  ${cyan('sallyport trust rehearse')}          would anybody be locked out?`,
    `  ${cyan('sallyport trust promote')}           trust it, beside the one in force`,
    `  ${cyan('sallyport trust show')}              wait until clients come by the new one`,
    `  ${cyan('sallyport trust retire PIN')}        take the old one out; rollback is the way back`,
  ].join('\n');
}
