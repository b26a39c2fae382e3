import { expect } from 'chai';
import { childrenOf } from '../../src/telemetry/children.ts';

type Labels = Record<'buyer' | 'kind', string>;

function record(limit?: number): { prepared: Labels[]; child: (labels: Labels) => Labels } {
  const prepared: Labels[] = [];
  const prepare = (labels: Labels): Labels => {
    prepared.push(labels);
    return labels;
  };
  return { prepared, child: childrenOf(['buyer', 'kind'], prepare, limit) };
}

describe('childrenOf', () => {
  it('prepares a child once per label set, whatever the order of the labels', () => {
    const { prepared, child } = record();
    const first = child({ buyer: 'acme', kind: 'x' });
    expect(child({ kind: 'x', buyer: 'acme' })).to.equal(first);
    expect(child({ buyer: 'acme', kind: 'y' })).not.to.equal(first);
    expect(prepared).to.have.length(2);
  });

  it('keeps only the labels it knows', () => {
    const { prepared, child } = record();
    child({ buyer: 'acme', kind: 'x', payloadId: '1' } as Labels);
    expect(prepared).to.deep.equal([{ buyer: 'acme', kind: 'x' }]);
  });

  it('counts everything past its bound as one other', () => {
    const { prepared, child } = record(2);
    for (let index = 0; index < 100; index++) child({ buyer: `b${index}`, kind: 'x' });
    expect(prepared).to.have.length(3);
    expect(prepared.at(-1)).to.deep.equal({ buyer: 'other', kind: 'other' });
    expect(child({ buyer: 'b0', kind: 'x' })).to.equal(prepared[0]);
  });
});
