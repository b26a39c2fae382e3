import { hostname } from 'node:os';
import { expect } from 'chai';
import { whoAsks } from '../../src/cli/who-asks.ts';
import { needs } from '../support/needs.ts';

describe('who takes a step', () => {
  it('is a user of this machine', () => {
    expect(whoAsks({})).to.match(/^.+@/).and.to.include(`@${hostname()}`.slice(0, 200));
    expect(whoAsks({})).not.to.include('sudo');
  });

  it('is also the one who became root for it', function () {
    needs(this, process.geteuid?.() === 0, 'to be root');
    expect(whoAsks({ SUDO_USER: 'anna' })).to.include('(sudo by anna)');
  });
});
