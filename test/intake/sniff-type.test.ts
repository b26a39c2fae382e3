import { expect } from 'chai';
import fc from 'fast-check';
import { sniffType } from '../../src/intake/sniff-type.ts';

describe('sniffType', () => {
  const KNOWN: Readonly<Record<string, string>> = {
    '%PDF-1.7': 'application/pdf',
    '\x89PNG\r\n\x1a\nrest': 'image/png',
    '\xff\xd8\xff\xe0': 'image/jpeg',
    'RIFF1234WEBPVP8 ': 'image/webp',
    'PK\x03\x04word': 'application/zip',
    '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1': 'application/x-ole-storage',
    'MZ\x90': 'application/x-msdownload',
    '\xef\xbb\xbf<?xml version="1.0"?>': 'application/xml',
  };
  for (const [head, type] of Object.entries(KNOWN)) {
    it(`knows ${type}`, () => expect(sniffType(Buffer.from(head, 'latin1'))).to.equal(type));
  }

  it('does not guess', () => {
    for (const head of ['', '%PDF', 'plain text', '\0\0\0'])
      expect(sniffType(Buffer.from(head)), head).to.equal(null);
  });

  it('takes any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void sniffType(Buffer.from(bytes))));
  });
});
