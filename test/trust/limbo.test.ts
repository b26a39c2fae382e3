/**
 * The 208 core cases of x509-limbo (C2SP, Apache-2.0) against our own judgement alone. Whatever differs from
 * what limbo expects is in a table with its reason; a case that starts to agree, or to differ, fails here.
 */
import { execFile } from 'node:child_process';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { judgeCase, type LimboCase, type LimboReason, readLimbo } from '../support/limbo.ts';
import { needsShared, needsTool } from '../support/needs.ts';

interface Group {
  readonly why: string;
  readonly cases: readonly string[];
}

const ids = (text: string): readonly string[] => text.trim().split(/\s+/);

/** We refuse what limbo lets in. A wrong one here would cost an order, never a break-in. */
const STRICTER: readonly Group[] = [
  {
    why: 'a client is no CA: whoever holds a CA key can make clients, and is not let in as one',
    cases: ids('pathlen::validation-ignores-pathlen-in-leaf rfc5280::ca-as-leaf'),
  },
  {
    why: 'at most two issuers between client and anchor, and eight certificates sent, self-issued or not',
    cases: ids('pathlen::self-issued-certs-pathlen cve::cve-2024-0567'),
  },
  {
    why: 'an issuer the client sent that carries name constraints is refused without evaluating them',
    cases: ids(`
      rfc5280::nc::nc-forbids-alternate-chain-ica rfc5280::nc::nc-permits-email-exact
      rfc5280::nc::nc-permits-email-domain rfc5280::nc::nc-permits-email-literal-asterisk-exact-match
      rfc5280::nc::nc-permits-email-literal-double-asterisk rfc5280::nc::nc-permits-email-literal-mid-asterisk
      rfc5280::nc::nc-forbids-othername-noop webpki::nc::nc-permits-dns-san-pattern`),
  },
  {
    why: 'the name is the common name; one that stands in SAN alone is nobody',
    cases: ids('webpki::san::exact-localhost-ip-san webpki::san::leftmost-wildcard-san'),
  },
  {
    why: 'the issuers are for web servers only; a gate for clients asks for clientAuth all the way up',
    cases: ids('online::microsoft.com online::bing.com'),
  },
  {
    why: 'a bundle is taken whole or not at all, though this client needs only the sound half',
    cases: ids('rfc5280::unknown-critical-extension-unrelated-root'),
  },
  {
    why: 'a certificate ends at its last second, not a few milliseconds after it began',
    cases: ids('rfc5280::validity::notafter-fractional'),
  },
];

/** We let in what limbo refuses: OpenSSL evaluates it in every handshake, and both must accept. */
const LEFT_TO_OPENSSL: Group = {
  why: 'name constraints of the pinned anchor itself',
  cases: ids(`
    pathological::nc-dos-3 rfc5280::nc::permitted-dns-mismatch rfc5280::nc::excluded-dns-match-second
    rfc5280::nc::permitted-ip-mismatch rfc5280::nc::excluded-ipv4-match rfc5280::nc::excluded-ipv6-match
    rfc5280::nc::permitted-dn-mismatch rfc5280::nc::excluded-dn-match
    rfc5280::nc::permitted-dn-match-subject-san-mismatch rfc5280::nc::excluded-dn-match-sub-mismatch
    rfc5280::nc::excluded-self-issued-leaf rfc5280::nc::excluded-match-permitted-and-excluded
    rfc5280::nc::invalid-dnsname-wildcard rfc5280::nc::invalid-ipv4-address rfc5280::nc::invalid-ipv6-address
    rfc5280::nc::invalid-email-address rfc5280::nc::intermediate-with-san-rejected-by-root-nc`),
};

/**
 * We let in what limbo refuses, and OpenSSL does too. Safe because the leaf, in all of them, is signed by a key
 * that the operator pinned, or by a CA below it, and bears the exact common name: nobody can make such a
 * certificate who could not make a flawless one.
 */
