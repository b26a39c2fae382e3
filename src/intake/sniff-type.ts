/** What a file is by its first bytes. Senders call anything anything; whoever opens it should know better. */

const text = (signature: string): Buffer => Buffer.from(signature, 'latin1');

/** First match wins. Signatures as published with each format. */
const SIGNATURES: readonly (readonly [type: string, signature: Buffer, at?: number])[] = [
  ['application/pdf', text('%PDF-')],
  ['image/png', text('\x89PNG\r\n\x1a\n')],
  ['image/jpeg', text('\xff\xd8\xff')],
  ['image/gif', text('GIF87a')],
  ['image/gif', text('GIF89a')],
  ['image/tiff', text('II*\0')],
  ['image/tiff', text('MM\0*')],
  ['image/bmp', text('BM')],
  ['image/webp', text('WEBP'), 8],
  ['application/zip', text('PK\x03\x04')],
  ['application/gzip', text('\x1f\x8b')],
  ['application/x-7z-compressed', text("7z\xbc\xaf'\x1c")],
  ['application/vnd.rar', text('Rar!\x1a\x07')],
  ['application/x-ole-storage', text('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')],
  ['application/rtf', text('{\\rtf')],
  ['application/x-msdownload', text('MZ')],
  ['application/x-elf', text('\x7fELF')],
  ['text/html', text('<!DOCTYPE html')],
  ['text/html', text('<html')],
  ['application/xml', text('<?xml')],
];

/** @returns null where the bytes do not tell */
export function sniffType(head: Buffer): string | null {
  const bare = head.subarray(0, 3).equals(text('\xef\xbb\xbf')) ? head.subarray(3) : head;
  for (const [type, signature, at = 0] of SIGNATURES) {
    if (bare.subarray(at, at + signature.length).equals(signature)) return type;
  }
  return null;
}
