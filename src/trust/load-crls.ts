/** Revocation lists from files: each is proven to be of a pinned issuer before it counts, or the whole set is refused. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, StartupError } from '../errors.ts';
import { inTurns } from '../turns.ts';
import type { Anchor } from './bundle.ts';
import type { Certificate } from './certificate.ts';
import type { Crl } from './crl.ts';
import { isSignedBy, readCrl } from './crl.ts';
import { explainUnreadable, splitCrls } from './crl-pem.ts';
import { isUsableKey } from './public-key.ts';
import { readBounded } from './read-bounded.ts';
import { type CrlPolicy, type Revocation, RevocationList } from './revocation.ts';

export interface LoadedRevocation {
  readonly revocation: Revocation;
  readonly warnings: readonly string[];
}

interface Problem {
  readonly line: number;
  readonly what: string;
  readonly hint: string;
}

const FILE_LIMIT_BYTES = 24 * 1_048_576;
const MOST_FILES = 50;
/** A list may be a moment newer than our clock. */
const CLOCK_SKEW_MS = 300_000;

/**
 * @param path a file, or a folder of `*.crl`, `*.pem` and `*.der`
 * @param anchors the pinned issuers; a list of anybody else is passed over with a warning: nothing could prove it, and
 *   it would narrow nothing. It is what a retired pin leaves behind, and must not keep the pin from going
 * @throws {StartupError} naming every mistake as `file:line`
 */
export async function loadCrls(
  path: string,
  {
    anchors,
    policy,
    now,
  }: { readonly anchors: readonly Anchor[]; readonly policy: CrlPolicy; readonly now: Date },
): Promise<LoadedRevocation> {
  const problems: (Problem & { readonly file: string })[] = [];
  const found: RevocationList[] = [];
  const strays: string[] = [];
  for (const file of await listFiles(path)) {
    const options = { limitBytes: FILE_LIMIT_BYTES, what: 'the revocation list', key: 'trust.crl' };
    const bytes = await readBounded(file, options);
    let line = 1;
    try {
      for (const encoded of await inTurns(splitCrls(bytes))) {
        ({ line } = encoded);
        const crl = await inTurns(readCrl(encoded.der));
        const named = anchors.filter(({ certificate }) => isNamedIn(crl, certificate));
        if (named.length === 0) {
          strays.push(
            `${file}:${line}: not used, ${crl.issuer.text} is not pinned: the file can be taken out`,
          );
          continue;
        }
        const list = await prove(crl, { file, named, now });
        if ('what' in list) problems.push({ file, line, ...list });
        else found.push(list);
      }
    } catch (error) {
      problems.push({ file, ...explainUnreadable(error, line) });
    }
  }
  const [first] = problems;
  if (first !== undefined) {
    const lines = problems.map(({ file, line, what }) => `${file}:${line}: ${what}`);
    throw new StartupError(lines.join('\n'), { hint: first.hint });
  }
  const lists = keepNewest(found);
  const warnings = [...strays, ...warnAboutLists(found, lists, now), ...warnAboutAnchors(anchors, lists)];
  return { revocation: Object.freeze({ policy, lists: Object.freeze(lists) }), warnings };
}

function isNamedIn({ issuer }: Crl, { subject }: Certificate): boolean {
  return Buffer.from(subject.raw).equals(issuer.raw);
}

