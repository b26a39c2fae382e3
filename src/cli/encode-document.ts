/** A document in another encoding, and declared so. For the simulator: what an older sender would put on the wire. */

export type Encoding = 'ISO-8859-15' | 'UTF-16';

/** @param xml declared as UTF-8, with names and markup in ASCII */
export function encodeDocument(xml: string, encoding: Encoding): Uint8Array {
  const declared = xml.replace(/^(<\?xml [^>]*encoding=")[^"]*/, `$1${encoding}`);
  // A bare `UTF-16` needs the mark: without it the order of bytes is anyone's guess (XML 1.0, 4.3.3).
  return encoding === 'UTF-16' ? Buffer.from(`\ufeff${declared}`, 'utf16le') : encodeLatin9(declared);
}

/** What ISO-8859-15 does not have becomes a character reference, as every serializer does it. */
function encodeLatin9(text: string): Uint8Array {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const characters = [...new TextDecoder('iso-8859-15').decode(all)];
  const bytes = new Map(characters.map((character, byte) => [character, byte]));
  const encoded = [...text].flatMap((character) => {
    const byte = bytes.get(character);
    return byte === undefined ? [...Buffer.from(`&#${character.codePointAt(0)};`)] : byte;
  });
  return Uint8Array.from(encoded);
}
