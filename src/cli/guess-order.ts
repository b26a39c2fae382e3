/** Which order a document speaks of that cannot be read: by its looks. For a person only, never for a decision. */

/** The header stands at the beginning. */
const LOOKED_AT = 100_000;
const ORDER_ID = /\sorderID\s*=\s*(?:"([^"<>&]{1,100})"|'([^'<>&]{1,100})')/;

export function guessOrderId(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder(encodingOf(bytes)).decode(bytes.subarray(0, LOOKED_AT));
  const [, double, single] = ORDER_ID.exec(text) ?? [];
  const found = (double ?? single)?.trim();
  return found === '' ? undefined : found;
}

/** What is not UTF-16 has the letters of ASCII where they are looked for. */
function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff || second === 0) return 'utf-16le';
  return first === 0xfe || first === 0 ? 'utf-16be' : 'utf-8';
}
