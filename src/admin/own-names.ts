import { isIP } from 'node:net';

/**
 * Whether a Host header names us. A page elsewhere can make a browser connect here by pointing its own name at
 * 127.0.0.1 (DNS rebinding), and would then be allowed to read the answers; but it cannot make the browser send
 * another Host than that name. An address needs no DNS, so it is always ours.
 */
export function isOwnName(host: string | undefined, names: readonly string[]): boolean {
  const [, bracketed, plain] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(host ?? '') ?? [];
  if (bracketed !== undefined) return isIP(bracketed) === 6;
  if (plain === undefined) return false;
  const name = plain.toLowerCase().replace(/\.$/, '');
  return name === 'localhost' || isIP(name) === 4 || names.some((each) => each.toLowerCase() === name);
}
