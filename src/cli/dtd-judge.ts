/**
 * Is a document valid by a DTD? Told, never enforced: real orders often are not, and say the same all the same. Not on
 * the path of an answer: only `check` asks.
 */
import { readFile } from 'node:fs/promises';
import type { Finding } from '../cxml/order.ts';
import { codeOf, StartupError } from '../errors.ts';

export interface DtdJudge extends Disposable {
  /** @param text decoded and known to be well-formed */
  judge(text: string): readonly Finding[];
}

/** The largest official one, 1.2.071, has 330 KB. */
const DTD_LIMIT_BYTES = 4 * 1024 * 1024;
/** One mistake of a sender is often made in every line. */
const MOST_FINDINGS = 20;

/** @throws {StartupError} when the file cannot be read, or is no DTD */
export async function openDtd(file: string): Promise<DtdJudge> {
  const bytes = await readDtd(file);
  // 1.3 MB of WebAssembly: loaded only by whoever asks for it.
  const { DtdValidator, ParseOption, XmlDocument, XmlDtd, XmlLibError } = await import('libxml2-wasm');
  const dtd = parse(file, () => XmlDtd.fromBuffer(bytes));
  const validator = new DtdValidator(dtd);
  const option = ParseOption.XML_PARSE_NO_XXE | ParseOption.XML_PARSE_IGNORE_ENC | ParseOption.XML_PARSE_HUGE;

  return {
    judge(text) {
      const document = XmlDocument.fromBuffer(Buffer.from(text, 'utf8'), { option });
      try {
        validator.validate(document);
        return [];
      } catch (error) {
        if (!(error instanceof XmlLibError)) throw error;
        return asFindings(error.details);
      } finally {
        document.dispose();
      }
    },
    [Symbol.dispose]() {
      validator.dispose();
      dtd.dispose();
    },
  };
}

async function readDtd(file: string): Promise<Uint8Array> {
  const hint =
    'name the cXML.dtd of the version your buyer sends; http://xml.cxml.org/schemas/cXML/ has them';
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    const code = codeOf(cause) ?? 'unknown error';
    throw new StartupError(`${file}: the DTD cannot be read (${code})`, { hint, cause });
  }
  if (bytes.byteLength <= DTD_LIMIT_BYTES) return bytes;
  throw new StartupError(`${file}: ${bytes.byteLength} bytes are more than any DTD of cXML has`, { hint });
}

function parse<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.trim().split('\n')[0] : 'unknown error';
    throw new StartupError(`${file}: this is no DTD that could be read: ${why}`, {
      hint: 'fetch it again, whole and unchanged',
      cause,
    });
  }
}

interface Fault {
  readonly message: string;
  readonly line: number;
  readonly xpath?: string;
}

function asFindings(faults: readonly Fault[]): Finding[] {
  const findings = faults.slice(0, MOST_FINDINGS).map(
    ({ message, line, xpath }): Finding => ({
      id: 'N-DTD-001',
      severity: 'note',
      place: { line, ...(xpath === undefined ? {} : { path: xpath.replace(/^\//, '') }) },
      message: `Not valid by the DTD: ${shorten(conceal(message.trim(), xpath))}`,
    }),
  );
  const more = faults.length - findings.length;
  if (more <= 0) return findings;
  const message = `Not valid by the DTD in ${more} more places.`;
  return [...findings, { id: 'N-DTD-001', severity: 'note', place: {}, message }];
}

const SENSITIVE = /\/(PCard|SharedSecret|CredentialMac|DigitalSignature)(\[|\/|$)/;
/** libxml2 quotes the values it does not like. No card number may get out this way, wherever it stands. */
function conceal(message: string, xpath = ''): string {
  const text = SENSITIVE.test(xpath) ? message.replaceAll(/"[^"]*"/g, '"…"') : message;
  return text.replaceAll(/\d[\d -]{10,}\d/g, '…');
}

/** What the DTD would take runs on for pages. */
function shorten(message: string): string {
  return message.length <= 400 ? message : `${message.slice(0, 400)}…`;
}
