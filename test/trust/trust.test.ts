import { expect } from 'chai';
import { StartupError } from '../../src/errors.ts';
import { parseBundle } from '../../src/trust/bundle.ts';
import { createTrust } from '../../src/trust/trust.ts';
import { createTestPki } from '../support/pki.ts';

const bundleOf = (pem: string) => parseBundle([{ name: 'b.pem', text: Buffer.from(pem) }], new Date());

describe('createTrust', () => {
  it('holds the anchors and cannot be changed', () => {
    const bundle = bundleOf(createTestPki().bundlePem);
    const names = ['a.example'];
    const trust = createTrust({ bundle, names, generation: 7 });
    names.push('evil.example');
    expect(trust.names).to.deep.equal(['a.example']);
    expect(trust.generation).to.equal(7);
    expect(trust.fingerprint).to.equal(bundle.fingerprint);
    expect(Object.isFrozen(trust) && Object.isFrozen(trust.anchors) && Object.isFrozen(trust.names)).to.equal(
      true,
    );
  });

  it('hands each anchor to OpenSSL as trusted for clients alone', () => {
    const { intermediate, sibling } = createTestPki();
    const { caPem } = createTrust({
      bundle: bundleOf(intermediate.pem + sibling.pem),
      names: ['a'],
      generation: 1,
    });
    const bodies = [
      ...caPem.matchAll(
        /-----BEGIN TRUSTED CERTIFICATE-----\n([\s\S]*?)\n-----END TRUSTED CERTIFICATE-----\n/g,
      ),
    ];
    const der = bodies.map(([, body]) => Buffer.from(body ?? '', 'base64').toString('hex'));
    const clientAuth = '300c300a06082b06010505070302';
    expect(der).to.deep.equal([intermediate, sibling].map((ca) => ca.der.toString('hex') + clientAuth));
    expect(caPem.replaceAll(/-----BEGIN TRUSTED[\s\S]*?-----END TRUSTED CERTIFICATE-----\n/g, '')).to.equal(
      '',
    );
  });

  it('refuses to trust nobody, and to let nobody in', () => {
    const bundle = bundleOf(createTestPki().bundlePem);
    expect(() => createTrust({ bundle: { ...bundle, anchors: [] }, names: ['a'], generation: 1 })).to.throw(
      StartupError,
    );
    expect(() => createTrust({ bundle, names: [], generation: 1 })).to.throw(StartupError);
    expect(() => createTrust({ bundle, names: ['a', ''], generation: 1 })).to.throw(StartupError);
  });
});