const OUT_OF_SCOPE: readonly Group[] = [
  {
    why: 'form of the pinned anchor, of which name and key count (RFC 5280 6.1.1 d): a person chose it',
    cases: ids(`
      rfc5280::nc::permitted-dns-match-noncritical rfc5280::nc::invalid-dnsname-leading-period
      rfc5280::ca-empty-subject rfc5280::root-non-critical-basic-constraints rfc5280::ski::root-missing-ski
      rfc5280::aki::cross-signed-root-missing-aki webpki::aki::root-with-aki-missing-keyidentifier
      webpki::aki::root-with-aki-authoritycertissuer webpki::aki::root-with-aki-authoritycertserialnumber
      webpki::aki::root-with-aki-all-fields webpki::aki::root-with-aki-ski-mismatch
      webpki::forbidden-rsa-not-divisible-by-8-in-root`),
  },
  {
    why: 'key identifiers are hints for finding an issuer; ours is found by a signature that verifies',
    cases: ids(`
      rfc5280::aki::leaf-missing-aki rfc5280::aki::intermediate-missing-aki
      rfc5280::ski::intermediate-missing-ski`),
  },
  {
    why: 'SAN is not the identity: it is reported, and gives no right',
    cases: ids(`
      webpki::san::no-san webpki::san::mismatch-apex-subdomain-san webpki::san::public-suffix-wildcard-san
      webpki::san::san-wildcard-only rfc5280::san::underscore-dns rfc5280::san::ip-in-dns`),
  },
  {
    why: 'rules of the CA/Browser Forum for web servers, beyond RFC 5280; a private CA need not follow them',
    cases: ids(`
      webpki::eku::ee-critical-eku webpki::eku::ee-without-eku webpki::malformed-aia
      webpki::forbidden-rsa-key-not-divisible-by-8-in-leaf`),
  },
  {
    why: 'a slip that RFC 5280 has verifiers live with (4.1.2.2), or that is not critical',
    cases: ids('rfc5280::serial::zero rfc5280::pc::ica-noncritical-pc'),
  },
  {
    why: 'the mirror image: a leaf for clients, where limbo wants one for servers',
    cases: ids('rfc5280::eku::ee-wrong-eku'),
  },
  {
    why: 'the depth is a parameter of the case; ours is fixed, and these chains are within it',
    cases: ids('pathlen::max-chain-depth-0-exhausted pathlen::max-chain-depth-1-exhausted'),
  },
  {
    why: 'no list is told from another by its number: all of them count, and what one has revoked stays so',
    cases: ids('crl::crlnumber-missing'),
  },
];

