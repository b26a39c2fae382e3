import { expect } from 'chai';
import { warnAboutNode } from '../../src/cli/node-floor.ts';

describe('warnAboutNode', () => {
  for (const version of ['24.15.0', '24.21.0', '24.22.0', '26.0.0', '26.10.0', '26.12.0']) {
    it(`warns about ${version}`, () => {
      expect(warnAboutNode(version)).to.include(version);
    });
  }
  for (const version of ['24.22.1', '24.23.0', '26.12.1', '26.13.0', '28.0.0']) {
    it(`is content with ${version}`, () => {
      expect(warnAboutNode(version)).to.equal(undefined);
    });
  }
});
