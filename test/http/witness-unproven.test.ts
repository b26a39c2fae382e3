import { expect } from 'chai';
import { type Admitted, createWitness } from '../../src/http/witness.ts';
import type { Evidence } from '../../src/trust/evidence.ts';
import { judgePeer } from '../../src/trust/judge-peer.ts';
import { NAME, NOW, present, trusting } from '../support/judging.ts';
import { createTestPki } from '../support/pki.ts';

const pki = createTestPki();
const foreign = present([pki.leaf(NAME, { issuer: pki.sibling })], { openssl: { authorized: false } });

function create() {
  const told: [string, unknown][] = [];
  const note = (what: string) => (event: unknown) => void told.push([what, event]);
  const evidence: Evidence = {
    accepted: note('accepted'),
    used: note('used'),
    refused(event) {
      told.push([event.enforced ? 'refused' : 'would refuse', event.refusal]);
      return { reference: 'abc', recorded: true, isNew: true };
    },
  };
  const metrics = { handshake: note('handshake'), wouldRefuse: note('reason') };
  const witness = createWitness({ evidence, quietLog: { warn() {} } as never, metrics: metrics as never });
  return { told, witness };
}

function admit(presented: typeof foreign): { readonly verdict: Admitted; readonly seen: Seen } {
  const verdict = judgePeer(presented, trusting([pki.intermediate], NOW, { mode: 'requested' }), NOW);
  if (!verdict.trusted) throw new Error('was refused');
  return { verdict, seen: { presented, remoteAddress: '127.0.0.1', at: NOW } };
}

type Seen = Parameters<ReturnType<typeof create>['witness']['accepted']>[1];

describe('the witness of a client that proved nothing', () => {
  it('counts it, and neither counts a use of its certificate nor of an anchor', () => {
    const { told, witness } = create();
    const { verdict, seen } = admit(foreign);
    witness.accepted(verdict.peer, seen);
    witness.used(verdict.peer, seen);
    expect(told).to.deep.equal([['handshake', { outcome: 'accepted', reason: 'none' }]]);
  });

  it('records what it would have been told, with the facts of what it showed', () => {
    const { told, witness } = create();
    const { verdict, seen } = admit(foreign);
    witness.wouldRefuse(verdict, seen);
    expect(told).to.deep.equal([
      ['reason', 'untrusted_issuer'],
      ['would refuse', verdict.unproven],
    ]);
    expect(verdict.unproven?.leaf?.names).to.deep.equal([NAME]);
  });
});

describe('the witness of a client that proved who it is', () => {
  it('counts its certificate and its anchor', () => {
    const { told, witness } = create();
    const { verdict, seen } = admit(present([pki.leaf(NAME)]));
    witness.accepted(verdict.peer, seen);
    witness.used(verdict.peer, seen);
    witness.wouldRefuse(verdict, seen);
    expect(told.map(([what]) => what)).to.deep.equal(['handshake', 'accepted', 'used']);
    expect(told[0]?.[1]).to.deep.include({ vouched: { spki: verdict.peer.anchor, at: NOW } });
  });
});
