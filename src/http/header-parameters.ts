/** The parameters behind a header's value: `multipart/related; boundary="x"; start="<1@buyer>"` (RFC 9110, section 5.6.6). */

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
/** An empty parameter or a stray `;` is passed over; senders write both. */
const PARAMETER = new RegExp(
  `;[ \\t]*(?:(${TOKEN})[ \\t]*=[ \\t]*(${TOKEN}|[^;"\\s][^;"]*|"(?:[^"\\\\]|\\\\.)*")?)?[ \\t]*`,
  'y',
);
/** More than any real header has. */
const MOST_PARAMETERS = 40;

/**
 * Names in lower case, values unquoted. The first of each name counts; `filename*=UTF-8''…` counts as `filename`
 * (RFC 8187). Reading stops at what is no parameter.
 */
export function readParameters(value: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = value.includes(';') ? value.indexOf(';') : value.length;
  for (let count = 0; count < MOST_PARAMETERS && PARAMETER.lastIndex < value.length; count += 1) {
    const found = PARAMETER.exec(value);
    if (found === null) break;
    const [, name, sent] = found;
    if (name === undefined || sent === undefined) continue;
    const plain = name.toLowerCase().replace(/\*$/, '');
    const text = name.endsWith('*') ? decodeExtended(sent) : unquote(sent).trim();
    if (text !== undefined && !parameters.has(plain)) parameters.set(plain, text);
  }
  PARAMETER.lastIndex = 0;
  return parameters;
}

export function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : value;
}

/** `UTF-8''na%C3%AFve.pdf`, as bytes, one a character, like every other header value. */
function decodeExtended(value: string): string | undefined {
  const encoded = /^(?:utf-8|iso-8859-1|us-ascii)'[^']*'(.*)$/i.exec(value)?.[1];
  return encoded?.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
