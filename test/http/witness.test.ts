import { expect } from 'chai';
import type { Evidence } from '../../src/trust/evidence.ts';
import type { Trust } from '../../src/trust/trust.ts';
import { createTestTrust, NAME, openListener, pki } from './open-listener.ts';
import { post } from './wire.ts';

const reasonsOf = ({ refusal }: Parameters<Evidence['refused']>[0]) =>
  refusal.findings.map(({ reason }) => reason);
const onTrial = (generation: number): Trust => ({
  ...createTestTrust(generation),
  pins: new Set(['00'.repeat(32)]),
  reportOnly: new Set(['pins']),
});

describe('the witness of the gate', () => {
  it('reports a refused client with all it showed, and tells it and the log the same reference', async () => {
    const at = new Date();
    await using listener = await openListener({ now: () => at });
    const stranger = pki.leaf(NAME, { issuer: pki.sibling });
    const wire = await listener.connect({ cert: stranger.pem + pki.sibling.pem, key: stranger.keyPem });
    const answer = await wire.answer();
    expect(listener.witnessed.refused).to.have.length(1);
    const [event] = listener.witnessed.refused;
    expect(event?.presented.chain.map((der) => Buffer.from(der))).to.deep.equal([
      stranger.der,
      pki.sibling.der,
    ]);
    expect(event).to.include({ remoteAddress: '127.0.0.1', enforced: true, at });
    expect(event && reasonsOf(event)).to.deep.equal(['untrusted_issuer']);
    const line = listener.lines.find(({ message }) => message === 'client refused');
    expect(line?.fields.reference).to.equal('0000000001');
    expect(line?.fields.next).to.include('sallyport trust stage --from-refused 0000000001');
    expect(answer.detail).to.include('0000000001');
    expect(listener.witnessed.accepted).to.deep.equal([]);
  });

  it('reports a client that was let in, and each of its requests', async () => {
    await using listener = await openListener();
    const wire = await listener.connect();
    for (const count of [1, 2, 3]) {
      wire.write(post('<cXML/>'));
      await wire.answers(count);
    }
    const { accepted, used, refused } = listener.witnessed;
    expect(accepted.map(([{ name }, { remoteAddress }]) => [name, remoteAddress])).to.deep.equal([
      [NAME, '127.0.0.1'],
    ]);
    expect(used.map(([peer]) => peer)).to.deep.equal([accepted[0]?.[0], accepted[0]?.[0], accepted[0]?.[0]]);
    expect(refused).to.deep.equal([]);
  });

  it('takes no judgement for a use: an idle connection that stays is none', async () => {
    let trust = createTestTrust(1);
    await using listener = await openListener({ trust: () => trust });
    const wire = await listener.connect();
    wire.write(post('<cXML/>'));
    await wire.answer();
    trust = createTestTrust(2);
    await listener.listener.closeRefused();
    expect(listener.witnessed.used).to.have.length(1);
    wire.write(post('<cXML/>'));
    await wire.answers(2);
    expect(listener.witnessed.used).to.have.length(2);
  });

  it('reports a refusal on an open connection, with the chain that was shown when it was opened', async () => {
    let trust = createTestTrust(1);
    await using listener = await openListener({ trust: () => trust });
    const wire = await listener.connect();
    wire.write(post('<cXML/>'));
    await wire.answer();
    trust = createTestTrust(2, ['other.example']);
    wire.write(post('<cXML/>'));
    const [, second] = await wire.answers(2);
    const { accepted, used, refused } = listener.witnessed;
    expect(refused.map(reasonsOf)).to.deep.equal([['name_not_allowed']]);
    expect(refused[0]?.presented.chain).to.have.length(2);
    expect(second?.detail).to.include('0000000001');
    expect([accepted.length, used.length]).to.deep.equal([1, 1]);
  });

  it('reports whom a check on trial would refuse as not enforced, once for each trust', async () => {
    let trust = onTrial(1);
    await using listener = await openListener({ trust: () => trust });
    const wire = await listener.connect();
    wire.write(post('<cXML/>'));
    await wire.answer();
    trust = onTrial(2);
    wire.write(post('<cXML/>'));
    await wire.answers(2);
    const { accepted, refused } = listener.witnessed;
    expect(accepted).to.have.length(1);
    expect(refused.map(reasonsOf)).to.deep.equal([['pin_mismatch'], ['pin_mismatch']]);
    for (const event of refused) {
      expect(event.enforced).to.equal(false);
      expect(event.refusal.nearMiss).to.equal(true);
      expect(event.refusal.leaf?.fingerprint).to.equal(accepted[0]?.[0].fingerprint);
    }
    expect(listener.lines.find(({ message }) => message === 'client would be refused')?.fields).to.include({
      reference: '0000000001',
    });
  });

  it('does not name a record that is not there', async () => {
    await using listener = await openListener({
      evidence: {
        accepted: () => {},
        used: () => {},
        refused: () => ({ reference: 'abcdefabcd', recorded: false, isNew: false }),
      },
    });
    const wire = await listener.connect(pki.client('someone.example'));
    expect((await wire.answer()).detail).to.include('abcdefabcd');
    const line = listener.lines.find(({ message }) => message === 'client refused');
    expect(line?.fields).to.include({ reference: 'abcdefabcd', recorded: false });
    expect(line?.fields).not.to.have.property('next');
  });

  it('judges and answers as ever when its evidence fails', async () => {
    const fail = (): never => {
      throw new Error('evidence is broken');
    };
    await using listener = await openListener({ evidence: { accepted: fail, used: fail, refused: fail } });
    const friend = await listener.connect();
    friend.write(post('<cXML/>'));
    expect((await friend.answer()).code).to.equal(200);
    const stranger = await listener.connect(pki.client('someone.example'));
    const answer = await stranger.answer();
    expect(answer.http).to.equal(403);
    const line = listener.lines.find(({ message }) => message === 'client refused');
    expect(line?.fields.reference).to.match(/^[0-9a-f]{10}$/);
    expect(answer.detail).to.include(line?.fields.reference);
    expect(listener.lines.some(({ message }) => message === 'client not recorded')).to.equal(true);
  });
});
