/** Looks at everything a receiver needs before an order depends on it, and says what to do about what is wrong. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Config } from '../config.ts';
import { loadConfig } from '../config-file.ts';
import { daysUntil } from '../rotation/pin-report.ts';
import { loadServerCertificate } from '../trust/server-certificate.ts';
import { attempt, type Check, describeDays, judgeDays } from './doctor-check.ts';
import { checkPort, checkStore } from './doctor-machine.ts';
import { checkTrust } from './doctor-pins.ts';
import { harmless, harmlessJson } from './harmless.ts';
import { NODE_REMEDY, warnAboutNode } from './node-floor.ts';
import { count } from './print-order.ts';
import type { PrintOptions } from './program-options.ts';
import type { ExitCode, Terminal, TimedSurroundings } from './terminal.ts';

/** Nothing was ever received before this was written. */
const OLDEST_SANE = Date.UTC(2026, 10, 1);

/** @returns 0 when nothing is broken (warnings are told), 1 otherwise */
export async function doctor(
  { config: file, json = false }: PrintOptions,
  { terminal, now, env }: TimedSurroundings,
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
    checks.push(...(await checkTrust(config, now)));
    checks.push(...(await checkStore(config.store)));
    checks.push(
      await checkPort('receiving port', config.listen),
      await checkPort('admin port', config.admin),
    );
  }
  const broken = checks.filter(({ state }) => state === 'no').length;
  const odd = checks.filter(({ state }) => state === 'warn').length;
  if (json) {
    terminal.print(harmlessJson({ ok: broken === 0, checks }));
  } else {
    for (const check of checks) terminal.print(...describeCheck(check, terminal));
    const verdict = broken === 0 ? 'ready to receive orders' : `${count(broken, 'thing')} to mend`;
    terminal.print('', terminal.bold(odd === 0 ? verdict : `${verdict}, ${count(odd, 'warning')}`));
  }
  return broken === 0 ? 0 : 1;
}

function describeCheck({ state, about, text, remedy }: Check, { mark, cyan, dim }: Terminal): string[] {
  const [first = '', ...rest] = text.split('\n');
  return [
    `${mark[state]} ${dim(about.padEnd(14))} ${first}`,
    ...rest.map((line) => `${' '.repeat(17)}${line}`),
    ...(remedy === undefined ? [] : [`${' '.repeat(17)}${cyan('→')} ${remedy}`]),
  ];
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
  const state = judgeDays(daysUntil(own.notAfter, at));
  checks.push({
    state,
    about,
    text: `${own.names.map(harmless).join(', ')}, ${describeDays(own.notAfter, at)}`,
    ...(state !== 'yes' && { remedy: 'have it renewed now: Coupa refuses an expired server certificate' }),
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
