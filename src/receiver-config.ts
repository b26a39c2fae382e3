/** What of a configuration that was read again is taken while running: `trust`, the buyers' secrets, and nothing else. */
import type { Config } from './config.ts';
import { differingKeys } from './config-difference.ts';
import { StartupError } from './errors.ts';

export interface LiveConfig {
  /** As it was last read and found sound: in force, or tried next. */
  current(): Config;
  /** @throws {StartupError} naming each mistake of the file as `file:line`; nothing has changed then */
  readAgain(): Promise<Config>;
  /** Keys that were changed in the file and wait for a restart; undefined when that was told before. */
  news(): readonly string[] | undefined;
}

/** @param reloadConfig reads the file; left out: what the receiver was started with stays as it is */
export function createLiveConfig(
  started: Config,
  reloadConfig: (() => Promise<Config>) | undefined,
): LiveConfig {
  let current = started;
  let waiting: readonly string[] = [];
  let told = '';
  return {
    current: () => current,
    async readAgain() {
      if (reloadConfig === undefined) return current;
      const read = await reloadConfig().catch(explain);
      refuseOpenDoor(read.trust, started);
      const buyers = takeSecrets(started.buyers, read.buyers);
      waiting = changedKeys({ ...started, buyers }, read);
      // The rotation writes where it was told at the start; its list of distrusted keys must stay the one that counts.
      current = { ...started, buyers, trust: { ...read.trust, state: started.trust.state } };
      return current;
    },
    news() {
      const now = waiting.join();
      if (now === told) return undefined;
      told = now;
      return waiting.length === 0 ? undefined : waiting;
    },
  };
}

type Buyers = Config['buyers'];

/** Who a buyer is, and what it has to prove, waits for a restart; what it proves it by may change at any time. */
function takeSecrets(started: Buyers, read: Buyers): Buyers {
  return started.map((buyer) => {
    const now = read.find(({ key }) => key === buyer.key);
    return now === undefined ? buyer : { ...buyer, ...sharedSecretsOf(buyer, now), ...basicOf(buyer, now) };
  });
}

function sharedSecretsOf(buyer: Buyers[number], now: Buyers[number]): Partial<Buyers[number]> {
  if (buyer.shared_secret === 'none' || now.shared_secret === 'none') return {};
  const { shared_secret, shared_secret_previous } = now;
  return { shared_secret, shared_secret_previous };
}

function basicOf(buyer: Buyers[number], now: Buyers[number]): Partial<Buyers[number]> {
  return buyer.basic_auth === undefined || now.basic_auth === undefined ? {} : { basic_auth: now.basic_auth };
}

function explain(cause: unknown): never {
  if (!(cause instanceof StartupError)) throw cause;
  throw new StartupError(cause.message, {
    hint: 'correct it: the file is read again once it is saved; until then everything runs on as before',
    cause,
  });
}

/** The buyers of the file may have their secrets by now, but those in force are asked. */
function refuseOpenDoor({ client_certificate: mode }: Config['trust'], { buyers }: Config): void {
  const open = buyers.findIndex((buyer) => buyer.shared_secret === 'none' && !buyer.unsafe_any_sender);
  if (mode === 'required' || open === -1) return;
  throw new StartupError(
    `trust.client_certificate: ${mode} has to wait: buyers[${open}] runs without a shared_secret, and one added since is not in force`,
    { hint: 'restart the receiver: it takes both at once' },
  );
}

/** The key of our certificate is read from its file at each reload anyway: what counts is which file. */
function changedKeys(current: Config, read: Config): string[] {
  const waits = ({ trust, certificate, ...rest }: Config): object => ({
    ...rest,
    certificate: { chain: certificate.chain, key: certificate.key.path ?? certificate.key },
    trust: { state: trust.state },
  });
  return differingKeys(waits(current), waits(read));
}
