/** What several keys of the configuration must be together. Each key by itself is checked by the schema. */
import { isIP } from 'node:net';

export interface Mistake {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Some keys may be missing: they were wrong by themselves, and are reported elsewhere. */
interface Partly {
  readonly listen?: { readonly host?: string; readonly port?: number };
  readonly trust?: { readonly names?: readonly string[]; readonly client_certificate?: string };
  readonly admin?: { readonly host?: string; readonly port?: number };
  readonly limits?: Readonly<Record<string, number | undefined>>;
  readonly buyers?: readonly (PartlyBuyer | undefined)[];
}

interface PartlyBuyer {
  readonly key?: string;
  readonly from?: unknown;
  readonly shared_secret?: unknown;
  readonly shared_secret_previous?: unknown;
  readonly credential_mac?: unknown;
  readonly names?: readonly string[];
  readonly unsafe_any_sender?: true;
}

export function checkTogether(config: Partly, around: { readonly unsafeTests: boolean }): readonly Mistake[] {
  return [...checkLimits(config), ...checkPorts(config), ...checkBuyers(config, around)];
}

function checkLimits({ limits }: Partly): Mistake[] {
  const pairs = [
    ['headers_timeout_ms', 'request_timeout_ms'],
    ['connections_per_address', 'connections'],
    ['body_bytes', 'expanded_bytes'],
    ['expanded_bytes', 'buffered_bytes'],
  ] as const;
  return pairs
    .filter(([smaller, larger]) => isNumber(limits?.[smaller]) && isNumber(limits?.[larger]))
    .filter(([smaller, larger]) => Number(limits?.[smaller]) > Number(limits?.[larger]))
    .map(([smaller, larger]) => ({
      path: ['limits', smaller],
      message: `must not be more than limits.${larger}`,
    }));
}

function checkPorts({ listen, admin }: Partly): Mistake[] {
  if (listen?.port !== admin?.port || !isNumber(admin?.port) || admin.port === 0) return [];
  return [{ path: ['admin', 'port'], message: 'must not be the same as listen.port' }];
}

function checkBuyers(
  { buyers, trust, listen }: Partly,
  around: { readonly unsafeTests: boolean },
): Mistake[] {
  if (!Array.isArray(buyers)) return [];
  const list: readonly (PartlyBuyer | undefined)[] = buyers;
  const keys = list.map((buyer) => buyer?.key);
  return list.flatMap((buyer, index) => {
    if (buyer === null || typeof buyer !== 'object') return [];
    const mistakes: Mistake[] = [];
    const against = (key: string | undefined, message: string): void => {
      mistakes.push({ path: key === undefined ? ['buyers', index] : ['buyers', index, key], message });
    };
    if (typeof buyer.key === 'string' && keys.indexOf(buyer.key) < index) {
      against('key', `must be unique: buyers[${keys.indexOf(buyer.key)}] has the same`);
    }
    if (buyer.unsafe_any_sender === true) {
      if (!around.unsafeTests || !isLoopback(listen?.host)) {
        against(
          'unsafe_any_sender',
          'is for tests only: needs a loopback address in listen.host and SALLYPORT_UNSAFE_TESTS=1 in the environment',
        );
      }
    } else {
      if (buyer.from === undefined)
        against('from', 'is missing: name at least one credential this buyer sends in From');
      if (buyer.shared_secret === undefined) {
        against('shared_secret', 'is missing: give a reference, or the word none if none was agreed');
      }
      for (const key of ['shared_secret_previous', 'credential_mac'] as const) {
        if (buyer.shared_secret !== 'none' || buyer[key] === undefined) continue;
        against(key, 'goes with a shared_secret, and that is none');
      }
      if (buyer.shared_secret === 'none' && isUnproven(trust?.client_certificate)) {
        against(
          'shared_secret',
          `must be a secret while trust.client_certificate is ${trust?.client_certificate}: nothing else would prove this buyer`,
        );
      }
    }
    for (const [at, name] of (Array.isArray(buyer.names) ? buyer.names : []).entries()) {
      if (!Array.isArray(trust?.names) || trust.names.includes(name)) continue;
      mistakes.push({ path: ['buyers', index, 'names', at], message: 'must be one of trust.names' });
    }
    return mistakes;
  });
}

function isUnproven(mode: string | undefined): boolean {
  return mode === 'requested' || mode === 'off';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

export function isLoopback(host: string | undefined): boolean {
  if (host === undefined) return false;
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** The address Coupa posts to, as far as the listening address tells. */
export function publicUrl({ host, port, path }: { host: string; port: number; path: string }): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : isIP(host) === 6 ? `[${host}]` : host;
  return `https://${name}:${port}${path}`;
}
