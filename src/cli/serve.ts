/** Runs the receiver until it is told to stop. Logs go to standard output, what a person should see to standard error. */
import type { Config } from '../config.ts';
import { loadConfig } from '../config-file.ts';
import { startReceiver } from '../receiver.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import { loadBundle } from '../trust/bundle.ts';
import { warnAboutMode } from '../trust/unproven.ts';
import { harmless } from './harmless.ts';
import { NODE_REMEDY, warnAboutNode } from './node-floor.ts';
import type { ExitCode, Terminal, TimedSurroundings } from './terminal.ts';
import { waitForStop } from './wait-for-stop.ts';

export async function serve(
  { config: file }: { readonly config: string },
  { terminal, now, env }: TimedSurroundings,
): Promise<ExitCode> {
  const { complain, mark, cyan } = terminal;
  // Before anything is opened: a signal during the start must not leave half of it behind.
  using stop = waitForStop(() => {
    complain(`${mark.warn} stopped at once; what was answered 200 is kept, Coupa repeats the rest`);
    process.exit(1);
  });
  using hangUp = listenForHangUp();
  const config = await loadConfig(file, env, { now });
  const warning = warnAboutNode(process.versions.node);
  if (warning !== undefined) complain(`${mark.warn} ${warning}`, `  ${cyan('→')} ${NODE_REMEDY}`);
  const log = createLog({ level: config.log.level });
  using _lastWords = endOnFault(log);
  {
    await using receiver = await startReceiver({
      config,
      configFile: file,
      reloadConfig: () => loadConfig(file, env, { now }),
      log,
    });
    hangUp.answerWith(() => void receiver.reload('SIGHUP'));
    complain(...(await describeReceiver({ config, receiver, terminal, now })));
    const signal = await stop.asked;
    complain(`${mark.yes} ${signal}: finishing what is under way; a second one stops at once`);
  }
  complain(`${mark.yes} stopped; nothing was lost`);
  return 0;
}

/**
 * A fault that nobody caught leaves a process whose state nobody knows. It ends at once, so that whoever supervises it
 * starts another: what was answered 200 is on disk, and the rest is repeated by the sender. Without this Node would print
 * the error as it is; the log takes private values out first.
 */
function endOnFault(log: Log): Disposable {
  const onFault = (error: unknown): void => {
    log.fatal({ err: error }, 'receiver failed and ends');
    process.exit(1);
  };
  process.on('uncaughtException', onFault);
  return { [Symbol.dispose]: () => void process.off('uncaughtException', onFault) };
}

/** From the first moment on: unheard, this signal ends a process, and nobody who asks for a reload wants that. */
function listenForHangUp(): Disposable & { answerWith(act: () => void): void } {
  let early = false;
  let act = (): void => {
    early = true;
  };
  const onSignal = (): void => act();
  process.on('SIGHUP', onSignal);
  return {
    answerWith(next) {
      act = next;
      if (early) act();
    },
    [Symbol.dispose]: () => void process.off('SIGHUP', onSignal),
  };
}

async function describeReceiver({
  config,
  receiver,
  terminal: { mark, bold, dim },
  now,
}: {
  readonly config: Config;
  readonly receiver: { readonly url: string; readonly adminUrl: string };
  readonly terminal: Terminal;
  readonly now: () => Date;
}): Promise<string[]> {
  const { anchors } = await loadBundle(config.trust.bundle, now());
  const warning = warnAboutMode(config.trust.client_certificate);
  const say = (name: string, text: string): string => `${mark.yes} ${dim(name.padEnd(9))} ${text}`;
  return [
    say('receiving', bold(receiver.url)),
    say('admin', `${receiver.adminUrl}/metrics, /livez, /readyz`),
    ...anchors.map(({ certificate: { subject, notAfter, spki } }) =>
      say(
        'trusts',
        `${harmless(subject.text)}, until ${notAfter.toISOString().slice(0, 10)}, SPKI ${spki.slice(0, 16)}…`,
      ),
    ),
    say('lets in', config.trust.names.join(', ')),
    ...(warning === undefined ? [] : [`${mark.warn} ${warning}`]),
    ...config.buyers.map(({ key, from, unsafe_any_sender }) =>
      say('buyer', unsafe_any_sender ? `${key}: ANY SENDER, for tests only` : `${key}: ${nameAll(from)}`),
    ),
    say('store', config.store.url),
  ];
}

function nameAll(parties: Config['buyers'][number]['from']): string {
  return parties.map(({ domain, identity }) => harmless(`${domain} ${identity}`)).join(', ');
}
