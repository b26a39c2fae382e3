/** A kept message for a person: what came when, from whom, and what became of it. */
import type { KeptAttachment, KeptNote, MessageSummary, Release } from '../store/store.ts';
import { describeUnproven } from '../trust/unproven.ts';
import { formatBytes } from './describe-exchange.ts';
import { harmless, shorten } from './harmless.ts';
import type { ReplyStatus } from './read-reply.ts';
import type { Terminal } from './terminal.ts';

export const NOTES: Readonly<Record<KeptNote, string>> = {
  'new-for-known-order': 'was sent as new, though the order was known with other content',
  'change-for-unknown-order': 'changes an order that was never received',
  'older-than-current': 'is older than the revision in force, so it never became current',
  'resent-superseded': 'repeats a revision that another one has followed: perhaps the buyer changed it back',
};

/** @param reply the Status that was sent */
export function describeMessage(
  message: MessageSummary,
  reply: ReplyStatus | undefined,
  { bold, dim, yellow, mark }: Terminal,
): string[] {
  const { id, revision, operation, outcome, current, receivedAt, payloadId, sha256, size } = message;
  const what = outcome === 'resent' ? `${operation}, sent again under a new payloadID` : operation;
  const lines = [
    `  ${bold(`message ${id}`)}  revision ${revision}${current ? ', in force' : ''}  ${what}`,
    `    ${dim('received')}  ${receivedAt.toISOString()} from ${harmless(message.remoteAddress)}`,
    `    ${dim('payload')}   ${payloadId === null ? 'no payloadID' : shorten(payloadId, 160)}`,
    `    ${dim('bytes')}     ${formatBytes(size)}, ${harmless(message.contentType)}, sha256 ${sha256}`,
    `    ${dim('peer')}      ${describePeer(message)}`,
  ];
  if (reply !== undefined) {
    lines.push(`    ${dim('answered')}  ${harmless(reply.timestamp)}, ${reply.code} ${harmless(reply.text)}`);
  }
  if (message.replays > 0) {
    const last = message.lastReplayedAt === null ? '' : `, last ${message.lastReplayedAt.toISOString()}`;
    lines.push(`    ${dim('replays')}   ${message.replays}${last}; each got the same reply`);
  }
  if (message.released !== null) lines.push(...describeRelease(message.released, dim));
  for (const each of message.attachments) lines.push(`    ${dim('file')}      ${describeAttachment(each)}`);
  for (const note of message.notes) lines.push(`    ${mark.warn} ${yellow(NOTES[note])}`);
  return lines;
}

function describeRelease({ refused, code, at, by, reason }: Release, dim: Terminal['dim']): string[] {
  return [
    `    ${dim('released')}  ${at.toISOString()} by ${harmless(by)}, was refused for ${harmless(code)} as number ${refused}`,
    `    ${dim('reason')}    ${shorten(reason, 400)}`,
  ];
}

/** The number is for `orders attachment`. */
export function describeAttachment({
  id,
  fileName,
  contentId,
  mediaType,
  sniffedType,
  size,
}: KeptAttachment): string {
  const name = shorten(fileName ?? contentId ?? 'without a name', 60);
  const said = shorten(mediaType.split(';')[0] ?? '', 60);
  const type =
    sniffedType === null || sniffedType === said.toLowerCase()
      ? said
      : `${said}, by its bytes ${sniffedType}`;
  return `${id}  ${name}, ${type}, ${formatBytes(size)}`;
}

function describePeer({ peerName, peerFingerprint, protocol }: MessageSummary): string {
  const unproven = describeUnproven(peerFingerprint);
  if (unproven !== undefined) return `client certificate: ${unproven}, ${protocol}`;
  return `${harmless(peerName)}, ${protocol}, sha256 ${peerFingerprint.slice(0, 16)}…`;
}
