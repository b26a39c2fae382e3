import { expect } from 'chai';
import { StartupError } from '../../src/errors.ts';
import { parseBundle } from '../../src/trust/bundle.ts';
import {
  createTrustKeeper,
  type InForce,
  type ReloadCause,
  type ReloadOutcome,
} from '../../src/trust/keeper.ts';
import { createTrust } from '../../src/trust/trust.ts';
import { recordLog } from '../http/open-listener.ts';
import { createTestPki } from '../support/pki.ts';

const pki = createTestPki();
const { intermediate, sibling } = pki;

function inForce(generation: number, pem: string, certPem = pki.server.cert): InForce {
  const bundle = parseBundle([{ name: 'bundle.pem', text: Buffer.from(pem) }], new Date());
  return {
    trust: createTrust({ bundle, names: ['a.example'], generation }),
    warnings: [],
    certificate: {
      certPem,
      keyPem: Buffer.from(pki.server.key),
      notAfter: new Date('2027-01-01'),
      names: ['localhost'],
      warnings: [],
    },
  };
}

/** A keeper whose every read waits until the test gives it its content. */
function create({ prove = async () => {} }: { prove?: () => Promise<void> } = {}) {
  const reads: {
    readonly generation: number;
    readonly why: ReloadCause;
    readonly give: (pem: string | Error) => void;
  }[] = [];
  const told: { readonly outcome: ReloadOutcome; readonly anchors: number }[] = [];
  const { log, lines } = recordLog();
  const keeper = createTrustKeeper({
    first: inForce(1, intermediate.pem),
    load: (generation, why) => {
      const { promise, resolve, reject } = Promise.withResolvers<InForce>();
      const give = (pem: string | Error): void => {
        if (typeof pem === 'string') resolve(inForce(generation, pem));
        else reject(pem);
      };
      reads.push({ generation, why, give });
      return promise;
    },
    prove,
    log,
    onReload: (outcome, { trust }) => void told.push({ outcome, anchors: trust.anchors.length }),
  });
  return { keeper, reads, told, lines };
}

const turn = () => new Promise(setImmediate);

