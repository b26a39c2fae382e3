/** Damages documents the way hostile and broken senders do; the same seed gives the same damage. */

/** Numbers from 0 up to, not including, `below`. */
export type Dice = (below: number) => number;

/** mulberry32: small, fast, and the same everywhere. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const NASTY = [
  '',
  ' ',
  '-1',
  '0',
  '1e999',
  'NaN',
  'Infinity',
  '1,505.00',
  '1.505,00',
  '9'.repeat(400),
  '0.'.padEnd(300, '0'),
  '2000-2-30',
  '0000-00-00T00:00:00',
  '2026-02-30T25:61:61+99:99',
  '../../etc/passwd',
  '<b>x</b>',
  '&lt;script&gt;',
  '&#27;[2J',
  '&#0;',
  '&#xFFFF;',
  '&#xD800;',
  '&amp;amp;',
  '&undefined;',
  '=cmd|&apos;/C calc&apos;!A0',
  'a\r\nSet-Cookie: x',
  '\u202e',
  '\u0000',
  '\ud800',
  'constructor',
  '__proto__',
  'x'.repeat(70_000),
] as const;

const MARKUP = [
  '<',
  '>',
  '/>',
  '</',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?',
  '?>',
  '&',
  ';',
  '"',
  "'",
  '=',
  '<!DOCTYPE x [<!ENTITY a "b">]>',
  '<x xmlns="y" a:b="c">',
  '<?xml version="1.0" encoding="utf-16"?>',
  '\ufeff',
] as const;

type Damage = (text: string, dice: Dice) => string;

const pick = <T>(from: readonly T[], dice: Dice): T => from[dice(from.length)] as T;

function splice(text: string, at: number, remove: number, insert: string): string {
  return text.slice(0, at) + insert + text.slice(at + remove);
}

/** One of the matches of a pattern, or undefined. */
function someMatch(text: string, pattern: RegExp, dice: Dice): RegExpExecArray | undefined {
  pattern.lastIndex = dice(Math.max(1, text.length));
  const found = pattern.exec(text);
  pattern.lastIndex = 0;
  return found ?? pattern.exec(text) ?? undefined;
}

const DAMAGES: readonly Damage[] = [
  (text, dice) => splice(text, dice(text.length + 1), 1, String.fromCharCode(dice(0x180))),
  (text, dice) => splice(text, dice(text.length + 1), dice(20), ''),
  (text, dice) => splice(text, dice(text.length + 1), 0, pick(MARKUP, dice)),
  (text, dice) => text.slice(0, dice(text.length + 1)),
  (text, dice) => {
    const at = dice(text.length + 1);
    return splice(text, at, 0, text.slice(at, at + dice(400)));
  },
  // an attribute's value
  (text, dice) => {
    const found = someMatch(text, /="[^"<]*"/g, dice);
    return found === undefined ? text : splice(text, found.index, found[0].length, `="${pick(NASTY, dice)}"`);
  },
  // a text
  (text, dice) => {
    const found = someMatch(text, />[^<>]+</g, dice);
    return found === undefined ? text : splice(text, found.index, found[0].length, `>${pick(NASTY, dice)}<`);
  },
  // an attribute goes
  (text, dice) => {
    const found = someMatch(text, /\s[\w:.-]+="[^"<]*"/g, dice);
    return found === undefined ? text : splice(text, found.index, found[0].length, '');
  },
  // a leaf element goes, comes twice, or gets another name
  (text, dice) => {
    const found = someMatch(text, /<([\w:.-]+)(?:\s[^<>]*)?>[^<>]*<\/\1>/g, dice);
    if (found === undefined) return text;
    const leaf = found[0];
    const name = found[1] ?? '';
    const changed = pick(
      ['', leaf + leaf, leaf.replaceAll(name, 'Extrinsic'), leaf.replaceAll(name, `a:${name}`)],
      dice,
    );
    return splice(text, found.index, leaf.length, changed);
  },
  // deep, wide
  (text, dice) => {
    const found = someMatch(text, /<\/[\w:.-]+>/g, dice);
    if (found === undefined) return text;
    const many = 1 + dice(200);
    return splice(
      text,
      found.index,
      0,
      dice(2) === 0 ? '<x/>'.repeat(many) : `${'<x>'.repeat(many)}${'</x>'.repeat(many)}`,
    );
  },
];

/** One to three damages, one upon the other. */
export function mutate(text: string, dice: Dice): string {
  let damaged = text;
  for (let turns = 1 + dice(3); turns > 0; turns -= 1) damaged = pick(DAMAGES, dice)(damaged, dice);
  return damaged;
}

/** Damage to the bytes, where encodings break. */
export function mutateBytes(bytes: Uint8Array, dice: Dice): Uint8Array {
  const damaged = Buffer.from(bytes);
  for (let turns = 1 + dice(4); turns > 0 && damaged.length > 0; turns -= 1) {
    damaged[dice(damaged.length)] = dice(256);
  }
  return damaged;
}
