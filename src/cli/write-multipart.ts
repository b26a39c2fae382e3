/** Writes a MIME message of several parts, as a careful sender does: lines end in CRLF, every part has its Content-ID. */

export interface Part {
  /** Of the header line: `application/pdf`. */
  readonly contentType: string;
  /** Without angle brackets. */
  readonly contentId: string;
  readonly fileName?: string;
  /** A text is canonical with CRLF, so it is only itself again after its lines are made LF. */
  readonly content: { readonly text: string } | { readonly binary: Uint8Array };
  readonly transfer: '8bit' | 'quoted-printable' | 'base64';
}

export interface Multipart {
  /** Of the HTTP header, with its parameters. */
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

const CRLF = '\r\n';
const LINE_CHARACTERS = 76;

/** @param parts the first is the root: `related` names it in `start`, in `mixed` its place says so (RFC 2387, RFC 2046) */
export function writeMultipart(
  [root, ...others]: readonly [Part, ...Part[]],
  { subtype, boundary }: { readonly subtype: 'related' | 'mixed'; readonly boundary: string },
): Multipart {
  const parts = [root, ...others].map(
    (part) => `--${boundary}${CRLF}${writeHeaders(part)}${CRLF}${CRLF}${writeBody(part)}${CRLF}`,
  );
  const [mediaType] = root.contentType.split(';');
  const parameters = [
    `boundary="${boundary}"`,
    ...(subtype === 'related' ? [`type="${mediaType}"`, `start="<${root.contentId}>"`] : []),
  ];
  return {
    contentType: [`multipart/${subtype}`, ...parameters].join('; '),
    bytes: Buffer.from(`${parts.join('')}--${boundary}--${CRLF}`, 'utf8'),
  };
}

/** How a document points to a part: what a URL may not hold is escaped, which the header is not (RFC 2392). */
export function cidUrl(contentId: string): string {
  return `cid:${encodeURIComponent(contentId).replaceAll('%40', '@')}`;
}

function writeHeaders({ contentType, contentId, fileName, transfer }: Part): string {
  return [
    `Content-Type: ${contentType}`,
    `Content-ID: <${contentId}>`,
    `Content-Transfer-Encoding: ${transfer}`,
    ...(fileName === undefined ? [] : [`Content-Disposition: attachment; filename="${fileName}"`]),
  ].join(CRLF);
}

function writeBody({ content, transfer }: Part): string {
  const text = 'text' in content ? content.text.replaceAll(/\r?\n/g, CRLF) : undefined;
  if (transfer === 'base64') {
    const bytes = 'binary' in content ? content.binary : Buffer.from(content.text, 'utf8');
    const letters = Buffer.from(bytes).toString('base64');
    return (letters.match(new RegExp(`.{1,${LINE_CHARACTERS}}`, 'g')) ?? []).join(CRLF);
  }
  if (text === undefined) throw new TypeError(`bytes cannot travel as ${transfer}`);
  return transfer === '8bit' ? text : text.split(CRLF).map(quoteLine).join(CRLF);
}

/** RFC 2045, 6.7: printable ASCII as it is, blanks except at the end of a line, and soft breaks in long lines. */
function quoteLine(line: string): string {
  const bytes = [...Buffer.from(line, 'utf8')];
  const tokens = bytes.map((byte, at) => {
    const blank = (byte === 0x20 || byte === 0x09) && at < bytes.length - 1;
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x3d;
    return blank || plain
      ? String.fromCharCode(byte)
      : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  let width = 0;
  return tokens.reduce((written, token) => {
    const fits = width + token.length < LINE_CHARACTERS;
    width = (fits ? width : 0) + token.length;
    return fits ? written + token : `${written}=${CRLF}${token}`;
  }, '');
}
