import { expect } from 'chai';
import { CHAIN_USES_LIMIT } from '../../src/trust/chain-uses.ts';
import { digestOf } from '../../src/trust/sent-chain.ts';
import { AT, der, from, later, openRecorder, peer } from './recorder.ts';

describe('the recorder of chains that were let in', () => {
  it('writes a chain never seen before at once, with every fact of it', async () => {
    const { evidence, uses, kept } = openRecorder();
    evidence.accepted(peer(), from('192.0.2.1'));
    await kept(1);
    const { proven: _, ...facts } = peer();
    expect(uses()).to.deep.equal([
      {
        ...facts,
        chainDigest: digestOf([der('leaf'), der('issuer')]),
        remoteAddress: '192.0.2.1',
        firstAt: AT,
        lastAt: AT,
        handshakes: 1,
      },
    ]);
  });

  it('counts what comes next in memory, and writes it with the next batch', async () => {
    const { evidence, batches, kept } = openRecorder();
    const known = peer();
    evidence.accepted(known, from('192.0.2.1'));
    await kept(1);
    evidence.used(known, from('192.0.2.1', later(1_000)));
    evidence.accepted(peer(), from('192.0.2.2', later(3_000)));
    evidence.used(known, from('192.0.2.1', later(2_000)));
    expect(batches).to.have.length(1);
    await evidence.flush();
    expect(batches).to.have.length(2);
    expect(batches[1]?.uses).to.have.length(1);
    expect(batches[1]?.uses[0]).to.deep.include({
      handshakes: 1,
      firstAt: later(1_000),
      lastAt: later(3_000),
    });
  });

  it('counts requests on an open connection as no handshake', async () => {
    const { evidence, uses } = openRecorder();
    evidence.used(peer(), from('192.0.2.1'));
    await evidence.flush();
    expect(uses()[0]?.handshakes).to.equal(0);
  });

  it('passes over a client that was let in without a certificate', async () => {
    const { evidence, batches } = openRecorder();
    evidence.accepted(peer('', { chainPem: '' }), from('192.0.2.1'));
    await evidence.flush();
    expect(batches).to.deep.equal([]);
  });

  it('counts each chain, anchor and day (UTC) by itself', async () => {
    const { evidence, uses } = openRecorder();
    for (const at of [AT, later(14 * 3_600_000 - 1), later(14 * 3_600_000)]) {
      evidence.accepted(peer(), from('192.0.2.1', at));
    }
    evidence.accepted(peer('other'), from('192.0.2.1'));
    evidence.accepted(peer('leaf', { anchor: 'another' }), from('192.0.2.1'));
    await evidence.flush();
    await evidence.flush();
    const counts = uses().map(({ lastAt, anchor, handshakes }) => [lastAt.getUTCDate(), anchor, handshakes]);
    expect(counts).to.have.deep.members([
      [21, 'anchor', 1], // written at once
      [21, 'anchor', 1],
      [22, 'anchor', 1],
      [21, 'anchor', 1],
      [21, 'another', 1],
    ]);
  });

  it('holds no more than so many chains while the store fails, and counts the rest', async () => {
    const { evidence, state, unrecorded, uses } = openRecorder();
    state.broken = true;
    for (let index = 0; index < CHAIN_USES_LIMIT + 50; index += 1) {
      evidence.accepted(peer(`leaf ${index}`), from('192.0.2.1'));
    }
    await evidence.flush();
    state.broken = false;
    await evidence.flush();
    expect(uses()).to.have.length(CHAIN_USES_LIMIT);
    expect(unrecorded.chain_use).to.equal(50);
  });
});
