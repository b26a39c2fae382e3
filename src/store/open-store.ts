/** From the address in the configuration to the store behind it. */
import { StartupError } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';
import { openSqliteStore } from './sqlite.ts';
import { openSqliteReader, type StoreReader } from './sqlite-reader.ts';
import type { Store } from './store.ts';

/** The section `store` of the configuration. */
export interface StoreSettings {
  readonly url: string;
  readonly refused_max_count: number;
  readonly refused_max_bytes: number;
  readonly min_free_bytes?: number;
}

/** @throws {StartupError} when the address is not one of ours, or the store cannot be opened safely */
export async function openStore(
  settings: StoreSettings & { readonly log?: Pick<Log, 'error' | 'warn' | 'info'> },
): Promise<Store> {
  return await openSqliteStore({
    path: storeFile(settings.url),
    refusedMaxCount: settings.refused_max_count,
    refusedMaxBytes: settings.refused_max_bytes,
    minFreeBytes: settings.min_free_bytes,
    log: settings.log,
  });
}

/** For commands that look into the store while a receiver may be running. */
export async function openStoreReader({ url }: Pick<StoreSettings, 'url'>): Promise<StoreReader> {
  return await openSqliteReader(storeFile(url));
}

/** The file of `sqlite:data/sallyport.db`. Never quotes the address: one of a server holds a password. */
export function storeFile(url: string): string {
  const [, scheme = '', path = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(url) ?? [];
  if (scheme.toLowerCase() !== 'sqlite') {
    throw new StartupError(
      `store.url names no store that this version has: ${scheme === '' ? 'no scheme' : scheme}`,
      {
        hint: 'write sqlite:PATH, for example sqlite:data/sallyport.db',
      },
    );
  }
  if (path === '' || path.startsWith(':') || path.startsWith('//')) {
    throw new StartupError('store.url names no file', {
      hint: 'write the path right behind the colon: sqlite:data/sallyport.db or sqlite:/var/lib/sallyport/sallyport.db',
    });
  }
  return path;
}
