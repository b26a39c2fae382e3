/** From the words on the command line to an exit code. Prints what a person must know; nothing is decided here. */
import { CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { createProgram } from './cli/program.ts';
import { createTerminal, type ExitCode } from './cli/terminal.ts';
import { StartupError } from './errors.ts';

/** @returns 0 done, 1 the answer is no, 2 usage or environment */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  const { stdout, stderr, env } = process;
  // `sallyport orders list | head` closes the pipe early: that is no fault.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  // Nobody is left to be told, and orders that are under way are worth more than the telling.
  stderr.on('error', () => {});
  const terminal = createTerminal({ out: stdout, err: stderr, env, now: () => performance.now() });
  let code: ExitCode = 0;
  const program = createProgram({
    terminal,
    version: manifest.version,
    env,
    now: () => new Date(),
    settle: (result) => {
      code = result;
    },
  });
  if (argv.length === 0) {
    program.outputHelp();
    return 2;
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof StartupError) {
      terminal.complainOf(error);
      return 2;
    }
    terminal.complain(
      `${terminal.mark.no} a fault in Sallyport itself; orders that were answered 200 are kept all the same`,
      error instanceof Error ? (error.stack ?? error.message) : String(error),
      `${terminal.cyan('→')} please report it with the lines above`,
    );
    return 2;
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