/** Refused as limbo wants it. The reason is stated, because a refusal for another one would prove nothing. */
const REFUSED_FOR: Readonly<Partial<Record<LimboReason, readonly string[]>>> = {
  anchor_expired: ids('rfc5280::validity::expired-root'),
  bundle: ids(`
    rfc5280::aki::critical-aki rfc5280::ski::critical-ski rfc5280::serial::negative
    rfc5280::unknown-critical-extension-root rfc5280::root-missing-basic-constraints
    rfc5280::root-inconsistent-ca-extensions webpki::eku::root-has-eku webpki::explicit-curve
    webpki::forbidden-p192-root webpki::forbidden-dsa-root webpki::forbidden-weak-rsa-key-in-root`),
  crl: ids('crl::crlnumber-critical crl::issuer-missing-crlsign'),
  depth: ids(`
    pathlen::intermediate-pathlen-too-long pathological::pathological-chain-distinct-subject-distinct-key
    pathological::pathological-chain-same-subject-distinct-key
    pathological::pathological-chain-distinct-subject-same-key
    pathological::pathological-chain-same-subject-same-key`),
  expired: ids(`
    rfc5280::validity::expired-intermediate rfc5280::validity::expired-leaf
    rfc5280::validity::expired-1-second rfc5280::validity::expired-5-seconds`),
  extended_key_usage: ids('webpki::eku::ee-anyeku'),
  is_ca: ids(`
    rfc5280::leaf-ku-keycertsign webpki::ee-basicconstraints-ca webpki::ca-as-leaf
    rfc5280::ca-as-leaf-wrong-san`),
  key_type: ids('webpki::forbidden-p192-leaf webpki::forbidden-dsa-leaf'),
  name_constraint: ids(`
    cve::cve-2025-61727 cve::cve-2025-61727-nc-permits-variant rfc5280::nc::excluded-dns-match
    rfc5280::nc::not-allowed-in-ee-noncritical rfc5280::nc::not-allowed-in-ee-critical
    rfc5280::nc::intermediate-with-san-rejected-by-intermediate-nc rfc5280::nc::nc-permits-invalid-dns-san
    rfc5280::nc::nc-permits-invalid-ip-san rfc5280::nc::nc-permits-invalid-email-san
    rfc5280::nc::nc-permits-email-literal-asterisk-rejects-user
    rfc5280::nc::nc-permits-email-literal-asterisk-rejects-subdomain
    rfc5280::nc::nc-permits-email-literal-double-asterisk-rejects-single rfc5280::nc::nc-forbids-othername
    rfc5280::nc::nc-forbids-dnsname-wildcard-san rfc5280::nc::restrictive-permits-in-intermediates-narrows
    rfc5280::nc::restrictive-permits-in-intermediates-widens
    webpki::nc::intermediate-permitted-excluded-subtrees-both-null
    webpki::nc::intermediate-permitted-excluded-subtrees-both-empty-sequences`),
  name_not_allowed: ids(`
    pathological::nc-dos-2 rfc5280::san::noncritical-with-empty-subject webpki::cn::ipv4-hex-mismatch
    webpki::cn::ipv4-leading-zeros-mismatch webpki::cn::ipv6-uppercase-mismatch
    webpki::cn::ipv6-uncompressed-mismatch webpki::cn::ipv6-non-rfc5952-mismatch
    webpki::cn::punycode-not-in-san webpki::cn::utf8-vs-punycode-mismatch webpki::cn::not-in-san
    webpki::cn::case-mismatch webpki::san::mismatch-domain-san webpki::san::mismatch-subdomain-san
    webpki::san::mismatch-subdomain-apex-san webpki::san::public-suffix-multi-label-wildcard-san
    webpki::san::public-suffix-private-namespace-wildcard-san webpki::san::wildcard-embedded-leftmost-san
    webpki::san::wildcard-not-in-leftmost-san webpki::san::wildcard-match-across-labels-san
    webpki::san::wildcard-embedded-ulabel-san webpki::san::unicode-emoji-san
    webpki::san::san-critical-with-nonempty-subject webpki::san::san-wildcard-only-tld`),
  not_yet_valid: ids(`
    rfc5280::validity::notbefore-fractional rfc5280::validity::not-yet-valid-1-second
    rfc5280::validity::not-yet-valid-5-seconds`),
  path_length: ids('pathlen::intermediate-violates-pathlen-0'),
  revoked: ids('crl::revoked-certificate-with-crl'),
  unknown_critical_extension: ids(`
    rfc5280::unknown-critical-extension-ee rfc5280::unknown-critical-extension-intermediate
    rfc5280::ee-critical-aia-invalid`),
  unreadable_certificate: ids(`
    pathological::nc-dos-1 rfc5280::eku::ee-eku-empty rfc5280::san::malformed rfc5280::serial::too-long
    rfc5280::duplicate-extensions rfc5280::mismatching-signature-algorithm webpki::v1-cert
    invalid::invalid-issuer-key`),
  // Of `ica-ku-keycertsign` and `intermediate-ca-missing-basic-constraints` the issuer is not among the data.
  untrusted_issuer: ids(`
    pathological::intermediate-cycle-distinct-cas pathological::intermediate-cycle-distinct-cas-max-depth
    pathological::intermediate-cycle-same-logical-ca rfc5280::ee-empty-issuer rfc5280::chain-untrusted-root
    rfc5280::intermediate-ca-without-ca-bit rfc5280::intermediate-ca-missing-basic-constraints
    rfc5280::ica-ku-keycertsign webpki::cryptographydotio-chain-missing-intermediate`),
  weak_key: ids('webpki::forbidden-weak-rsa-in-leaf'),
};

