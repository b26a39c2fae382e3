/** Looks at everything a receiver needs before an order depends on it, and says what to do about what is wrong. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Config } from '../config.ts';
import { loadConfig } from '../config-file.ts';
import { StartupError } from '../errors.ts';
import type { Bundle } from '../trust/bundle.ts';
import { loadTrust } from '../trust/load-trust.ts';
import { loadServerCertificate } from '../trust/server-certificate.ts';
import { checkPort, checkStore } from './doctor-machine.ts';
import { describeNarrower } from './doctor-trust.ts';
import { harmless } from './harmless.ts';
import { NODE_REMEDY, warnAboutNode } from './node-floor.ts';
import { count } from './print-order.ts';
import type { ExitCode, Terminal } from './terminal.ts';

export interface Check {
  readonly state: 'yes' | 'warn' | 'no';
  readonly about: string;
  readonly text: string;
  readonly remedy?: string;
}

interface Surroundings {
  readonly terminal: Terminal;
  readonly now: () => Date;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const DAY_MS = 86_400_000;
/** Time to have a certificate issued, approved and rolled out. */
const SOON_DAYS = 30;
/** Nothing was ever received before this was written. */
const OLDEST_SANE = Date.UTC(2026, 10, 1);

/** @returns 0 when nothing is broken (warnings are told), 1 otherwise */
export async function doctor(
  { config: file, json = false }: { readonly config: string; readonly json?: boolean },
  { terminal, now, env }: Surroundings,
): Promise<ExitCode> {
  const checks: Check[] = [checkNode(), checkClock(now())];
  const config = await attempt(checks, 'configuration', () => loadConfig(file, env));
  if (config !== undefined) {
    checks.push({
      state: 'yes',
      about: 'configuration',
      text: `${file}, ${count(config.buyers.length, 'buyer')}`,
    });
    checks.push(...config.buyers.flatMap(checkBuyer));
    checks.push(...(await checkCertificate(config, now())));
    checks.push(...(await checkTrust(config, now())));
    checks.push(...(await checkStore(config.store)));
    checks.push(
      await checkPort('receiving port', config.listen),
      await checkPort('admin port', config.admin),
    );
  }
  const broken = checks.filter(({ state }) => state === 'no').length;
  const odd = checks.filter(({ state }) => state === 'warn').length;
  if (json) {
    terminal.print(JSON.stringify({ ok: broken === 0, checks }, undefined, 2));
  } else {
    for (const check of checks) terminal.print(...describeCheck(check, terminal));
    const verdict =
      broken === 0 ? 'ready to receive orders' : `${count(broken, 'thing')} to mend before orders can come`;
    terminal.print('', terminal.bold(odd === 0 ? verdict : `${verdict}, ${count(odd, 'warning')}`));
  }
  return broken === 0 ? 0 : 1;
}

export function describeCheck(
  { state, about, text, remedy }: Check,
  { mark, cyan, dim }: Terminal,
): string[] {
  const [first = '', ...rest] = text.split('\n');
  return [
    `${mark[state]} ${dim(about.padEnd(14))} ${first}`,
    ...rest.map((line) => `${' '.repeat(17)}${line}`),
    ...(remedy === undefined ? [] : [`${' '.repeat(17)}${cyan('→')} ${remedy}`]),
  ];
}

/** Runs one step; what it throws for the operator becomes a failed check. */
async function attempt<T>(checks: Check[], about: string, step: () => Promise<T>): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    checks.push({ state: 'no', about, text: error.message, remedy: error.hint });
    return undefined;
  }
}

function checkNode(): Check {
  const { node } = process.versions;
  const warning = warnAboutNode(node);
  if (warning === undefined) return { state: 'yes', about: 'node', text: `Node ${node}` };
  return { state: 'warn', about: 'node', text: warning, remedy: NODE_REMEDY };
}

function checkClock(at: Date): Check {
  const text = `${at.toISOString().slice(0, 19)}Z`;
  if (at.getTime() >= OLDEST_SANE) return { state: 'yes', about: 'clock', text };
  return {
    state: 'no',
    about: 'clock',
    text: `${text} lies in the past: good certificates would be refused as not yet valid`,
    remedy: 'set the clock, and keep it right with NTP (timedatectl set-ntp true)',
  };
}

