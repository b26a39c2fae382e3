/** What a body is instead of XML, by how it begins. Its text is not repeated: it may be a secret. */

const BEGINNINGS: readonly (readonly [beginning: RegExp, sentence: string])[] = [
  [/^&(?:lt|#60|#x3c);/i, 'its markup is escaped, with &lt; for every "<"; send it as it was before'],
  [
    /^cxml-(?:urlencoded|base64)=/i,
    'it is a form; its Content-Type must say application/x-www-form-urlencoded',
  ],
  [/^%3c/i, 'it is percent-encoded; send it as it was before'],
  [/^--[^\s-]/, 'it is the inside of a multipart message; the Content-Type must say so, with its boundary'],
  [/^(?:POST \S|HTTP\/\d|[A-Za-z-]{2,40}: )/, 'it begins with headers; they belong before the body'],
  [/^[{[]/, 'it looks like JSON; send the cXML document'],
  [/^(?:PD94bWwg|PCFET0NUWVBF|PGNYTUwg)/, 'it is encoded in base64; send it as it was before'],
];

/** @param text from the first character that is no blank */
export function describeBeginning(text: string): string {
  const [, sentence] = BEGINNINGS.find(([beginning]) => beginning.test(text)) ?? [];
  return `it does not begin with "<"${sentence === undefined ? '' : `: ${sentence}`}`;
}
