/** libxml2 as a judge beside our reader: it shares no line with it, and is not on the path of an answer. */
import { ParseOption, XmlDocument, type XmlElement, XmlLibError } from 'libxml2-wasm';

/** Nothing outside the document is loaded, and what the document declares about its encoding is passed over. */
const OPTIONS = ParseOption.XML_PARSE_NO_XXE | ParseOption.XML_PARSE_IGNORE_ENC | ParseOption.XML_PARSE_HUGE;
const FATAL = 3;
/** A prefix that nobody declared breaks "Namespaces in XML", not XML; libxml2 says so by its level. */

/**
 * Judges the characters, not the bytes: decoding has tests of its own.
 *
 * @returns why libxml2 finds the text malformed, or undefined
 */
export function faultByLibxml(text: string): string | undefined {
  try {
    XmlDocument.fromBuffer(Buffer.from(text, 'utf8'), { option: OPTIONS }).dispose();
    return undefined;
  } catch (error) {
    if (!(error instanceof XmlLibError)) throw error;
    const fatal = error.details.filter(({ level }) => level >= FATAL);
    return fatal.length === 0 ? undefined : fatal.map(({ message }) => message.trim()).join('; ');
  }
}

/** Reads a document and hands its root to `use`; what libxml2 holds outside of JavaScript is freed after it. */
export function withLibxml<T>(text: string, use: (root: XmlElement) => T): T {
  const document = XmlDocument.fromBuffer(Buffer.from(text, 'utf8'), { option: OPTIONS });
  try {
    return use(document.root);
  } finally {
    document.dispose();
  }
}
