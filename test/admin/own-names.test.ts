import { expect } from 'chai';
import { isOwnName } from '../../src/admin/own-names.ts';

describe('isOwnName', () => {
  it('takes localhost, addresses and configured names, with or without a port', () => {
    const own = [
      'localhost',
      'LOCALHOST:8080',
      '127.0.0.1',
      '127.0.0.1:8080',
      '[::1]',
      '[::1]:80',
      '10.1.2.3:8080',
    ];
    for (const host of [...own, 'sallyport:8080', 'Sallyport.', 'po.example']) {
      expect(isOwnName(host, ['sallyport', 'PO.example']), host).to.equal(true);
    }
  });

  it('takes no other name, and nothing that only looks like an address', () => {
    const foreign = [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'evil.example:8080',
      '[::1',
      '::1',
    ];
    for (const host of [
      undefined,
      '',
      ...foreign,
      '127.1',
      '2130706433',
      'localhost@evil',
      'localhost:80:80',
      '[localhost]',
      'a b',
    ]) {
      expect(isOwnName(host, ['sallyport']), String(host)).to.equal(false);
    }
  });
});
