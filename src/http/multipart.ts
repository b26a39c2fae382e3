/**
 * A multipart body, taken apart as it arrives (RFC 2046, section 5.1). It keeps no more than one delimiter and one part's
 * headers, and how the bytes are cut into pieces on their way changes nothing. Lines may end in LF alone: re-saved
 * messages do. Never: files, decoding, which part is the order.
 */
import { malformed, type PartHeaders, readPartHeaders } from './part-headers.ts';

export interface MultipartLimits {
  readonly parts: number;
  /** Of one part. */
  readonly headerBytes: number;
  /** What stands before the first and behind the last boundary says nothing, and is not taken without end. */
  readonly paddingBytes: number;
}

export const MULTIPART_LIMITS: MultipartLimits = {
  parts: 200,
  headerBytes: 16_384,
  paddingBytes: 65_536,
};

/** Told of each part in turn: its headers, its bytes in any number of pieces, its end. */
export interface PartListener {
  part(headers: PartHeaders): void;
  /** A view that is only good until this returns. */
  data(bytes: Uint8Array): void;
  partEnd(): void;
}

export interface MultipartParser {
  /** @throws {Refusal} `multipart-malformed` */
  write(bytes: Uint8Array): void;
  /** @throws {Refusal} `multipart-malformed` when the final boundary has not come */
  end(): void;
}

/** RFC 2046 allows 70; the search is linear whatever the length. */
const LONGEST_BOUNDARY = 250;
/** Blanks between a boundary and the end of its line. */
const LONGEST_BLANK = 128;
const [TAB, LF, CR, SPACE, DASH] = [0x09, 0x0a, 0x0d, 0x20, 0x2d];

/** @throws {Refusal} for a boundary that cannot be one */
export function createMultipartParser(
  boundary: string,
  listener: PartListener,
  limits: MultipartLimits = MULTIPART_LIMITS,
): MultipartParser {
  if (
    boundary.length === 0 ||
    boundary.length > LONGEST_BOUNDARY ||
    !/^[\x20-\x7e]*[\x21-\x7e]$/.test(boundary)
  ) {
    throw malformed('its boundary is empty, too long or holds characters that no boundary has');
  }
  const delimiter = Buffer.from(`\n--${boundary}`, 'latin1');
  let state: 'preamble' | 'headers' | 'body' | 'epilogue' = 'preamble';
  /** Not yet decided. A line break is put before the first byte: the first boundary may stand there. */
  let rest: Buffer = Buffer.from('\n');
  /** A body's first byte is the line break that ended its headers: a boundary may follow at once. */
  let atBreak = false;
  let parts = 0;
  let padding = 0;

  const pass = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    if (state === 'body') {
      const content = atBreak ? bytes.subarray(1) : bytes;
      atBreak = false;
      if (content.length > 0) listener.data(content);
      return;
    }
    padding += bytes.length;
    if (padding > limits.paddingBytes) {
      throw malformed(`more than ${limits.paddingBytes} bytes stand outside of its parts`);
    }
  };

  /** @returns false when more bytes are needed */
  const findDelimiter = (): boolean => {
    for (let from = 0; ; ) {
      const at = rest.indexOf(delimiter, from);
      if (at === -1) {
        // The beginning of a delimiter may be at the end, and the CR before it.
        const keep = Math.min(rest.length, delimiter.length);
        pass(rest.subarray(0, rest.length - keep));
        rest = rest.subarray(rest.length - keep);
        return false;
      }
      const line = readDelimiterLine(rest, at + delimiter.length);
      if (line === 'more') {
        const start = startOfBreak(rest, at);
        pass(rest.subarray(0, start));
        rest = rest.subarray(start);
        return false;
      }
      if (line === 'none') {
        from = at + 1; // a longer boundary that begins like this one, of a part inside a part
        continue;
      }
      pass(rest.subarray(0, startOfBreak(rest, at)));
      if (state === 'body') listener.partEnd();
      rest = rest.subarray(line.next);
      if (line.last) state = 'epilogue';
      else beginPart();
      return true;
    }
  };

  const beginPart = (): void => {
    parts += 1;
    if (parts > limits.parts) throw malformed(`it has more than ${limits.parts} parts`);
    state = 'headers';
  };

  const findHeaders = (): boolean => {
    const end = endOfHeaders(rest);
    if ((end?.from ?? rest.length) > limits.headerBytes) {
      throw malformed(`the headers of part ${parts} are longer than ${limits.headerBytes} bytes`);
    }
    if (end === undefined) return false;
    listener.part(readPartHeaders(rest.subarray(0, end.from).toString('latin1')));
    rest = rest.subarray(end.next - 1);
    state = 'body';
    atBreak = true;
    return true;
  };

  const isOver = (): boolean => state === 'epilogue';
  const advance = (): boolean => (state === 'headers' ? findHeaders() : findDelimiter());
  const take = (bytes: Uint8Array): void => {
    rest = Buffer.concat([rest, bytes]);
    while (!isOver() && advance());
    if (!isOver()) return;
    pass(rest);
    rest = Buffer.alloc(0);
  };

  return {
    write: take,
    end() {
      // The final boundary may be the very last bytes, without a line break behind it.
      if (!isOver()) take(Buffer.from('\n'));
      if (!isOver()) throw malformed('it ends without its final boundary, so part of it is missing');
    },
  };
}

/** The line break before a boundary belongs to the boundary. */
function startOfBreak(bytes: Buffer, lineFeed: number): number {
  return bytes[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed;
}

/** What follows a boundary's characters: the end of its line, or the boundary was none. */
function readDelimiterLine(
  bytes: Buffer,
  from: number,
): { readonly next: number; readonly last: boolean } | 'none' | 'more' {
  if (bytes.length < from + 2 && (bytes[from] === DASH || bytes[from] === undefined)) return 'more';
  const last = bytes[from] === DASH && bytes[from + 1] === DASH;
  let at = last ? from + 2 : from;
  const limit = at + LONGEST_BLANK;
  while ((bytes[at] === SPACE || bytes[at] === TAB) && at < limit) at += 1;
  if (bytes[at] === CR) at += 1;
  if (bytes[at] === undefined) return 'more';
  return bytes[at] === LF ? { next: at + 1, last } : 'none';
}

/** `from`: where the headers end; `next`: behind the empty line after them. */
function endOfHeaders(bytes: Buffer): { readonly from: number; readonly next: number } | undefined {
  for (let at = 0; at !== -1; ) {
    // `at` is where a line begins.
    if (bytes[at] === LF) return { from: at, next: at + 1 };
    if (bytes[at] === CR && bytes[at + 1] === LF) return { from: at, next: at + 2 };
    const end = bytes.indexOf(LF, at);
    at = end === -1 ? -1 : end + 1;
  }
  return undefined;
}
