/**
 * What a multipart parser says at once, done in the time that files take: each part goes to a file of its own, its transfer
 * encoding undone. Parts inside parts are taken out of them.
 */
import type { Spool, Spooled, SpoolFile } from '../intake/spool.ts';
import { type Hold, overloaded } from './body-budget.ts';
import { type Multipart, readContentType } from './content-type.ts';
import { createMultipartParser, MULTIPART_LIMITS, type MultipartParser } from './multipart.ts';
import { malformed, type PartHeaders } from './part-headers.ts';
import { createTransferDecoder, type TransferDecoder } from './transfer-decoding.ts';

/** A part that is complete; its bytes are those the sender meant, its transfer encoding undone. */
export interface Part extends Spooled {
  readonly headers: PartHeaders;
}

/** Parts inside parts inside parts. */
const MOST_LEVELS = 4;

interface Level {
  readonly parser: MultipartParser;
  readonly headers: PartHeaders;
}

export type Step =
  | { readonly kind: 'open'; readonly headers: PartHeaders }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'close' };

/** Parsers inside parsers, as parts hold parts; what comes out at the bottom are files. */
export function createLevels(boundary: string, take: (step: Step) => void): MultipartParser {
  const create = (of: string, level: number): MultipartParser => {
    let inner: Level | undefined;
    return createMultipartParser(
      of,
      {
        part(headers) {
          const { multipart } = nestedOf(headers.contentType);
          if (multipart === undefined) return take({ kind: 'open', headers });
          if (level === MOST_LEVELS)
            throw malformed(`parts lie inside one another ${MOST_LEVELS} times and more`);
          if (headers.encoding !== 'identity')
            throw malformed('a part that holds parts is encoded as a whole');
          inner = { parser: create(multipart.boundary, level + 1), headers };
        },
        data(bytes) {
          if (inner === undefined) take({ kind: 'data', bytes });
          else inner.parser.write(bytes);
        },
        partEnd() {
          if (inner === undefined) return take({ kind: 'close' });
          inner.parser.end();
          inner = undefined;
        },
      },
      MULTIPART_LIMITS,
    );
  };
  return create(boundary, 1);
}

/** A part may be of any type; only one that holds parts is looked into. */
function nestedOf(contentType: string): { readonly multipart?: Multipart } {
  return /^\s*multipart\//i.test(contentType) ? readContentType(contentType) : {};
}

export interface Collected extends Part {
  readonly file: SpoolFile;
}

/** The parser speaks at once and files take their time: steps are noted, and taken before the next bytes are read. */
export function createCollector({
  spool,
  cleanup,
  onDisk,
}: {
  readonly spool: Spool;
  readonly cleanup: AsyncDisposableStack;
  readonly onDisk: Hold;
}) {
  const parts: Collected[] = [];
  let steps: Step[] = [];
  let current: { headers: PartHeaders; file: SpoolFile; decoder: TransferDecoder } | undefined;

  const write = async (file: SpoolFile, bytes: Uint8Array): Promise<void> => {
    if (bytes.length === 0) return;
    if (!onDisk.take(bytes.length)) throw overloaded();
    await file.write(bytes);
  };
  const run = async (step: Step): Promise<void> => {
    if (step.kind === 'open') {
      if (parts.length >= MULTIPART_LIMITS.parts)
        throw malformed(`it has more than ${MULTIPART_LIMITS.parts} parts`);
      const file = cleanup.use(await spool.begin());
      current = { headers: step.headers, file, decoder: createTransferDecoder(step.headers.encoding) };
      return;
    }
    if (current === undefined) throw new Error('bytes came before the part they belong to');
    const { headers, file, decoder } = current;
    if (step.kind === 'data') return await write(file, decoder.write(step.bytes));
    await write(file, decoder.end());
    parts.push({ headers, file, ...(await file.finish()) });
    current = undefined;
  };
  const settle = async (): Promise<void> => {
    const now = steps;
    steps = [];
    for (const step of now) await run(step);
  };

  return {
    take: (step: Step): void => void steps.push(step),
    parts: (): readonly Collected[] => parts,
    settle,
    /** Ends the part that has just begun as far as it came. */
    async cutOff(): Promise<void> {
      await settle().catch(() => {});
      if (current === undefined) return;
      const { headers, file } = current;
      parts.push({ headers, file, ...(await file.finish()) });
      current = undefined;
    },
  };
}
