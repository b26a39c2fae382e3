/** Appends to the journal at argv[2], marked argv[3], and says each number once it is durable; ends when it cannot. */
import { openJournal } from '../../../src/rotation/journal.ts';
import { lockFile } from '../../../src/store/sqlite-file.ts';
import { facts } from '../place.ts';

const [path = '', mark = ''] = process.argv.slice(2);
const now = (): Date => new Date();
const lock = async (): Promise<Disposable> => {
  for (;;) {
    try {
      return lockFile(path);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'StartupError') throw error;
      await new Promise(setImmediate); // another of these programs holds it
    }
  }
};
const journal = await openJournal({ path, now, lock });
for (let number = 1; ; number += 1) {
  try {
    await journal.append(facts({ by: `${mark}-${number}`, reason: 'x'.repeat(1_500) }));
  } catch (error) {
    console.log(`failed ${(error as NodeJS.ErrnoException).code}`);
    break;
  }
  console.log(`${mark}-${number}`);
}