describe('createTrustKeeper', () => {
  it('replaces everything whole, and says what came and what went', async () => {
    const { keeper, reads, told, lines } = create();
    const before = keeper.current();
    const outcome = keeper.reload('SIGHUP');
    await turn();
    expect(keeper.current()).to.equal(before);
    reads[0]?.give(sibling.pem);
    expect(await outcome).to.equal('replaced');
    expect(keeper.current().trust.generation).to.equal(2);
    expect(keeper.current().certificate).to.equal(before.certificate);
    expect(Object.isFrozen(keeper.current())).to.equal(true);
    expect(told).to.deep.equal([{ outcome: 'replaced', anchors: 1 }]);
    expect(lines).to.have.length(1);
    const [old, fresh] = [before, keeper.current()].map(
      ({ trust }) => trust.anchors[0]?.certificate.spki.slice(0, 12) ?? '',
    );
    expect(lines[0]).to.deep.include({ level: 'info', message: 'trust replaced' });
    expect(lines[0]?.fields).to.include({ why: 'SIGHUP', generation: 2, anchors: 1 });
    expect(JSON.stringify(lines[0]?.fields.added)).to.include(fresh);
    expect(JSON.stringify(lines[0]?.fields.removed)).to.include(old);
  });

  it('changes nothing when a read fails, and says what is wrong, where, and what to do', async () => {
    const { keeper, reads, told, lines } = create();
    const before = keeper.current();
    const outcome = keeper.reload('files changed');
    await turn();
    reads[0]?.give(new StartupError('bundle.pem:7: cut off\nother.pem:1: DER', { hint: 'copy it again' }));
    expect(await outcome).to.equal('failed');
    expect(keeper.current()).to.equal(before);
    expect(told).to.deep.equal([{ outcome: 'failed', anchors: 1 }]);
    expect(lines).to.deep.equal([
      {
        level: 'error',
        message: 'trust not replaced, the one in force stays',
        fields: {
          why: 'files changed',
          generation: 1,
          problems: ['bundle.pem:7: cut off', 'other.pem:1: DER'],
          remedy: 'copy it again',
        },
      },
    ]);
  });

  it('changes nothing when the proof fails', async () => {
    const { keeper, reads } = create({
      prove: () => Promise.reject(new StartupError('no handshake', { hint: 'look' })),
    });
    const before = keeper.current();
    const outcome = keeper.reload('SIGHUP');
    await turn();
    reads[0]?.give(sibling.pem);
    expect(await outcome).to.equal('failed');
    expect(keeper.current()).to.equal(before);
  });

  it('makes no new generation of the same files, also in another order, and proves nothing', async () => {
    const { keeper, reads, lines } = create({ prove: () => Promise.reject(new Error('not needed')) });
    const before = keeper.current();
    const outcome = keeper.reload('SIGHUP');
    await turn();
    reads[0]?.give(`# a comment\n\n${intermediate.pem}`);
    expect(await outcome).to.equal('unchanged');
    expect(keeper.current()).to.equal(before);
    expect(lines.map(({ message }) => message)).to.deep.equal(['trust unchanged']);
  });

  it('keeps the generation of the trust when only our own certificate is new', async () => {
    const { log, lines } = recordLog();
    const first = inForce(1, intermediate.pem);
    const keeper = createTrustKeeper({
      first,
      load: async (generation) => inForce(generation, intermediate.pem, pki.root.pem),
      prove: async () => {},
      log,
      onReload: () => {},
    });
    expect(await keeper.reload('files changed')).to.equal('replaced');
    expect(keeper.current().trust).to.equal(first.trust);
    expect(keeper.current().certificate.certPem).to.equal(pki.root.pem);
    expect(lines.map(({ message }) => message)).to.deep.equal(['server certificate replaced']);
  });

  it('reads one after the other, so that an older read never overwrites a newer', async () => {
    const { keeper, reads } = create();
    const first = keeper.reload('SIGHUP');
    await turn();
    const second = keeper.reload('SIGHUP');
    await turn();
    expect(reads).to.have.length(1);
    reads[0]?.give(sibling.pem);
    expect(await first).to.equal('replaced');
    await turn();
    expect(reads.map(({ generation }) => generation)).to.deep.equal([2, 3]);
    reads[1]?.give(intermediate.pem + sibling.pem);
    expect(await second).to.equal('replaced');
    expect(keeper.current().trust.anchors).to.have.length(2);
    expect(keeper.current().trust.generation).to.equal(3);
  });

  it('makes one read of many wishes that wait', async () => {
    const { keeper, reads } = create();
    const first = keeper.reload('SIGHUP');
    await turn();
    const many = Array.from({ length: 1_000 }, () => keeper.reload('SIGHUP'));
    reads[0]?.give(sibling.pem);
    await first;
    await turn();
    reads[1]?.give(intermediate.pem);
    expect(new Set(await Promise.all(many))).to.deep.equal(new Set(['replaced']));
    expect(reads).to.have.length(2);
  });

  it('serves no command by what others asked for, and nobody else by what a command reads', async () => {
    const { keeper, reads } = create();
    const wishes = [keeper.reload('SIGHUP')];
    await turn();
    for (const why of ['trust command', 'files changed', 'trust command', 'SIGHUP'] as const) {
      wishes.push(keeper.reload(why));
    }
    for (let index = 0; index < 4; index += 1) {
      await turn();
      reads[index]?.give(index % 2 === 0 ? sibling.pem : intermediate.pem);
    }
    expect(await Promise.all(wishes)).to.have.length(5);
    expect(reads.map(({ why }) => why)).to.deep.equal([
      'SIGHUP',
      'trust command',
      'files changed',
      'trust command',
    ]);
  });

  it('goes on after a failure, and tells the same failure once when nobody asked', async () => {
    const { keeper, reads, lines } = create();
    for (const [index, why] of (['files changed', 'another try', 'SIGHUP'] as const).entries()) {
      const outcome = keeper.reload(why);
      await turn();
      reads[index]?.give(new StartupError('bundle.pem:1: expired', { hint: 'renew' }));
      expect(await outcome).to.equal('failed');
    }
    expect(lines.map(({ level }) => level)).to.deep.equal(['error', 'debug', 'error']);
    const outcome = keeper.reload('another try');
    await turn();
    reads[3]?.give(sibling.pem);
    expect(await outcome).to.equal('replaced');
  });
});