const all = (groups: readonly Group[]): string[] => groups.flatMap(({ cases }) => cases);

describe('judgePeer on the cases of x509-limbo', () => {
  let cases: readonly LimboCase[];
  let judged: ReadonlyMap<string, readonly LimboReason[]>;
  let slowestMs = 0;
  before(async function () {
    cases = readLimbo(needsShared(this, 'x509-limbo/limbo-core.json'));
    const outcomes = new Map<string, readonly LimboReason[]>();
    for (const limbo of cases) {
      const started = performance.now();
      outcomes.set(limbo.id, await judgeCase(limbo));
      slowestMs = Math.max(slowestMs, performance.now() - started);
    }
    judged = outcomes;
  });

  const differing = (expected: LimboCase['expected_result']): string[] =>
    cases
      .filter(({ id, expected_result }) => {
        const refused = judged.get(id)?.length !== 0;
        return expected_result === expected && refused === (expected === 'SUCCESS');
      })
      .map(({ id }) => id);

  it('lets in whomever limbo lets in, but for what is stricter on purpose', () => {
    expect(differing('SUCCESS')).to.have.members(all(STRICTER));
  });

  it('refuses whomever limbo refuses, but for what is out of scope or left to OpenSSL', () => {
    expect(differing('FAILURE')).to.have.members(all([LEFT_TO_OPENSSL, ...OUT_OF_SCOPE]));
  });

  it('refuses each for its own reason', () => {
    const stated = Object.entries(REFUSED_FOR).flatMap(([reason, group]) =>
      group.map((id) => ({ id, reason })),
    );
    for (const { id, reason } of stated) expect(judged.get(id), id).to.include(reason);
    const agreed = cases.filter(
      ({ id, expected_result }) => expected_result === 'FAILURE' && judged.get(id)?.length,
    );
    expect(stated.map(({ id }) => id)).to.have.members(agreed.map(({ id }) => id));
  });

  it('takes no long time over any, hostile ones included', () => {
    expect(slowestMs).to.be.below(1_000);
  });

  it('knows that OpenSSL refuses what is left to it', async function () {
    needsTool(this, 'openssl');
    const left = cases.filter(({ id }) => LEFT_TO_OPENSSL.cases.includes(id));
    expect(left).to.have.length(LEFT_TO_OPENSSL.cases.length);
    for (const limbo of left)
      expect(await verifyWithOpenssl(limbo), limbo.id).to.match(/verification failed/);
    const agreed = cases.find(({ id }) => id === 'rfc5280::nc::permitted-dns-match');
    expect(agreed && (await verifyWithOpenssl(agreed))).to.match(/: OK/);
  });

  after(() => {
    if (cases === undefined) return;
    const stricter = all(STRICTER).length;
    const out = all([LEFT_TO_OPENSSL, ...OUT_OF_SCOPE]).length;
    const agree = cases.length - stricter - out;
    console.log(
      `\n  x509-limbo: ${cases.length} cases, ${agree} agree, ${stricter} stricter on purpose, ` +
        `${out} out of scope (${LEFT_TO_OPENSSL.cases.length} of them refused by OpenSSL)`,
    );
  });
});

/** The anchors alone are trusted, an intermediate too, as they are in the receiver. */
async function verifyWithOpenssl(limbo: LimboCase): Promise<string> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'sallyport-limbo-'));
  const write = async (name: string, pem: readonly string[]): Promise<string> => {
    await writeFile(join(folder.path, name), pem.join('\n'));
    return join(folder.path, name);
  };
  const anchors = await write('anchors.pem', limbo.trusted_certs);
  const leaf = await write('leaf.pem', [limbo.peer_certificate]);
  const sent = limbo.untrusted_intermediates;
  const untrusted = sent.length === 0 ? [] : ['-untrusted', await write('untrusted.pem', sent)];
  const options = ['-partial_chain', '-no-CApath', '-no-CAstore', '-CAfile', anchors, ...untrusted];
  const ended = await promisify(execFile)('openssl', ['verify', ...options, leaf]).catch((error) => error);
  return `${ended.stdout}${ended.stderr}`;
}
