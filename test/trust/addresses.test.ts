import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { StartupError } from '../../src/errors.ts';
import { loadAddresses, parseAddresses } from '../../src/trust/addresses.ts';
import { judgePeer } from '../../src/trust/judge-peer.ts';
import { NAME, NOW, present, reasonsOf, reportedOf, trusting } from '../support/judging.ts';
import { createTestPki } from '../support/pki.ts';

const listOf = (...lines: string[]) => parseAddresses('a.txt', lines.join('\n')).addresses;

function refusal(attempt: () => unknown): StartupError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof StartupError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('an address list', () => {
  it('holds its blocks, ranges and single addresses, and nothing beside them', () => {
    const list = listOf('192.0.2.64/26', '198.51.100.3 to 198.51.100.5', '203.0.113.9', '2001:db8::/64');
    const inside = ['192.0.2.64', '192.0.2.127', '198.51.100.3', '198.51.100.5', '203.0.113.9'];
    const outside = ['192.0.2.63', '192.0.2.128', '198.51.100.2', '198.51.100.6', '203.0.113.8'];
    for (const each of [...inside, '2001:db8::', '2001:db8::ffff:ffff:ffff:ffff']) {
      expect(list.has(each), each).to.equal(true);
    }
    for (const each of [...outside, '2001:db7::', '2001:db8:0:1::', 'unknown', '']) {
      expect(list.has(each), each).to.equal(false);
    }
  });

  it('knows an IPv4 address in its IPv6 forms, and a link-local one with its zone', () => {
    const list = listOf('192.0.2.1', 'fe80::1');
    for (const each of ['::ffff:192.0.2.1', '::FFFF:c000:201', 'fe80::1%eth0']) {
      expect(list.has(each), each).to.equal(true);
    }
    expect(list.has('::192.0.2.1')).to.equal(false);
  });

  it('is the same as another exactly when it holds the same', () => {
    expect(isDeepStrictEqual(listOf('192.0.2.1'), listOf('192.0.2.1/32 # note'))).to.equal(true);
    expect(isDeepStrictEqual(listOf('192.0.2.1'), listOf('192.0.2.2'))).to.equal(false);
  });

  it('names every line that is not understood, and is taken whole or not at all', () => {
    const { message, hint } = refusal(() => listOf('192.0.2.1', 'see below', '', 'x'));
    expect(message).to.equal(
      'a.txt:2: "see" is not an address\na.txt:2: "below" is not an address\na.txt:4: "x" is not an address',
    );
    expect(hint).to.include('192.0.2.0/24');
    expect(refusal(() => listOf(...Array(500).fill('x'))).message).to.match(/\na\.txt: and 480 more$/);
  });

  it('is refused when it is empty or has no end', () => {
    expect(refusal(() => listOf('# nothing yet', '')).message).to.include('no address in the list');
    expect(refusal(() => listOf(...Array(10_001).fill('192.0.2.1'))).message).to.include('10001 ranges');
  });
});

describe('loadAddresses', () => {
  it('reads a file, and says by name what cannot be read', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'sallyport-addresses-'));
    const file = join(folder.path, 'a.txt');
    const attempt = async (): Promise<unknown> => loadAddresses(file).catch((error: unknown) => error);
    expect(await attempt())
      .to.be.instanceOf(StartupError)
      .with.property('message', `${file}: the address list cannot be read (ENOENT)`);
    await writeFile(file, Buffer.from('192.0.2.1\n\xff', 'latin1'));
    expect(await attempt())
      .to.be.instanceOf(StartupError)
      .with.property('message')
      .that.includes('UTF-8');
    await writeFile(file, '#'.repeat(1_048_577));
    expect(await attempt())
      .to.be.instanceOf(StartupError)
      .with.property('message')
      .that.includes('1 MiB');
    await writeFile(file, '\ufeff192.0.2.1\r\n192.0.2.2\r\n');
    expect((await loadAddresses(file)).addresses.ranges).to.deep.equal(['192.0.2.1', '192.0.2.2']);
  });
});

describe('addresses, as judgePeer uses them', () => {
  const pki = createTestPki();
  const trust = trusting([pki.intermediate], NOW, { addresses: listOf('192.0.2.0/24') });
  const leaf = pki.leaf(NAME);

  it('let in a client from one of them, and refuse it from elsewhere or from nowhere', () => {
    const from = (remoteAddress?: string) =>
      judgePeer(present([leaf], remoteAddress === undefined ? {} : { remoteAddress }), trust, NOW);
    expect(reasonsOf(from('192.0.2.7'))).to.deep.equal([]);
    for (const each of ['198.51.100.7', 'unknown', undefined]) {
      const verdict = from(each);
      expect(reasonsOf(verdict), each).to.deep.equal(['address_not_allowed']);
      expect(verdict.trusted || verdict.refusal.nearMiss).to.equal(true);
    }
  });

  it('are added to the certificate, never instead of it', () => {
    const presented = present([pki.leaf('other.example')], { remoteAddress: '192.0.2.7' });
    expect(reasonsOf(judgePeer(presented, trust, NOW))).to.deep.equal(['name_not_allowed']);
    const nobody = present([], { remoteAddress: '198.51.100.7' });
    expect(reasonsOf(judgePeer(nobody, trust, NOW))).to.deep.equal(['no_certificate', 'address_not_allowed']);
  });

  it('are told and not enforced while on trial', () => {
    const addresses = listOf('192.0.2.0/24');
    const onTrial = trusting([pki.intermediate], NOW, { addresses, reportOnly: ['addresses'] });
    const remoteAddress = '198.51.100.7';
    expect(reportedOf(judgePeer(present([leaf], { remoteAddress }), onTrial, NOW))).to.deep.equal([
      'address_not_allowed',
    ]);
    expect(reasonsOf(judgePeer(present([], { remoteAddress }), onTrial, NOW))).to.deep.equal([
      'no_certificate',
    ]);
  });
});
