/** `trust stage --from-refused`: the issuers that a refused client sent along. Never its own certificate. */
import { type Certificate, isIssuedBy, readOrSkip } from '../trust/certificate.ts';
import type { RefusedHandshakeRecord } from '../trust/evidence.ts';
import { readChain } from '../trust/sent-chain.ts';
import { readIssuerUrls } from './issuer-urls.ts';
import { RotationError } from './rotation.ts';
import { NOTHING_STAGED } from './unfit-file.ts';

export interface RefusedCandidate {
  /** That signed the client's certificate, or one that did, lowest first. Never empty. */
  readonly certificates: readonly Certificate[];
  readonly warnings: readonly string[];
}

/** As many as a client may send, and some. */
const MOST_LINKS = 16;

/**
 * @param record whole, as `findRefusedHandshake` gives it
 * @throws {RotationError} when there is no issuer in it
 */
export function candidateFromRefused(record: RefusedHandshakeRecord): RefusedCandidate {
  const { leaf, sent } = readPresented(record);
  const certificates = climb(leaf, sent);
  if (certificates.length === 0) throw explainNoIssuer(record, leaf, sent.length);
  return {
    certificates,
    warnings: [
      'anybody can write any name into a certificate: before promoting, compare the fingerprint with what Coupa ' +
        'publishes, or ask them by a way you know',
      ...(record.nearMiss ? [] : ["the refused client did not have one of Coupa's names"]),
    ],
  };
}

function readPresented(record: RefusedHandshakeRecord): { leaf: Certificate; sent: readonly Certificate[] } {
  const chain = readChain(record.chainPem);
  const [first, ...rest] = chain.map(readOrSkip);
  if (chain.length === 0) {
    throw new RotationError(`refused handshake ${record.id} holds no certificate`, {
      meaning: NOTHING_STAGED,
      next: 'look at what was refused, and name another: sallyport trust show',
    });
  }
  if (first === undefined) {
    throw new RotationError(`the certificate of refused handshake ${record.id} cannot be read`, {
      meaning: NOTHING_STAGED,
      next: "ask Coupa for the issuer's certificate as a .pem file: sallyport trust stage FILE",
    });
  }
  return { leaf: first, sent: rest.filter((each) => each !== undefined) };
}

/** By proven signatures alone: whoever connects can send along whatever they like. */
function climb(leaf: Certificate, sent: readonly Certificate[]): Certificate[] {
  const issuers: Certificate[] = [];
  const known = new Set([leaf.fingerprint]);
  for (let tops = [leaf]; tops.length > 0 && issuers.length < MOST_LINKS; ) {
    const next = sent
      .slice(0, MOST_LINKS)
      .filter((each) => !known.has(each.fingerprint) && tops.some((top) => isIssuedBy(top, each)));
    for (const each of next) known.add(each.fingerprint);
    issuers.push(...next);
    tops = next;
  }
  return issuers.filter(({ basicConstraints }) => basicConstraints?.ca === true);
}

function explainNoIssuer(record: RefusedHandshakeRecord, leaf: Certificate, sent: number): RotationError {
  if (isIssuedBy(leaf, leaf)) {
    return new RotationError(
      `the client of refused handshake ${record.id} signed its certificate itself: ${leaf.subject.text}`,
      { meaning: `${NOTHING_STAGED}; no CA stands behind it that could be pinned`, next: ASK_COUPA },
    );
  }
  const urls = readIssuerUrls(leaf);
  const hint =
    urls.length === 0
      ? ''
      : ` The certificate says its issuer is at ${urls.join(', ')}; that is not fetched here, and whoever wrote the ` +
        'certificate chose it.';
  return new RotationError(
    sent === 0
      ? `the client of refused handshake ${record.id} sent its own certificate alone`
      : `nothing that the client of refused handshake ${record.id} sent along has signed its certificate`,
    {
      meaning: `${NOTHING_STAGED}; a client's own certificate is never pinned`,
      next: `ask Coupa for the CA certificate of ${leaf.issuer.text}, then: sallyport trust stage FILE.${hint}`,
    },
  );
}

const ASK_COUPA = 'ask Coupa whether they sent it, and for the issuer of their client certificates';
