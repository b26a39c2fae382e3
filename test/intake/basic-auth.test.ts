import { expect } from 'chai';
import { Secret } from '../../src/config.ts';
import { basicSlots, readBasic } from '../../src/intake/basic-auth.ts';

/** The slot in which what a client sends is right. */
function slotOf(header: string | undefined, password: string, previous?: string): string | undefined {
  const sent = readBasic(header);
  const slots = basicSlots({
    username: 'coupa',
    password: new Secret(password),
    ...(previous === undefined ? {} : { password_previous: new Secret(previous) }),
  });
  return slots.find(({ value }) => value.some((each) => sent?.equals(each)))?.name;
}

function basic(text: string, encoding: BufferEncoding = 'utf8'): string {
  return `Basic ${Buffer.from(text, encoding).toString('base64')}`;
}

describe('basicSlots', () => {
  it('knows the current and the previous password', () => {
    expect(slotOf(basic('coupa:new'), 'new', 'old')).to.equal('current');
    expect(slotOf(basic('coupa:old'), 'new', 'old')).to.equal('previous');
    expect(slotOf(basic('coupa:old'), 'new')).to.equal(undefined);
  });

  it('knows a password with letters outside ASCII as UTF-8, composed or not, and as ISO-8859-1', () => {
    for (const kept of ['blåbær§', 'blåbær§'.normalize('NFD')]) {
      expect(slotOf(basic('coupa:blåbær§'), kept)).to.equal('current');
      expect(slotOf(basic('coupa:blåbær§', 'latin1'), kept)).to.equal('current');
    }
    const decomposed = 'blåbær§'.normalize('NFD');
    expect(slotOf(basic(`coupa:${decomposed}`), decomposed)).to.equal('current');
    expect(slotOf(basic('coupa:10 €'), '10 €')).to.equal('current');
    // What ISO-8859-1 cannot say must not be cut down to what it can: € (U+20AC) is no ¬ (U+00AC).
    expect(slotOf(basic('coupa:10 ¬', 'latin1'), '10 €')).to.equal(undefined);
  });

  it('takes a password with colons whole', () => {
    expect(slotOf(basic('coupa:a:b:c'), 'a:b:c')).to.equal('current');
    expect(slotOf(basic('coupa:a:b'), 'a:b:c')).to.equal(undefined);
  });

  for (const [what, header] of [
    ['missing', undefined],
    ['empty', ''],
    ['of another scheme', basic('coupa:right').replace('Basic', 'Bearer')],
    ['without a scheme', basic('coupa:right').slice(6)],
    ['no base64', 'Basic coupa:right'],
    ['without a password', basic('coupa:')],
    ['without a name', basic(':right')],
    ['of another name', basic('Coupa:right')],
    ['longer', basic('coupa:right ')],
    ['longer by a NUL', basic('coupa:right\0')],
    ['followed by another', `${basic('coupa:right')}, ${basic('coupa:right')}`],
  ] as const) {
    it(`refuses a header that is ${what}`, () => {
      expect(slotOf(header, 'right')).to.equal(undefined);
    });
  }

  it('takes the scheme in any case, as HTTP has it', () => {
    expect(slotOf(basic('coupa:right').replace('Basic', 'bAsIc'), 'right')).to.equal('current');
  });

  it('reads a header of 16 KB without hesitation', () => {
    const before = performance.now();
    for (let turn = 0; turn < 100; turn += 1) readBasic(`Basic ${' '.repeat(16_000)}!`);
    expect(performance.now() - before).to.be.lessThan(1_000);
  });
});
