/** HTTP Basic: the credentials of a request's Authorization header, compared without being kept. */
import type { Buyer } from '../config.ts';
import { digest, type Slot, slotsOf } from './secret-slots.ts';

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;

/** @returns what was sent as `username:password`, hashed; undefined when the header is missing or something else */
export function readBasic(authorization: string | undefined): Buffer | undefined {
  const sent = BASIC.exec(authorization ?? '')?.[1];
  return sent === undefined ? undefined : digest(Buffer.from(sent, 'base64'));
}

/**
 * @returns for each slot all that counts as right: clients do not say in which encoding they write a password
 *   (RFC 7617, section 2.1), and one that has letters outside ASCII may come as UTF-8, composed or not, or as ISO-8859-1
 */
export function basicSlots({
  username,
  password: current,
  password_previous: previous,
}: NonNullable<Buyer['basic_auth']>): readonly Slot<readonly Buffer[]>[] {
  return slotsOf({ current, previous }, (password) => spellings(`${username}:${password}`).map(digest));
}

function spellings(text: string): Buffer[] {
  const composed = text.normalize('NFC');
  const inLatin1 = /^[\0-\xff]*$/.test(composed);
  return [
    Buffer.from(text, 'utf8'),
    Buffer.from(composed, 'utf8'),
    ...(inLatin1 ? [Buffer.from(composed, 'latin1')] : []),
  ];
}
