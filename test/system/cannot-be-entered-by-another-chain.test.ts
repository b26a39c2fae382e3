/** Chains that lean on the pinned issuer without its key: twins, crossings, circles, crowds, and issuers that may not issue. */
import { expect } from 'chai';
import { expectUnharmed, THIEF, tryToEnter } from '../support/intruder.ts';
import { type Minted, type MintOrder, mint, mintCa, type TestPki } from '../support/pki.ts';
import { COUPA_NAME, startTestReceiver, type TestReceiver } from '../support/receiver.ts';

type Shown = readonly [leaf: Minted, ...issuers: Minted[]];

const PINNED = 'Test Intermediate A';
const key = (label: string) => ({ key: { kind: 'p-256', label } }) as const;
const leafOf = (issuer: Minted, change: Partial<MintOrder> = {}): Minted =>
  mint({
    subject: COUPA_NAME,
    issuer,
    ca: false,
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['clientAuth'],
    key: THIEF,
    ...change,
  });
/** Of the pinned name, with a key of the thief's. */
const twin = (change: Partial<MintOrder> = {}): Minted => mintCa(PINNED, { ...key('twin'), ...change });
const below = (pki: TestPki, change: Partial<MintOrder>): Minted =>
  mintCa('Below', { ...key('below'), issuer: pki.intermediate, ...change });
const crowd = (count: number, one: Minted): Minted[] => Array.from({ length: count }, () => one);
const underIssuer =
  (change: Partial<MintOrder>) =>
  (pki: TestPki): Shown => {
    const issuer = below(pki, change);
    return [leafOf(issuer), issuer, pki.intermediate];
  };

const CHAINS: Readonly<Record<string, (pki: TestPki) => Shown>> = {
  'of a twin, with the twin': () => [leafOf(twin()), twin()],
  'of a twin, with the pinned one in its place': ({ intermediate }) => [leafOf(twin()), intermediate],
  'of a twin, with both': ({ intermediate }) => [leafOf(twin()), twin(), intermediate],
  'of a twin, with both the other way round': ({ intermediate }) => [leafOf(twin()), intermediate, twin()],
  'of a twin that names the pinned root': ({ root, intermediate }) => {
    const named = twin({ issuer: root, signer: twin() });
    return [leafOf(named), named, intermediate, root];
  },
  'of a twin without key identifiers': ({ intermediate }) => {
    const bare = twin({ withoutKeyIds: true });
    return [leafOf(bare, { withoutKeyIds: true }), bare, intermediate];
  },
  'of a twin that the pinned one seems to have issued': ({ intermediate }) => {
    const under = twin({ issuer: intermediate, signer: twin() });
    return [leafOf(under), under, intermediate];
  },
  'of the root that issued the pinned one': ({ root, intermediate }) => [leafOf(root), root, intermediate],
  'of another issuer that the root gave the pinned name': ({ root, intermediate }) => {
    const next = twin({ issuer: root });
    return [leafOf(next), next, intermediate, root];
  },
  'of a sibling that the thief says the pinned one issued': ({ sibling, intermediate }) => {
    const crossed = mintCa('Test Intermediate B', {
      key: { kind: 'rsa-2048', label: 'Test Intermediate B' },
      issuer: intermediate,
      signer: twin(),
    });
    return [leafOf(sibling), crossed, intermediate];
  },
  'of a CA that crosses the pinned one': ({ intermediate }) => {
    const own = mintCa('Own root', key('own'));
    const crossed = mintCa(PINNED, { key: { kind: 'rsa-2048', label: PINNED }, issuer: own });
    return [leafOf(own), own, crossed, intermediate];
  },
  'that signed itself, in the pinned name': ({ intermediate }) => [
    leafOf(intermediate, { signer: mint({ subject: 'x', key: THIEF }) }),
    intermediate,
  ],
  'that is its own issuer': ({ intermediate }) => [mint({ subject: COUPA_NAME, key: THIEF }), intermediate],
  'in a circle of three': ({ intermediate }) => {
    const one = mintCa('One', key('one'));
    const two = mintCa('Two', { ...key('two'), issuer: one });
    const three = mintCa('Three', { ...key('three'), issuer: two });
    const again = mintCa('One', { ...key('one'), issuer: three });
    return [leafOf(again), again, three, two, one, intermediate];
  },
  'behind a crowd of the pinned one': ({ intermediate }) => [leafOf(twin()), ...crowd(40, intermediate)],
  'of Coupa behind which stands a crowd': (pki) => [pki.leaf(COUPA_NAME), ...crowd(8, pki.intermediate)],
  'of two leaves, the thief first': (pki) => [leafOf(twin()), pki.leaf(COUPA_NAME), pki.intermediate],
  'of an issuer that is no CA': underIssuer({ ca: false }),
  'of an issuer that does not say what it is': (pki) => {
    const issuer = mint({ subject: 'Below', ...key('below'), issuer: pki.intermediate });
    return [leafOf(issuer), issuer];
  },
  'of an issuer that may only sign lists': underIssuer({ keyUsage: ['cRLSign'] }),
  'of an issuer for web servers': underIssuer({ extendedKeyUsage: ['serverAuth'] }),
  'of an issuer that has ended': underIssuer({
    notBefore: new Date(Date.now() - 9e8),
    notAfter: new Date(Date.now() - 1e6),
  }),
  'of an issuer of tomorrow': underIssuer({ notBefore: new Date(Date.now() + 9e7) }),
  'of an issuer on a curve nobody asked for': underIssuer({ key: { kind: 'secp256k1', label: 'curve' } }),
  'of an issuer with a key for PSS alone': underIssuer({ key: { kind: 'rsa-pss', label: 'pss' } }),
  'that is for a proxy of Coupa': (pki) => {
    const coupa = pki.leaf(COUPA_NAME, key('coupa'));
    const proxy = leafOf(coupa, {
      extensions: [{ oid: '1.3.6.1.5.5.7.1.14', critical: true, hex: '300c300a06082b06010505071501' }],
    });
    return [proxy, coupa, pki.intermediate];
  },
};

describe('a receiver that somebody tries to enter by a chain', () => {
  let receiver: TestReceiver;
  before(async () => {
    receiver = await startTestReceiver();
  });
  after(() => receiver[Symbol.asyncDispose]());

  for (const [what, show] of Object.entries(CHAINS)) {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      it(`refuses over ${maxVersion} a client ${what}`, async () => {
        const [leaf, ...issuers] = show(receiver.pki);
        expect(await tryToEnter(receiver, leaf, { issuers, maxVersion })).to.equal('refused');
      });
    }
  }

  it('was not harmed by any of it', () => expectUnharmed(receiver));

  it('lets Coupa in with whatever stands between it and its issuer, in any order', async () => {
    const { pki } = receiver;
    const between = below(pki, {});
    const own = leafOf(between);
    const strangers = [twin(), pki.root, pki.sibling];
    for (const issuers of [[between], [...strangers, between], [between, between, ...strangers]]) {
      expect(await tryToEnter(receiver, own, { issuers })).to.equal('let in');
    }
  });
});
