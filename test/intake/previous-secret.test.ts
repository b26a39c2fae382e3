import { expect } from 'chai';
import { createPreviousSecretNews } from '../../src/intake/previous-secret.ts';

const AT = new Date('2026-11-20T12:00:00Z');
const LATER = new Date('2026-11-20T23:59:59Z');
const NEXT_DAY = new Date('2026-11-21T00:00:00Z');

describe('createPreviousSecretNews', () => {
  it('tells once per buyer and day that a previous secret was used, and never of the current one', () => {
    const told: unknown[] = [];
    const { note } = createPreviousSecretNews({
      warn: (fields, message) => void told.push({ ...fields, message }),
    });
    const old = (key: string) => ({ key, slot: 'previous', previous: ['shared_secret'] }) as const;
    note({ key: 'acme', slot: 'current', previous: [] }, AT);
    note({ key: 'open', slot: 'none', previous: [] }, AT);
    for (const at of [AT, AT, LATER]) note(old('acme'), at);
    note(old('other'), AT);
    note(old('acme'), NEXT_DAY);
    expect(told).to.have.length(3);
    expect(told.map((each) => (each as { buyer: string }).buyer)).to.deep.equal(['acme', 'other', 'acme']);
    expect(told[0])
      .to.include({ message: 'previous secret used' })
      .and.deep.include({ factors: ['shared_secret'] });
  });
});
