import { expect } from 'chai';
import { Secret } from '../src/config.ts';
import { differingKeys } from '../src/config-difference.ts';

describe('differingKeys', () => {
  it('finds nothing between equal ones', () => {
    const one = () => ({
      listen: { port: 1 },
      buyers: [{ key: 'a', secret: new Secret('x') }],
      to: undefined,
    });
    expect(differingKeys(one(), one())).to.deep.equal([]);
  });

  it('names each key that differs, was added or was left out', () => {
    const one = { listen: { port: 1, host: 'a' }, buyers: [{ key: 'a', to: [{ domain: 'x' }] }], log: {} };
    const other = {
      listen: { port: 2, host: 'a' },
      buyers: [{ key: 'a', to: [{ domain: 'y' }] }],
      admin: {},
    };
    expect(differingKeys(one, other)).to.deep.equal([
      'listen.port',
      'buyers[0].to[0].domain',
      'log',
      'admin',
    ]);
  });

  it('names a list that grew or shrank as a whole', () => {
    expect(differingKeys({ names: ['a'] }, { names: ['a', 'b'] })).to.deep.equal(['names']);
  });

  it('tells secrets apart by their value and by where they are kept', () => {
    const file = (path: string) => new Secret('same', { path, read: () => 'same' });
    expect(differingKeys({ key: new Secret('a') }, { key: new Secret('b') })).to.deep.equal(['key']);
    expect(differingKeys({ key: new Secret('a') }, { key: 'none' })).to.deep.equal(['key']);
    expect(differingKeys({ key: file('/a') }, { key: file('/b') })).to.deep.equal(['key']);
    expect(differingKeys({ key: file('/a') }, { key: file('/a') })).to.deep.equal([]);
  });
});
