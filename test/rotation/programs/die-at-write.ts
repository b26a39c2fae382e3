/**
 * Takes one step of a rotation on the files of a configuration, and is killed at its nth change of a file: argv holds
 * the configuration, the step as JSON, and n. Half of what is appended is written first; whatever else, all or nothing.
 * Says how many changes there were when it came to its end.
 */
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const [config = '', asked = '', dieAt = ''] = process.argv.slice(2);
let changes = 0;

/** Twice for each: before it is done, and after. */
const dies = (): boolean => {
  changes += 1;
  return changes === Number(dieAt);
};
const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('it is dead');
};

type Act = (...args: never[]) => Promise<unknown>;
const mortal = (act: Act): Act =>
  (async (...args) => {
    if (dies()) die();
    const result = await act(...args);
    if (dies()) die();
    return result;
  }) as Act;

const real = { ...fs };
const methods = fs as unknown as Record<string, Act>;
for (const name of ['rename', 'rm', 'unlink']) methods[name] = mortal(methods[name] as Act);
methods.open = (async (...args: Parameters<typeof fs.open>) => {
  const handle: FileHandle = await real.open(...args);
  const { appendFile, truncate } = handle;
  handle.appendFile = async (data) => {
    const bytes = Buffer.from(data as string);
    if (dies()) {
      await appendFile.call(handle, bytes.subarray(0, bytes.length / 2));
      die();
    }
    await appendFile.call(handle, bytes);
    if (dies()) die();
  };
  handle.truncate = mortal(truncate.bind(handle) as Act) as typeof truncate;
  return handle;
}) as Act;
syncBuiltinESMExports();

const { loadConfig } = await import('../../../src/config-file.ts');
const { openOfflineRotation } = await import('../../../src/receiver-rotation.ts');
const log = { info() {}, warn() {}, error() {} };
const now = (): Date => new Date();
await using rotation = await openOfflineRotation({ config: await loadConfig(config, process.env), log, now });
const { step, query } = JSON.parse(asked);
const actor = { by: 'program', reason: 'a test' };
const steps: Record<string, () => Promise<unknown>> = {
  stage: () => rotation.stage({ file: 'new.pem', bytes: Buffer.from(query.pem) }, actor),
  promote: () => rotation.promote(query, actor),
  retire: () => rotation.retire(query, actor),
  rollback: () => rotation.rollback(query, actor),
  distrust: () => rotation.distrust(query, actor),
  lift: () => rotation.lift(query, actor),
  unstage: () => rotation.unstage(query, actor),
};
await steps[step]?.();
console.log(changes);
