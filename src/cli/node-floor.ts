/** Which Node is safe to put on a public port. */

/** Security release of each line; older ones have known holes in TLS and HTTP, one of them remote code execution. */
const FLOORS: Readonly<Record<number, readonly [minor: number, patch: number]>> = {
  24: [22, 1],
  26: [12, 1],
};

/** @returns what is wrong with that version of Node, or undefined */
export function warnAboutNode(version: string): string | undefined {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const floor = FLOORS[major];
  if (floor === undefined) return undefined;
  if (minor > floor[0] || (minor === floor[0] && patch >= floor[1])) return undefined;
  return `Node ${version} is older than the security release ${major}.${floor.join('.')}: fit for trying, not for production`;
}

export const NODE_REMEDY = 'run production on an official Node 26 (nodejs.org, or the image node:26)';
