/** Opens the store at argv[2], says so, and holds it until it is killed. */
import { openSqliteStore } from '../../../src/store/sqlite.ts';

const [path = ''] = process.argv.slice(2);
await openSqliteStore({ path, refusedMaxCount: 10, refusedMaxBytes: 1_000_000, minFreeBytes: 0 });
console.log('open');
process.stdin.resume();
