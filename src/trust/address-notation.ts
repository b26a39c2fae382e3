/** One line of an address list: what it means, and what is odd about it. */
import { isIP } from 'node:net';

export type AddressFamily = 'ipv4' | 'ipv6';

export interface AddressRange {
  readonly family: AddressFamily;
  readonly first: bigint;
  readonly last: bigint;
}

export interface ParsedLine {
  readonly ranges: readonly AddressRange[];
  readonly warnings: readonly string[];
  readonly problems: readonly string[];
}

interface Address {
  readonly family: AddressFamily;
  readonly value: bigint;
}

const BITS = { ipv4: 32n, ipv6: 128n } as const;
/** `::ffff:0:0/96`: an IPv4 address as a socket for both families shows it. */
const MAPPED = 0xffffn;

const INVISIBLE = /[\u200b-\u200d\u2060\ufeff]/g;
const BULLET = /^[-*•·–—]\s+/;
const SLASH = /\s*\/\s*/g;
const FROM_TO = /\s*(?:[-\u2010-\u2015\u2212]|\b(?:to|through|thru)\b)\s*/gi;
const BETWEEN = /[,;&]|\band\b/i;

/**
 * CIDR (with spaces around its slash, too), `first - last` with any dash or the words "to" and "through",
 * single addresses, several joined by commas or "and". A block and a range that stand side by side are meant
 * to be the same: where they differ, both are taken, because a refused order costs more than an address too
 * many that still needs Coupa's certificate.
 */
export function parseAddressLine(line: string): ParsedLine {
  const ranges: AddressRange[] = [];
  const warnings: string[] = [];
  const problems: string[] = [];
  const tidy = line
    .replace(/#.*$/, '')
    .replaceAll(INVISIBLE, '')
    .trim()
    .replace(BULLET, '')
    .replaceAll(/[()[\]]/g, ' ')
    .replaceAll(SLASH, '/')
    .replaceAll(FROM_TO, '-');
  for (const group of tidy.split(BETWEEN)) {
    const read = group
      .split(/\s+/)
      .map((word) => word.replace(/\.+$/, ''))
      .filter((word) => word !== '')
      .map(readItem);
    for (const item of read) {
      if ('problem' in item) problems.push(item.problem);
      else {
        ranges.push(item.range);
        warnings.push(...item.warnings);
      }
    }
    const [block, range, more] = read.map((item) => ('problem' in item ? undefined : item));
    if (block === undefined || range === undefined || more !== undefined) continue;
    if (block.kind !== range.kind && !isSame(block.range, range.range)) {
      warnings.push(
        `${block.text} and ${range.text} side by side do not mean the same addresses; both are let in until one is taken out`,
      );
    }
  }
  return { ranges, warnings, problems };
}

type Item =
  | { readonly problem: string }
  | {
      readonly kind: 'single' | 'block' | 'range';
      readonly text: string;
      readonly range: AddressRange;
      readonly warnings: readonly string[];
    };

function readItem(text: string): Item {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  const [first = '', last, ...rest] = text.split('-');
  if (last !== undefined) {
    const [from, to] = [readAddress(first), readAddress(last)];
    if (from === undefined || to === undefined || rest.length > 0) {
      return { problem: `"${shown}" is not a range from one whole address to another` };
    }
    if (from.family !== to.family) return { problem: `"${shown}" mixes IPv4 and IPv6` };
    if (from.value > to.value) return { problem: `"${shown}" ends before it starts` };
    const range = { family: from.family, first: from.value, last: to.value };
    return { kind: 'range', text: shown, range: unmap(range), warnings: [] };
  }
  if (text.includes('/')) return readBlock(text, shown);
  const address = readAddress(text);
  if (address === undefined) return { problem: `"${shown}" is not an address` };
  const range = { family: address.family, first: address.value, last: address.value };
  return { kind: 'single', text: shown, range: unmap(range), warnings: [] };
}

function readBlock(text: string, shown: string): Item {
  const [base = '', length = '', ...rest] = text.split('/');
  const address = readAddress(base);
  if (address === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length)) {
    return { problem: `"${shown}" is not an address with the length of its prefix` };
  }
  const bits = BITS[address.family];
  const prefix = BigInt(length);
  if (prefix > bits) return { problem: `"${shown}" has a prefix longer than ${bits} bits` };
  if (prefix === 0n) return { problem: `"${shown}" is every address there is` };
  const size = 1n << (bits - prefix);
  const first = address.value - (address.value % size);
  const odd =
    first === address.value
      ? []
      : [
          `${shown} starts inside its block; the whole of ${toText(first, address.family)}/${length} is let in`,
        ];
  const range = { family: address.family, first, last: first + size - 1n };
  return { kind: 'block', text: shown, range: unmap(range), warnings: odd };
}

function readAddress(text: string): Address | undefined {
  switch (isIP(text)) {
    case 4:
      return { family: 'ipv4', value: valueOfIpv4(text) };
    case 6:
      return text.includes('%') ? undefined : { family: 'ipv6', value: valueOfIpv6(text) };
    default:
      return undefined;
  }
}

/** An address as a socket gives it: a zone is dropped, and IPv4 is IPv4 in either form. */
export function normalise(address: string): Address | undefined {
  const read = readAddress(address.replace(/%.*$/, ''));
  if (read === undefined) return undefined;
  const { family, first } = unmap({ family: read.family, first: read.value, last: read.value });
  return { family, value: first };
}

function unmap({ family, first, last }: AddressRange): AddressRange {
  if (family === 'ipv4' || first >> 32n !== MAPPED || last >> 32n !== MAPPED) return { family, first, last };
  return { family: 'ipv4', first: first & 0xffffffffn, last: last & 0xffffffffn };
}

function isSame(one: AddressRange, other: AddressRange): boolean {
  return one.family === other.family && one.first === other.first && one.last === other.last;
}

function valueOfIpv4(text: string): bigint {
  return text.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function valueOfIpv6(text: string): bigint {
  const groups = text.replace(/[^:]+\.[^:]+$/, (dotted) => {
    const value = valueOfIpv4(dotted);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const [head = [], tail] = groups.split('::').map((part) => part.split(':').filter((each) => each !== ''));
  const zeros = tail === undefined ? [] : Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...zeros, ...(tail ?? [])].reduce(
    (value, group) => value * 65536n + BigInt(`0x${group}`),
    0n,
  );
}

export function toText(value: bigint, family: AddressFamily): string {
  const [parts, bits, base] = family === 'ipv4' ? [4, 8n, 10] : [8, 16n, 16];
  return Array.from({ length: parts }, (_, index) => {
    const part = (value >> (BigInt(parts - 1 - index) * bits)) & ((1n << bits) - 1n);
    return part.toString(base);
  }).join(family === 'ipv4' ? '.' : ':');
}

export function showRange({ family, first, last }: AddressRange): string {
  return first === last ? toText(first, family) : `${toText(first, family)}-${toText(last, family)}`;
}