async function prove(
  crl: Crl,
  { file, named, now }: { readonly file: string; readonly named: readonly Anchor[]; readonly now: Date },
): Promise<RevocationList | Omit<Problem, 'line'>> {
  const { issuer, thisUpdate, nextUpdate, serials, fingerprint, signatureAlgorithm, unfit } = crl;
  const name = issuer.text;
  if (unfit !== undefined) return unfit;
  if (nextUpdate === undefined || nextUpdate <= thisUpdate) {
    const what = `the list of ${name} does not say when the next one comes, so nobody could tell that it is stale`;
    return { what, hint: 'ask its issuer for a list with nextUpdate' };
  }
  if (thisUpdate.getTime() > now.getTime() + CLOCK_SKEW_MS) {
    const what = `the list of ${name} is of ${thisUpdate.toISOString()}, which is yet to come`;
    return { what, hint: "check this machine's clock, and fetch the list again" };
  }
  if (signatureAlgorithm.allowed === undefined) {
    const what = `the list of ${name} is signed with ${signatureAlgorithm.oid}, which is not taken`;
    return { what, hint: 'ask its issuer for a list signed with SHA-256 or better' };
  }
  for (const { certificate } of named) {
    const { key, keyUsage, spki, x509 } = certificate;
    const maySign = keyUsage === undefined || keyUsage.has('cRLSign');
    if (!maySign || !isUsableKey(key) || !(await isSignedBy(crl, x509.publicKey))) continue;
    const issuerName = Buffer.from(issuer.raw).toString('hex');
    const facts = { issuer: name, file, issuerName, signer: spki, thisUpdate, nextUpdate, fingerprint };
    return new RevocationList(facts, serials);
  }
  const what = `${name} is pinned, but no pinned key of that name that may sign lists has signed this one`;
  return {
    what,
    hint: 'fetch the list again from where its issuer publishes it, and look who could change the file',
  };
}

/** Of each issuer and key the one issued last. */
function keepNewest(lists: readonly RevocationList[]): RevocationList[] {
  const newest = new Map<string, RevocationList>();
  for (const list of lists) {
    const { issuerName, signer, thisUpdate } = list.facts;
    const before = newest.get(issuerName + signer);
    if (before === undefined || before.facts.thisUpdate < thisUpdate) newest.set(issuerName + signer, list);
  }
  return [...newest.values()];
}

function warnAboutLists(
  found: readonly RevocationList[],
  kept: readonly RevocationList[],
  now: Date,
): string[] {
  const older = found
    .filter((list) => !kept.includes(list))
    .map(({ facts }) => `${facts.file}: not used, there is a newer list of ${facts.issuer}`);
  const stale = kept
    .filter((list) => list.isStale(now))
    .map(({ facts: { file, issuer, nextUpdate } }) => {
      return `${file}: the list of ${issuer} was good until ${nextUpdate.toISOString()}: fetch the current one`;
    });
  return [...older, ...stale];
}

function warnAboutAnchors(anchors: readonly Anchor[], lists: readonly RevocationList[]): string[] {
  const covered = new Set(lists.map(({ facts }) => facts.signer));
  return anchors
    .filter(({ certificate }) => !covered.has(certificate.spki))
    .map(({ certificate }) => `no revocation list of ${certificate.subject.text} in trust.crl`);
}

async function listFiles(path: string): Promise<string[]> {
  let files = [path];
  try {
    if ((await stat(path)).isDirectory()) {
      const entries = (await readdir(path)).filter((entry) => /^[^.].*\.(crl|pem|der)$/i.test(entry));
      files = entries.sort().map((entry) => join(path, entry));
    }
  } catch (cause) {
    const code = codeOf(cause) ?? 'unknown error';
    const hint = 'check the path under trust.crl and that this user may read it';
    throw new StartupError(`${path}: the revocation lists cannot be read (${code})`, { hint, cause });
  }
  // Empty is never meant: whoever replaces a file in two steps would let revoked clients in between them.
  if (files.length === 0) {
    const hint = 'put the list of each pinned issuer there, or take trust.crl out';
    throw new StartupError(`${path}: no revocation list (*.crl, *.pem, *.der) in this folder`, { hint });
  }
  if (files.length > MOST_FILES) {
    const hint = 'keep one list for each pinned issuer';
    throw new StartupError(`${path}: ${files.length} files; at most ${MOST_FILES} are read`, { hint });
  }
  return files;
}
