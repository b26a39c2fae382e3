/**
 * Strict PEM: every block counts, every block must be whole, and nothing that looks like a broken one is
 * passed over.
 */

export interface PemBlock {
  readonly der: Uint8Array;
  /** Line of its BEGIN, from 1. */
  readonly line: number;
}

/** A mistake in a file, for the person who can mend it. Never quotes the file. */
export interface FileProblem {
  readonly line: number;
  readonly what: string;
  readonly hint: string;
}

export interface PemCertificates {
  readonly blocks: readonly PemBlock[];
  readonly problems: readonly FileProblem[];
}

const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';
/** Base64 of DER that starts a certificate, or any long run of base64: a block that lost its BEGIN. */
const STRAY_BASE64 = /^(MII[A-Za-z0-9+/]{16,}|[A-Za-z0-9+/]{60,}={0,2})$/;
const COPY_AGAIN = 'copy the whole file again from where it was published, without editing it';

/**
 * Reads the certificates of a PEM file. Text between blocks is passed over, as `openssl x509 -text` prints
 * it; OpenSSL's own loader would also pass over a broken block, and so trust half a file in silence.
 */
export function parsePemCertificates(text: Buffer): PemCertificates {
  const unfit = checkEncoding(text);
  if (unfit !== undefined) return { blocks: [], problems: [{ line: 1, ...unfit }] };
  const blocks: PemBlock[] = [];
  const problems: FileProblem[] = [];
  const report = (line: number, what: string, hint = COPY_AGAIN): void => {
    problems.push({ line, what, hint });
  };
  let open: { readonly line: number; readonly body: string[] } | undefined;
  const lines = text
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/);
  for (const [index, full] of lines.entries()) {
    const number = index + 1;
    const line = full.trimEnd();
    if (line === BEGIN) {
      if (open !== undefined) report(open.line, 'the certificate that begins here has no END line');
      open = { line: number, body: [] };
    } else if (line === END) {
      if (open === undefined) report(number, 'an END line without its BEGIN');
      else {
        const der = decodeBase64(open.body.join(''));
        if (der === undefined) report(open.line, 'the certificate that begins here is not sound base64');
        else blocks.push({ der, line: open.line });
      }
      open = undefined;
    } else if (line.includes('-----')) {
      const { what, hint } = explainMarker(line);
      report(number, what, hint);
      open = undefined;
    } else if (open !== undefined) {
      open.body.push(line);
    } else if (STRAY_BASE64.test(line)) {
      report(number, 'base64 outside any certificate: a BEGIN line is missing');
    }
  }
  if (open !== undefined)
    report(open.line, 'the certificate that begins here has no END line: the file is cut off');
  return { blocks, problems };
}

function checkEncoding(text: Buffer): { what: string; hint: string } | undefined {
  const [first, second] = text;
  if (first === 0x30 && second !== undefined && second >= 0x80) {
    return {
      what: 'this is DER, not PEM',
      hint: 'convert it: openssl x509 -inform der -in FILE -out FILE.pem',
    };
  }
  if (text.includes(0)) {
    return {
      what: 'this is not a text file in UTF-8',
      hint: 'save it as plain text (UTF-8 or ASCII), or fetch it again',
    };
  }
  return undefined;
}

/**
 * A line with five dashes that is neither of the two expected. What it marks is named, what it holds never
 * quoted.
 */
function explainMarker(line: string): { what: string; hint: string } {
  if (/PRIVATE KEY/.test(line)) {
    return {
      what: 'a PRIVATE KEY stands here; a trust bundle holds certificates only',
      hint: 'take the key out, treat it as disclosed, and keep keys where only the receiver may read them',
    };
  }
  const label = /^-----(?:BEGIN|END) ([A-Z0-9 ]{1,40})-----$/.exec(line)?.[1];
  if (label === undefined) {
    return { what: 'a damaged BEGIN or END line', hint: COPY_AGAIN };
  }
  if (label === 'TRUSTED CERTIFICATE' || label === 'X509 CERTIFICATE') {
    return {
      what: `a ${label} block; plain CERTIFICATE blocks are read`,
      hint: 'write it again: openssl x509 -in FILE',
    };
  }
  return {
    what: `a ${label} block; only certificates are read`,
    hint: 'take everything but certificates out of the file',
  };
}

/** Canonical base64 only: `Buffer.from` passes over whatever it does not know. */
function decodeBase64(body: string): Buffer | undefined {
  const bytes = Buffer.from(body, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === body ? bytes : undefined;
}

export function writePem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
