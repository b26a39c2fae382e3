/** `orders attachment`: a file that came with an order, exactly as it was sent. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { codeOf, StartupError } from '../errors.ts';
import { harmless } from './harmless.ts';
import { openReader } from './stored-orders.ts';
import type { ExitCode, Surroundings } from './terminal.ts';

export async function writeAttachment(
  id: number,
  { config }: { readonly config: string },
  { terminal, env }: Surroundings,
): Promise<ExitCode> {
  await using store = await openReader(config, env);
  const attachment = await store.findAttachment(id);
  if (attachment === undefined) {
    terminal.complain(
      `${terminal.mark.no} there is no attachment ${id}`,
      `${terminal.cyan('→')} sallyport orders show ORDER lists those of an order with their numbers`,
    );
    return 1;
  }
  await assertIntact(attachment);
  for await (const chunk of createReadStream(attachment.path)) terminal.write(chunk);
  return 0;
}

/** Read twice, so that damaged bytes are never handed out as if they were the original. @throws {StartupError} */
async function assertIntact({
  id,
  path,
  sha256,
}: {
  readonly id: number;
  readonly path: string;
  readonly sha256: string;
}): Promise<void> {
  const digest = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) digest.update(chunk);
  } catch (cause) {
    const code = codeOf(cause) ?? 'unknown error';
    throw new StartupError(`attachment ${id} cannot be read: ${code} at ${harmless(path)}`, {
      hint: 'restore that file from a backup of the folder beside the store; the order itself is whole',
      cause,
    });
  }
  const found = digest.digest('hex');
  if (found === sha256) return;
  throw new StartupError(
    `attachment ${id} is damaged: its bytes have the SHA-256 ${found}, received was ${sha256}`,
    {
      hint: `restore ${harmless(path)} from a backup; the order itself is whole`,
    },
  );
}
