/**
 * How a command of this machine reaches the running receiver: a file in the folder of `trust.state` names the address
 * and holds a token, new at each start. Whoever may read the file may change who is let in, so nobody else may.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';
import { makePrivateFolder, replaceFile } from '../rotation/whole-files.ts';
import type { Log } from '../telemetry/log.ts';

export interface ControlFile {
  /** Where commands are sent. Example: `http://127.0.0.1:8080` */
  readonly url: string;
  /** Of the receiver, for people: in another container it means nothing. */
  readonly pid: number;
  readonly token: string;
}

const LIMIT_BYTES = 4_096;
const OTHERS_WRITE = 0o002;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export function controlPath(stateFolder: string): string {
  return join(stateFolder, 'control.json');
}

/** 256 random bits, as letters that need no quoting. */
export function createControlToken(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Shows that one has the token without telling it. A receiver that was killed leaves its file, and any user of the machine
 * may listen on its port by then: the token, a passphrase, or trust in a made-up report would be theirs.
 *
 * @param nonce of the side that asks, as `createControlToken` makes one
 */
export function proveToken(token: string, side: 'command' | 'receiver', nonce: string): string {
  return createHmac('sha256', token).update(`${side} ${nonce}`).digest('base64url');
}

/**
 * Lets commands find the receiver. Never throws: where the file cannot be private there is none, the log says so, and
 * orders are taken all the same. Disposal takes the file away, unless another receiver has written its own.
 *
 * @param token what `createAdminApp` was given
 */
export async function openControl({
  stateFolder,
  adminUrl,
  pid,
  token,
  log,
}: {
  readonly stateFolder: string;
  readonly adminUrl: string;
  readonly pid: number;
  readonly token: string;
  readonly log: Pick<Log, 'error'>;
}): Promise<AsyncDisposable> {
  const path = controlPath(stateFolder);
  const problem = await publish(path, { url: reachable(adminUrl), pid, token }, stateFolder);
  if (problem !== undefined) {
    log.error(
      { path, problem, remedy: 'let the folder and the file belong to the user of the receiver alone' },
      'trust commands cannot reach this receiver',
    );
  }
  return {
    async [Symbol.asyncDispose]() {
      const found = await readControlFile(stateFolder).catch(() => undefined);
      if (found?.token === token) await rm(path, { force: true }).catch(() => {});
    },
  };
}

/**
 * @returns undefined when there is none
 * @throws {Error} saying why it cannot be used; never with what it holds
 */
export async function readControlFile(stateFolder: string): Promise<ControlFile | undefined> {
  const path = controlPath(stateFolder);
  let bytes: Buffer;
  try {
    const found = await lstat(path);
    if (!found.isFile()) throw new Error('is not a file of its own');
    if (found.size > LIMIT_BYTES) throw new Error('is larger than the receiver writes it');
    if (process.platform !== 'win32') judgeFound(found, await stat(stateFolder));
    bytes = await readFile(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'EACCES' || code === 'EPERM') throw new Error('may not be read by this user');
    throw code === undefined ? error : new Error(`cannot be read (${code})`);
  }
  const found = parseControlFile(bytes.toString('utf8'));
  if (found === undefined) throw new Error('is not as the receiver writes it');
  return found;
}

/** What somebody else put there would lead a command, with all it is given, to them. */
function judgeFound(file: Stats, folder: Stats): void {
  if (((file.mode | folder.mode) & OTHERS_WRITE) !== 0) {
    throw new Error('may be changed by every user of this machine');
  }
  // In a folder of root's only those may write whom root let.
  if (![folder.uid, process.geteuid?.(), 0].includes(file.uid) && folder.uid !== 0) {
    throw new Error('belongs to another user than its folder');
  }
}

function parseControlFile(text: string): ControlFile | undefined {
  try {
    const { url, pid, token } = JSON.parse(text);
    const isSound =
      typeof url === 'string' &&
      new URL(url).protocol === 'http:' &&
      Number.isSafeInteger(pid) &&
      typeof token === 'string' &&
      TOKEN.test(token);
    return isSound ? { url, pid, token } : undefined;
  } catch {
    return undefined;
  }
}

/** @returns why it could not be done */
async function publish(path: string, file: ControlFile, folder: string): Promise<string | undefined> {
  try {
    await makePrivateFolder(folder);
    const problem = (await judgeFolder(folder)) ?? (await judgeFile(path));
    if (problem !== undefined) return problem;
    await replaceFile(path, `${JSON.stringify(file)}\n`, { mode: 0o600 });
    return undefined;
  } catch (error) {
    return `it cannot be written (${codeOf(error) ?? String(error)})`;
  }
}

/** Whoever may write to the folder could put another file there, and another address in it. */
async function judgeFolder(folder: string): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  const { mode, uid } = await stat(folder);
  if ((mode & OTHERS_WRITE) !== 0) return 'every user of this machine may write to the folder';
  return isForeign(uid) ? 'the folder belongs to another user' : undefined;
}

async function judgeFile(path: string): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  if (!found.isFile()) return 'something else has its name';
  return isForeign(found.uid) ? 'the file belongs to another user' : undefined;
}

function isForeign(uid: number): boolean {
  const own = process.geteuid?.();
  return own !== undefined && own !== 0 && uid !== own && uid !== 0;
}

/** An address to listen on, as one to connect to. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}
