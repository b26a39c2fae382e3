/** Where a certificate says its issuer can be fetched. Only shown: nothing a stranger sent is ever fetched. */
import type { Certificate } from '../trust/certificate.ts';
import { readChildren, readDer, readOid, TAG, UnreadableDer } from '../trust/der.ts';
import { printable } from '../trust/distinguished-name.ts';

const AUTHORITY_INFORMATION = '1.3.6.1.5.5.7.1.1';
const CA_ISSUERS = '1.3.6.1.5.5.7.48.2';
const URL_TAG = 0x86;
const MOST_URLS = 3;
const URL_LIMIT = 200;

/** @see RFC 5280 4.2.2.1 */
export function readIssuerUrls({ der }: Certificate): string[] {
  try {
    const [signed] = readChildren(readDer(der));
    const list = signed && readChildren(signed).find(({ tag }) => tag === 0xa3);
    const extension = (list === undefined ? [] : readChildren(readDer(list.content)))
      .map((each) => readChildren(each))
      .find(([id]) => readOid(id) === AUTHORITY_INFORMATION);
    const value = extension?.at(-1);
    if (value === undefined) return [];
    return readChildren(readDer(value.content, TAG.sequence))
      .map((access) => readChildren(access))
      .filter(([method, place]) => readOid(method) === CA_ISSUERS && place?.tag === URL_TAG)
      .map(([, place]) => Buffer.from(place?.content ?? []).toString('latin1'))
      .filter((url) => /^(https?|ldaps?):\/\//i.test(url))
      .slice(0, MOST_URLS)
      .map((url) => printable(url, URL_LIMIT));
  } catch (error) {
    if (error instanceof UnreadableDer) return [];
    throw error;
  }
}