function checkBuyer({
  key,
  shared_secret,
  basic_auth,
  unsafe_any_sender,
  to,
}: Config['buyers'][number]): Check[] {
  const warn = (text: string, remedy: string): Check => ({
    state: 'warn',
    about: `buyer ${key}`,
    text,
    remedy,
  });
  if (unsafe_any_sender === true)
    return [warn('takes any sender without a secret', 'for tests only; take it out')];
  const checks: Check[] = [];
  if (shared_secret === 'none' && basic_auth === undefined) {
    checks.push(
      warn(
        'no shared secret was agreed: only the client certificate, which all of Coupa’s customers share, proves the sender',
        'agree on a SharedSecret with the buyer and set buyers[].shared_secret',
      ),
    );
  }
  if (to === undefined) {
    checks.push(
      warn(
        '`to` is left out: orders meant for another supplier are taken',
        'set buyers[].to to your own credential',
      ),
    );
  }
  return checks;
}

async function checkCertificate({ certificate, listen }: Config, at: Date): Promise<Check[]> {
  const about = 'certificate';
  const checks: Check[] = [];
  const own = await attempt(checks, about, () =>
    loadServerCertificate({ chain: certificate.chain, key: certificate.key.reveal(), now: at }),
  );
  if (own === undefined) return checks;
  checks.push({
    ...expiry(own.notAfter, at, 'have it renewed now: Coupa refuses an expired server certificate'),
    about,
    text: `${own.names.map(harmless).join(', ')}, ${daysLeft(own.notAfter, at)}`,
  });
  checks.push(...own.warnings.map((text) => ({ state: 'warn' as const, about, text })));
  const leaf = new X509Certificate(own.certPem);
  const host = new URL(listen.public_url).hostname.replace(/^\[|\]$/g, '');
  if ((isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host)) === undefined) {
    checks.push({
      state: 'warn',
      about,
      text: `it is not for ${host}, the host of ${listen.public_url}`,
      remedy: 'set listen.public_url to the address that Coupa calls, or have the certificate issued for it',
    });
  }
  return checks;
}

async function checkTrust({ trust }: Config, at: Date): Promise<Check[]> {
  const checks: Check[] = [];
  const loaded = await attempt(checks, 'trust', () => loadTrust(trust, { generation: 1, now: at }));
  if (loaded === undefined) return checks;
  const { anchors } = loaded.trust;
  checks.push(...anchors.map((anchor) => describeAnchor(anchor, at)));
  checks.push(
    ...loaded.warnings.map((text) => ({ state: 'warn' as const, about: 'trust', text: harmless(text) })),
  );
  if (anchors.length === 1) {
    checks.push({
      state: 'warn',
      about: 'trust',
      text: 'one pin and no successor: when Coupa changes its issuer, orders stop until the new one is here',
      remedy: 'look at Coupa’s page for a newer intermediate.pem now and then; both may be pinned at once',
    });
  }
  const names = [...new Set(anchors.map(({ certificate }) => harmless(certificate.subject.text)))];
  checks.push(
    { state: 'yes', about: 'trust', text: `CA names told to clients:\n${names.join('\n')}` },
    { state: 'yes', about: 'trust', text: `common names let in: ${trust.names.join(', ')}` },
    ...describeNarrower(loaded.trust, at),
  );
  return checks;
}

function describeAnchor({ certificate, file, line }: Bundle['anchors'][number], at: Date): Check {
  const { subject, notAfter, spki } = certificate;
  return {
    ...expiry(notAfter, at, 'pin its successor beside it before then'),
    about: 'pinned CA',
    text: `${harmless(subject.text)}\n${daysLeft(notAfter, at)}, ${harmless(file)}:${line}\nSPKI sha256 ${spki}`,
  };
}

function expiry(notAfter: Date, at: Date, remedy: string): Pick<Check, 'state' | 'remedy'> {
  const days = (notAfter.getTime() - at.getTime()) / DAY_MS;
  return days > SOON_DAYS ? { state: 'yes' } : { state: 'warn', remedy };
}

function daysLeft(notAfter: Date, at: Date): string {
  const days = Math.floor((notAfter.getTime() - at.getTime()) / DAY_MS);
  return `${count(days, 'day')} left (${notAfter.toISOString().slice(0, 10)})`;
}
