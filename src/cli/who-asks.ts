/** Who takes a step, as this system knows them. A claim: whoever is root here can be anybody. */
import { hostname, userInfo } from 'node:os';

/** Example: `anna@host`, and with sudo `root@host (sudo by anna)`. */
export function whoAsks(env: Readonly<Record<string, string | undefined>>): string {
  const { SUDO_USER: sudoer = '' } = env;
  const isSudo = sudoer !== '' && process.geteuid?.() === 0;
  return `${userName()}@${hostname()}${isSudo ? ` (sudo by ${sudoer.slice(0, 64)})` : ''}`.slice(0, 300);
}

/** A container's user may have a number and no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.geteuid?.() ?? 'unknown'}`;
  }
}
