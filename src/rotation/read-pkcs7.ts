/** The certificates in a PKCS #7 (CMS) SignedData, as `.p7b` and `.p7c` files hold them. RFC 5652 5.1. */
import { UnreadableDer } from '../trust/der.ts';
import { type Asn1, childrenOf, encodeAsn1, oidOf, tagOf } from './container-asn1.ts';
import { refuseTooMany, UnfitFile } from './unfit-file.ts';

export interface Container {
  /** Each as DER, in the order of the file. */
  readonly certificates: readonly Uint8Array[];
  readonly warnings: readonly string[];
}

const SIGNED_DATA = '1.2.840.113549.1.7.2';

/**
 * @param file the bytes that `contentInfo` was parsed from
 * @throws {UnfitFile} when it is another kind of content
 * @throws {UnreadableDer}
 */
export function readPkcs7(contentInfo: Asn1, file: Uint8Array): Container {
  const [type, content] = childrenOf(contentInfo, 0x30);
  if (oidOf(type) !== SIGNED_DATA) {
    throw new UnfitFile(
      'this is a PKCS #7 message without certificates to take (encrypted, or plain data)',
      'ask for the certificates as .pem, .cer or .p7b',
    );
  }
  const [signedData] = childrenOf(content, 0xa0);
  const parts = childrenOf(signedData, 0x30);
  const set = parts.find((part) => tagOf(part) === 0xa0);
  const choices = set === undefined ? [] : childrenOf(set, 0xa0);
  const plain = choices.filter((each) => tagOf(each) === 0x30);
  refuseTooMany(plain.length);
  // The first SET is that of the digest algorithms.
  const signers = parts.slice(2).find((part) => tagOf(part) === 0x31);
  return {
    certificates: takeAsSigned(plain, file),
    warnings: [
      ...(signers !== undefined && childrenOf(signers, 0x31).length > 0
        ? ['a signed message, not a mere list of certificates: they are those of its signer']
        : []),
      ...(plain.length < choices.length ? ['other certificates than X.509 in it are passed over'] : []),
      ...(parts.some((part) => tagOf(part) === 0xa1)
        ? ['revocation lists in it are passed over; they belong into trust.crls']
        : []),
    ],
  };
}

/** Enough of a certificate to find it: its lengths and most of its serial number. */
const PROBE_BYTES = 32;
const MOST_PROBES = 16;

/**
 * forge writes lengths and numbers anew in their shortest form. Other bytes would have another fingerprint and no
 * valid signature, so each certificate must stand in the file as it is handed out, one after the other. Not with
 * `indexOf` of the whole: on bytes made for it that takes 20 s.
 */
function takeAsSigned(values: readonly Asn1[], file: Uint8Array): Buffer[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  let from = 0;
  let probes = 0;
  return values.map((value) => {
    const der = encodeAsn1(value);
    const probe = der.subarray(0, PROBE_BYTES);
    for (let at = bytes.indexOf(probe, from); at !== -1; at = bytes.indexOf(probe, at + 1)) {
      if (bytes.subarray(at, at + der.length).equals(der)) {
        from = at + der.length;
        return der;
      }
      probes += 1;
      if (probes > MOST_PROBES) break;
    }
    throw new UnreadableDer('a certificate that is not in DER');
  });
}
