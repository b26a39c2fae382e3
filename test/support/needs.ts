/**
 * What a test needs from its surroundings. A test that cannot run says so in a line of its own and is skipped; where
 * everything has to be there (`REQUIRE_SERVICES=1`, as in `.ci/run`) it fails instead, so that a run that tested
 * nothing is never green.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Skips the test, or the suite when called from its `before`, unless `present` holds. */
export function needs(test: Mocha.Context, present: unknown, missing: string): asserts present {
  if (present) return;
  if (process.env.REQUIRE_SERVICES === '1') throw new Error(`this test needs ${missing}`);
  skip(test, missing);
}

/** Needs a program on PATH. Example: `needsTool(this, 'xmllint')` */
export function needsTool(test: Mocha.Context, name: string): void {
  needs(test, isOnPath(name), `the program ${name} on PATH`);
}

/**
 * Needs something from the read-only folder `shared` beside the project. A public clone does not have it, so its
 * absence skips always and never fails.
 *
 * @param path below that folder. Example: `corpus/orders`
 * @returns the absolute path
 */
export function needsShared(test: Mocha.Context, path: string): string {
  const found = fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));
  if (!existsSync(found)) skip(test, `../shared/${path}`);
  return found;
}

export function isOnPath(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function skip(test: Mocha.Context, missing: string): never {
  const title = test.test?.fullTitle() ?? 'a test';
  console.error(`\n  SKIPPED ${title}: it needs ${missing}`);
  return test.skip();
}
