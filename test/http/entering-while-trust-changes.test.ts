/** Somebody tries to slip in between two trusts: to be judged by the old one, by none, or to be taken for more later. */
import { connect as connectRaw } from 'node:net';
import { text } from 'node:stream/consumers';
import { type ConnectionOptions, connect as connectOver } from 'node:tls';
import { expect } from 'chai';
import { parseBundle } from '../../src/trust/bundle.ts';
import { createTrust, type Trust } from '../../src/trust/trust.ts';
import { type Minted, mintCa } from '../support/pki.ts';
import { guest as coupa, NAME, type Opened, openListener, pki } from './open-listener.ts';
import { post, type Wire } from './wire.ts';

const BARE = { cert: undefined, key: undefined } as unknown as ConnectionOptions;
const foreign = mintCa('Not pinned yet');
const DAY_MS = 86_400_000;

function clientOf(issuer: Minted, ...between: readonly Minted[]): ConnectionOptions {
  const leaf = pki.leaf(NAME, { issuer: between[0] ?? issuer });
  return { cert: [leaf, ...between, issuer].map(({ pem }) => pem).join(''), key: leaf.keyPem };
}

let generation = 0;
function trusting(pem: string, change: Partial<Parameters<typeof createTrust>[0]> = {}): Trust {
  generation += 1;
  const bundle = parseBundle([{ name: 'bundle.pem', text: Buffer.from(pem) }], new Date());
  return createTrust({ bundle, names: [NAME], generation, ...change });
}
const pinned = pki.bundlePem;

/** One more order over a connection: how it was answered. */
async function order(wire: Wire, count: number): Promise<number | undefined> {
  wire.write(post('<cXML/>'));
  return (await wire.answers(count))[count - 1]?.http;
}

const provenIn = ({ received }: Opened): boolean[] => received.map(({ peer }) => peer.proven);

describe('a listener whose trust changes under somebody who wants to slip in', () => {
  for (const mode of ['off', 'requested'] as const) {
    it(`sends away whoever came without a certificate in mode ${mode} once one is required`, async () => {
      let trust = trusting(pinned, { mode });
      await using opened = await openListener({ trust: () => trust });
      const [asking, idle] = [await opened.connect(BARE), await opened.connect(BARE)];
      expect([await order(asking, 1), await order(idle, 1)]).to.deep.equal([200, 200]);
      trust = trusting(pinned);
      expect(await order(asking, 2)).to.equal(403);
      await opened.listener.closeRefused();
      await idle.closed();
      expect(provenIn(opened)).to.deep.equal([false, false]);
    });

    it(`refuses a handshake that began in mode ${mode} and ended when one is required`, async () => {
      let trust = trusting(pinned, { mode });
      await using opened = await openListener({ trust: () => trust });
      const raw = connectRaw({ host: '127.0.0.1', port: opened.port });
      expect(await order(await opened.connect(BARE), 1)).to.equal(200);
      trust = trusting(pinned);
      const secure = connectOver({ socket: raw, ca: pki.server.ca });
      expect(await text(secure)).to.match(/^HTTP\/1\.1 403 /);
    });
  }

  it('takes a client for proven only as long as certificates are asked for', async () => {
    let trust = trusting(pinned);
    await using opened = await openListener({ trust: () => trust });
    const wire = await opened.connect();
    for (const [index, mode] of (['required', 'off', 'requested', 'off', 'required'] as const).entries()) {
      trust = trusting(pinned, { mode });
      expect(await order(wire, index + 1)).to.equal(200);
    }
    expect(provenIn(opened)).to.deep.equal([true, false, true, false, true]);
  });

  it('takes nobody for proven later whose issuer was pinned only after the handshake', async () => {
    let trust = trusting(pinned, { mode: 'requested' });
    await using opened = await openListener({ trust: () => trust });
    const early = await opened.connect(clientOf(foreign));
    expect(await order(early, 1)).to.equal(200);
    trust = trusting(pinned + foreign.pem, { mode: 'requested' });
    expect(await order(early, 2)).to.equal(200);
    const late = await opened.connect(clientOf(foreign));
    expect(await order(late, 1)).to.equal(200);
    expect(provenIn(opened)).to.deep.equal([false, false, true]);
    trust = trusting(pinned + foreign.pem);
    expect(await order(early, 3)).to.equal(503);
    expect(await order(late, 2)).to.equal(200);
  });

  it('refuses the next request of a key that was distrusted, and what is behind it', async () => {
    let trust = trusting(pinned);
    await using opened = await openListener({ trust: () => trust });
    const wire = await opened.connect();
    expect(await order(wire, 1)).to.equal(200);
    const spki = opened.received[0]?.peer.spki;
    trust = trusting(pinned, { deny: [{ spki }] });
    wire.write(post('<cXML/>') + post('<cXML/>') + post('<cXML/>'));
    expect((await wire.answers(2))[1]?.http).to.equal(503);
    await wire.closed();
    expect(await order(await opened.connect(), 1)).to.equal(503);
    expect(opened.received).to.have.length(1);
  });

  it('judges again when its clock jumps, ahead or back, and for each as it is then', async () => {
    let at = Date.now();
    await using opened = await openListener({ now: () => new Date(at) });
    const began = at;
    for (const [jump, http] of [
      [0, 200],
      [3_000 * DAY_MS, 503],
      [-3_000 * DAY_MS, 503],
      [0, 200],
    ] as const) {
      at = began;
      const open = await opened.connect();
      expect(await order(open, 1)).to.equal(200);
      at = began + jump;
      expect(await order(open, 2), `open, ${jump}`).to.equal(http);
      expect(await order(await opened.connect(), 1), `new, ${jump}`).to.equal(http);
    }
  });

  it('lets in for a minute at most whose issuer of its own has ended', async () => {
    let at = Date.now();
    await using opened = await openListener({ now: () => new Date(at) });
    const between = mintCa('Ends soon', { issuer: pki.intermediate, notAfter: new Date(at + DAY_MS) });
    const wire = await opened.connect(clientOf(pki.intermediate, between));
    at += DAY_MS - 10_000;
    expect(await order(wire, 1)).to.equal(200);
    at += 70_000;
    expect(await order(wire, 2)).to.equal(503);
  });

  it('lets in nobody but whom either trust lets in while they alternate at every look', async () => {
    const trusts = [
      trusting(pinned),
      trusting(pki.sibling.pem),
      trusting(pinned, { names: ['other.example'] }),
    ];
    let looks = 0;
    const trust = (): Trust => {
      looks += 1;
      return trusts[looks % trusts.length] ?? trusting(pinned);
    };
    await using opened = await openListener({ trust });
    const forged = pki.leaf(NAME, { signer: foreign });
    const strangers = [BARE, clientOf(foreign), { cert: forged.pem + pinned, key: forged.keyPem }];
    for (let round = 0; round < 8; round += 1) {
      const wires = await Promise.all([...strangers, coupa].map((each) => opened.connect(each)));
      const answers = await Promise.all(wires.map((wire) => order(wire, 1).catch(() => 0)));
      expect(answers.slice(0, 3), `round ${round}`).to.not.include(200);
    }
    expect(opened.received.every(({ peer }) => peer.proven && peer.name === NAME)).to.equal(true);
  });
});
