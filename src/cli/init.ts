/** Writes a configuration to start from. Never overwrites anything. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exampleConfig } from '../config-docs.ts';
import { StartupError } from '../errors.ts';
import type { ExitCode, Terminal } from './terminal.ts';

const FILE = 'sallyport.yaml';

export async function init(folder: string, { terminal }: { readonly terminal: Terminal }): Promise<ExitCode> {
  const { mark, cyan, bold } = terminal;
  const file = join(folder, FILE);
  const bundle = join(folder, 'certs', 'coupa');
  try {
    await mkdir(bundle, { recursive: true });
    // `wx` fails when the file is there, without a moment between looking and writing.
    await writeFile(file, exampleConfig(), { flag: 'wx', mode: 0o640 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      throw new StartupError(`${file} is there already; it was not touched`, {
        hint: 'Name another folder, or move that file away first.',
      });
    }
    throw new StartupError(`${file} could not be written: ${message}`, {
      hint: 'Name a folder that you may write to: sallyport init FOLDER',
      cause: error,
    });
  }
  terminal.print(
    `${mark.yes} ${bold(file)} written, every key explained`,
    `${mark.yes} ${bold(bundle)} made, empty`,
    '',
    'Next:',
    `  1. put the CA certificates that Coupa publishes into ${cyan(bundle)}`,
    `  2. fill in certificate and buyers in ${cyan(file)}`,
    `  3. ${cyan(`sallyport doctor -c ${file}`)}`,
    `  4. ${cyan(`sallyport serve -c ${file}`)}`,
  );
  return 0;
}
