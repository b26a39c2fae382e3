/** What commands ask of the running receiver, over its admin port. */
import { request } from 'node:http';
import type { ControlError } from '../admin/control.ts';
import { type ControlFile, createControlToken, proveToken } from '../admin/control-token.ts';
import { codeOf, StartupError } from '../errors.ts';
import type { Releases } from '../intake/release.ts';
import { type Actor, type Rotation, RotationError, type StageSource } from '../rotation/rotation.ts';
import { harmless } from './harmless.ts';

/** Who listens where the control file points: our receiver, nobody, or somebody who does not know the token. */
export type Found = { readonly pid: number } | 'nobody' | 'stranger';

export interface ControlClient {
  readonly rotation: Rotation;
  readonly releases: Releases;
  /** Asks for nothing but an answer, and gives nothing away: neither token nor question. */
  hello(): Promise<Found>;
}

interface Answered {
  readonly status: number;
  readonly body: unknown;
}

const HELLO_MS = 5_000;
/** A rehearsal judges thousands of chains, and a promotion ends with a handshake of its own. */
const STEP_MS = 180_000;
const ANSWER_LIMIT_BYTES = 64 * 1_048_576;

export function createControlClient(
  { url, token }: Pick<ControlFile, 'url' | 'token'>,
  { helloMs = HELLO_MS, stepMs = STEP_MS }: { readonly helloMs?: number; readonly stepMs?: number } = {},
): ControlClient {
  const post = (step: string, body: object, timeoutMs: number, authorization = `Bearer ${token}`) =>
    send({ url: new URL(`/control/${step}`, url), authorization, body, timeoutMs });
  const take = async <T>(step: string, body: object): Promise<T> => {
    const answered = await post(step, body, stepMs).catch((error: unknown) => {
      throw new StartupError(`the receiver at ${harmless(url)} gave no answer (${reasonOf(error)})`, {
        hint: step.startsWith('trust/')
          ? 'whether the step was taken is not known: see sallyport trust show and sallyport audit show'
          : 'whether it was done is not known: see sallyport refused list and sallyport orders list',
        cause: error,
      });
    });
    return readReport(answered, step) as T;
  };
  const by = ({ by, reason }: Actor): Actor => ({ by, reason });
  return {
    rotation: {
      show: () => take('trust/show', {}),
      stage: (source, actor) => take('trust/stage', { ...encode(source), ...by(actor) }),
      unstage: ({ pins }, actor) => take('trust/unstage', { pins, ...by(actor) }),
      rehearse: (query = {}) => take('trust/rehearse', query),
      promote: ({ pins, force }, actor) => take('trust/promote', { pins, force, ...by(actor) }),
      retire: ({ pin, force }, actor) => take('trust/retire', { pin, force, ...by(actor) }),
      rollback: (query, actor) => take('trust/rollback', { ...query, ...by(actor) }),
      distrust: (query, actor) => take('trust/distrust', { ...query, ...by(actor) }),
      lift: (query, actor) => take('trust/lift', { ...query, ...by(actor) }),
    },
    releases: {
      release: (id, { by, reason }) => take('refused/release', { id, by, reason }),
    },
    async hello() {
      try {
        const nonce = createControlToken();
        const hello = `Hello ${nonce} ${proveToken(token, 'command', nonce)}`;
        const { status, body } = await post('trust/hello', {}, helloMs, hello);
        const { pid, proof } = fieldsOf(fieldsOf(body).report);
        const isOurs = status === 200 && proof === proveToken(token, 'receiver', nonce);
        return isOurs && typeof pid === 'number' ? { pid } : 'stranger';
      } catch (error) {
        // Nothing was sent to anybody. Other failures leave open who is there.
        return ['ECONNREFUSED', 'EADDRNOTAVAIL'].includes(reasonOf(error)) ? 'nobody' : 'stranger';
      }
    },
  };
}

function encode(source: StageSource): object {
  if ('fromRefused' in source) return { fromRefused: source.fromRefused };
  const { file, bytes, passphrase } = source;
  return { file, bytes: Buffer.from(bytes).toString('base64'), passphrase };
}

/** Without an agent: it could take a proxy from the environment, and the token is for this machine alone. */
function send({
  url,
  authorization,
  body,
  timeoutMs,
}: {
  readonly url: URL;
  readonly authorization: string;
  readonly body: object;
  readonly timeoutMs: number;
}): Promise<Answered> {
  const bytes = Buffer.from(JSON.stringify(body));
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const sent = request(
    url,
    {
      method: 'POST',
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        authorization,
        'content-type': 'application/json',
        'content-length': bytes.length,
      },
    },
    (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > ANSWER_LIMIT_BYTES) sent.destroy(new Error('the answer is too long'));
        chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: parseJson(Buffer.concat(chunks)) });
      });
    },
  );
  sent.on('error', reject);
  sent.end(bytes);
  return promise;
}

function readReport({ status, body }: Answered, step: string): object {
  const { report, error } = fieldsOf(body);
  if (status === 200 && typeof report === 'object' && report !== null) return report;
  const told = readError(error);
  const isOfTrust = step.startsWith('trust/');
  if (told !== undefined && isOfTrust && [400, 409, 413].includes(status)) {
    throw new RotationError(told.message, told);
  }
  if (told !== undefined) {
    throw new StartupError(`${told.message}; ${told.meaning}`, { hint: told.next });
  }
  throw new StartupError(`the receiver answered HTTP ${status}, which is no answer to a command`, {
    hint: 'use the command of the version that runs',
  });
}

function readError(error: unknown): ControlError | undefined {
  const { message, meaning, next, forceable } = fieldsOf(error);
  const isTold = [message, meaning, next].every((each) => typeof each === 'string');
  if (!isTold) return undefined;
  return {
    message: String(message),
    meaning: String(meaning),
    next: String(next),
    forceable: forceable === true,
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'too late';
  return codeOf(error) ?? error.message;
}
