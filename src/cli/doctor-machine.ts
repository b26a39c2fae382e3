/** The part of `doctor` that looks at this machine: the store's folder, its disk, the ports. */
import { access, constants, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import type { Config } from '../config.ts';
import { StartupError } from '../errors.ts';
import { openStoreReader } from '../store/open-store.ts';
import { formatBytes } from './describe-exchange.ts';
import type { Check } from './doctor-check.ts';
import { count } from './print-order.ts';

const ABOUT = 'store';

/** Changes nothing, so it can look while a receiver is running. */
export async function checkStore({ url, min_free_bytes }: Config['store']): Promise<Check[]> {
  const file = storeFile(url);
  const folder = await nearestFolder(dirname(file));
  const checks = [await checkWritable(file, folder)];
  if (await isThere(file)) checks.push(await checkContents(url));
  checks.push(await checkFreeSpace(folder, min_free_bytes));
  return checks;
}

export function storeFile(url: string): string {
  return url.replace(/^sqlite:/, '');
}

/** Where the rotation writes: whoever may write there may let clients in. */
export async function checkState(folder: string): Promise<Check> {
  const about = 'trust.state';
  const place = await nearestFolder(folder);
  const remedy = 'give the folder to the user that runs the receiver, or change trust.state';
  try {
    if (!(await stat(place)).isDirectory()) throw new Error('no folder');
    await access(place, constants.W_OK);
  } catch {
    const text = `${place} may not be written by this user, so no step of a rotation could be taken`;
    return { state: 'no', about, text, remedy };
  }
  if (place !== folder) return { state: 'yes', about, text: `${folder}, will be made, private` };
  const { mode } = await stat(folder);
  if (process.platform === 'win32' || (mode & OTHERS) === 0) {
    return { state: 'yes', about, text: `${folder}, writable and private` };
  }
  return {
    state: 'warn',
    about,
    text: `${folder} is open to other users of this machine (mode ${(mode & 0o777).toString(8)})`,
    remedy: `chmod 700 ${folder}`,
  };
}

/** The group may look, as with folders that systemd makes; nobody else, and only the owner writes. */
const OTHERS = 0o027;

async function checkContents(url: string): Promise<Check> {
  try {
    await using store = await openStoreReader({ url });
    const { orders, messages, refused, conflicts } = await store.counts();
    const held = conflicts > 0 ? `, ${count(conflicts, 'conflict')} held` : '';
    return {
      state: conflicts > 0 ? 'warn' : 'yes',
      about: ABOUT,
      text: `${count(orders, 'order')} in ${count(messages, 'message')}, ${refused} refused${held}`,
      ...(conflicts > 0 && {
        remedy: 'a payloadID was sent twice with different orders: ask the buyer which one counts',
      }),
    };
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    return { state: 'no', about: ABOUT, text: error.message, remedy: error.hint };
  }
}

async function checkWritable(file: string, folder: string): Promise<Check> {
  const there = await isThere(file);
  const place = there ? file : folder;
  try {
    if (!(await stat(folder)).isDirectory()) throw new Error('no folder');
    await access(place, constants.W_OK);
    if (there) await access(folder, constants.W_OK);
    return {
      state: 'yes',
      about: ABOUT,
      text: there ? `${file}, writable` : `${file}, will be made at the first start`,
    };
  } catch {
    return {
      state: 'no',
      about: ABOUT,
      text: `${place} may not be written by this user, so no order could be kept`,
      remedy: 'give the folder to the user that runs the receiver, or change store.url',
    };
  }
}

async function checkFreeSpace(folder: string, floor: number): Promise<Check> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const text = `${formatBytes(free)} free on its disk`;
  if (free > floor * 4) return { state: 'yes', about: ABOUT, text };
  return {
    state: free < floor ? 'no' : 'warn',
    about: ABOUT,
    text: `${text}; below ${formatBytes(floor)} orders are put off`,
    remedy: 'free some space, or move the store to a larger disk (store.url)',
  };
}

/** @returns whether this user may open the port; a port in use is most likely the receiver itself */
export async function checkPort(
  about: string,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Check> {
  const address = `${host}:${port}`;
  if (port === 0) return { state: 'yes', about, text: `any free one on ${host}` };
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
  if (code === undefined) return { state: 'yes', about, text: `${address} is free` };
  if (code === 'EADDRINUSE') {
    return {
      state: 'warn',
      about,
      text: `${address} is in use`,
      remedy: 'fine if that is the receiver itself; else stop the other program',
    };
  }
  return {
    state: 'no',
    about,
    text: `${address} cannot be opened: ${code}`,
    remedy:
      code === 'EACCES'
        ? 'a port below 1024 needs CAP_NET_BIND_SERVICE; or use 8443 and let the firewall forward 443'
        : 'set host to an address of this machine, or to 0.0.0.0',
  };
}

async function nearestFolder(folder: string): Promise<string> {
  return (await isThere(folder)) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
