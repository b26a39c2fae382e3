/** What a client is told when its bytes stop being a request, or never become one: one answer, in its turn, then the end. */
import { Refusal } from '../errors.ts';
import type { Guest } from './exchange.ts';
import type { Replies } from './replies.ts';

/**
 * Ends a guest's connection with a refusal. Earlier requests on it that are complete get their own answers first: a
 * refusal sent before them would be read as theirs, and an order that is being kept would look refused.
 */
export function endWith(guest: Guest, refusal: Refusal, replies: Replies): void {
  if (guest.broken) return;
  guest.broken = true;
  const { socket } = guest;
  const sayLast = (): void => {
    if (socket.writable) replies.sendLast(guest, refusal);
    else socket.destroy();
  };
  const open = [...guest.open];
  const told = open.find(({ answered, req }) => answered && !req.complete);
  if (told !== undefined) {
    told.res.end(); // it has its refusal and was only being read to the end
    return;
  }
  const earlier = open.filter(({ req }) => req.complete);
  let left = earlier.length;
  if (left === 0) {
    sayLast();
    return;
  }
  for (const { res } of earlier) {
    res.once('close', () => {
      left -= 1;
      if (left === 0) sayLast();
    });
  }
}

/** @returns undefined when there is nobody left to tell */
export function refusalOf({ code = '' }: NodeJS.ErrnoException): Refusal | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new Refusal('request-timeout', 'The request did not arrive in time.');
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new Refusal('headers-too-large', 'The request headers are larger than is taken here.');
  }
  if (code.startsWith('HPE_')) {
    return new Refusal('request-malformed', `This is not an HTTP request that can be read (${code}).`);
  }
  return undefined;
}
