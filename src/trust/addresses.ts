/**
 * The addresses clients may come from, in the notations of Coupa's pages, which people type by hand. A filter
 * beside the certificate and never in its place: some of those ranges are shared cloud space.
 */
import { BlockList } from 'node:net';
import { StartupError } from '../errors.ts';
import type { AddressRange } from './address-notation.ts';
import { normalise, parseAddressLine, showRange, toText } from './address-notation.ts';
import { finding } from './check-certificate.ts';
import { printable } from './distinguished-name.ts';
import type { PeerFinding } from './peer.ts';
import { readBounded } from './read-bounded.ts';

/**
 * A class for its private part: whether two lists are the same shows in `ranges`, and Node's own list cannot
 * be compared.
 */
export class AddressList {
  readonly #list = new BlockList();
  /** Each as `first-last`. */
  readonly ranges: readonly string[];

  constructor(ranges: readonly AddressRange[]) {
    for (const { family, first, last } of ranges) {
      this.#list.addRange(toText(first, family), toText(last, family), family);
    }
    this.ranges = Object.freeze(ranges.map(showRange));
    Object.freeze(this);
  }

  /** An IPv4 address counts as itself in its IPv6 form (`::ffff:192.0.2.1`), too. */
  has(address: string): boolean {
    const known = normalise(address);
    return known !== undefined && this.#list.check(toText(known.value, known.family), known.family);
  }
}

export interface LoadedAddresses {
  readonly addresses: AddressList;
  readonly warnings: readonly string[];
}

const FILE_LIMIT_BYTES = 1_048_576;
/** Coupa's largest page has about 70; every connection is compared with all of them. */
const MOST_RANGES = 10_000;
const MOST_TOLD = 20;

/** @throws {StartupError} naming every line that is not understood, as `file:line` */
export async function loadAddresses(path: string): Promise<LoadedAddresses> {
  const options = { limitBytes: FILE_LIMIT_BYTES, what: 'the address list', key: 'trust.addresses' };
  const bytes = await readBounded(path, options);
  try {
    return parseAddresses(path, new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    if (cause instanceof StartupError) throw cause;
    throw new StartupError(`${path}: the address list is not a text file in UTF-8`, {
      hint: 'save it as plain text, one address or range a line',
      cause,
    });
  }
}

/** All or nothing: a line passed over would refuse orders from the addresses on it. */
export function parseAddresses(file: string, text: string): LoadedAddresses {
  const ranges: AddressRange[] = [];
  const warnings: string[] = [];
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const at = `${file}:${index + 1}`;
    const parsed = parseAddressLine(line);
    ranges.push(...parsed.ranges);
    warnings.push(...parsed.warnings.map((warning) => `${at}: ${warning}`));
    problems.push(...parsed.problems.map((problem) => `${at}: ${problem}`));
  }
  if (problems.length > 0) {
    const told = problems.slice(0, MOST_TOLD);
    if (problems.length > told.length) told.push(`${file}: and ${problems.length - told.length} more`);
    throw new StartupError(told.join('\n'), {
      hint: 'write 192.0.2.0/24, 192.0.2.1 - 192.0.2.9 or 192.0.2.1 on each line; notes go after #',
    });
  }
  if (ranges.length === 0) {
    throw new StartupError(`${file}: no address in the list, so no client could be let in`, {
      hint: "copy the addresses from Coupa's page, or take trust.addresses out",
    });
  }
  if (ranges.length > MOST_RANGES) {
    throw new StartupError(`${file}: ${ranges.length} ranges; at most ${MOST_RANGES} are taken`, {
      hint: "list Coupa's addresses only",
    });
  }
  return { addresses: new AddressList(ranges), warnings };
}

/** Without a list every address is as good as another; with one, an unknown address is not on it. */
export function checkAddress(address: string | undefined, addresses: AddressList | undefined): PeerFinding[] {
  if (addresses === undefined || (address !== undefined && addresses.has(address))) return [];
  const shown = address === undefined ? 'an unknown address' : printable(address, 64);
  return [finding('address_not_allowed', `the client comes from ${shown}, which is not in trust.addresses`)];
}
