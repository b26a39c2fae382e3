/** The lists in a file, DER or PEM. Large ones are text of many megabytes, so that they are decoded in short turns. */
import { UnreadableDer } from './der.ts';

export interface EncodedCrl {
  readonly der: Uint8Array;
  readonly line: number;
}

/** The file holds something else. `message` says what; never for people without its file. */
export class UnreadableCrlFile extends Error {
  override readonly name = 'UnreadableCrlFile';
  readonly line: number;
  readonly hint: string;

  constructor(line: number, what: string, hint: string) {
    super(what);
    this.line = line;
    this.hint = hint;
  }
}

const END = '-----END X509 CRL-----';
const CHARACTERS_A_TURN = 65_536;
const COPY_AGAIN = 'fetch the list again from where its issuer publishes it';

/** @throws {UnreadableCrlFile} */
export function* splitCrls(file: Buffer): Generator<undefined, EncodedCrl[], void> {
  if (file[0] === 0x30) return [{ der: file, line: 1 }];
  const text = file.toString('latin1');
  const lists: EncodedCrl[] = [];
  for (let begin = text.indexOf('-----BEGIN'); begin !== -1; ) {
    const line = lineAt(text, begin);
    const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/y;
    label.lastIndex = begin;
    const found = label.exec(text)?.[1];
    if (found !== 'X509 CRL') throw explainLabel(line, found);
    const end = text.indexOf(END, label.lastIndex);
    if (end === -1) {
      throw new UnreadableCrlFile(
        line,
        'the list that begins here has no END line: the file is cut off',
        COPY_AGAIN,
      );
    }
    lists.push({ der: yield* decode(text.slice(label.lastIndex, end), line), line });
    begin = text.indexOf('-----BEGIN', end);
  }
  if (lists.length === 0) {
    throw new UnreadableCrlFile(1, 'no revocation list in this file, neither DER nor PEM', COPY_AGAIN);
  }
  return lists;
}

/** Canonical base64 only: `Buffer.from` passes over whatever it does not know. */
function* decode(body: string, line: number): Generator<undefined, Buffer, void> {
  const parts: Buffer[] = [];
  let carried = '';
  for (let offset = 0; offset < body.length; offset += CHARACTERS_A_TURN) {
    const clean = carried + body.slice(offset, offset + CHARACTERS_A_TURN).replaceAll(/[\r\n\t ]/g, '');
    const isLast = offset + CHARACTERS_A_TURN >= body.length;
    const whole = isLast ? clean : clean.slice(0, clean.length - (clean.length % 4));
    carried = clean.slice(whole.length);
    const bytes = Buffer.from(whole, 'base64');
    if (bytes.toString('base64') !== whole || (!isLast && whole.endsWith('='))) {
      throw new UnreadableCrlFile(line, 'the list that begins here is not sound base64', COPY_AGAIN);
    }
    parts.push(bytes);
    yield;
  }
  return Buffer.concat(parts);
}

function explainLabel(line: number, label: string | undefined): UnreadableCrlFile {
  if (label === undefined) return new UnreadableCrlFile(line, 'a damaged BEGIN line', COPY_AGAIN);
  if (label.includes('PRIVATE KEY')) {
    const hint =
      'take the key out, treat it as disclosed, and keep keys where only the receiver may read them';
    return new UnreadableCrlFile(line, 'a PRIVATE KEY stands here; only revocation lists are read', hint);
  }
  const hint = 'keep only X509 CRL blocks in this file; certificates belong into trust.bundle';
  return new UnreadableCrlFile(line, `a ${label} block; only revocation lists are read`, hint);
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** For people, with where in the file it is. */
export function explainUnreadable(
  error: unknown,
  line: number,
): { line: number; what: string; hint: string } {
  if (error instanceof UnreadableCrlFile) return { line: error.line, what: error.message, hint: error.hint };
  if (error instanceof UnreadableDer) {
    return { line, what: `not a readable revocation list: ${error.message}`, hint: COPY_AGAIN };
  }
  throw error;
}
