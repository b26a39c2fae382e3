import { expect } from 'chai';
import { proveIssuers } from '../../src/rotation/issued-by.ts';
import { readCertificate } from '../../src/trust/certificate.ts';
import { drain } from '../../src/turns.ts';
import { type Minted, mintCa } from '../support/pki.ts';

const read = ({ der }: Minted) => readCertificate(der);
const root = mintCa('Root');
const policy = mintCa('Policy', { issuer: root });
const issuing = mintCa('Issuing', { issuer: policy });
const twin = mintCa('Root', { key: { kind: 'p-256', label: 'twin' } });

describe('proveIssuers', () => {
  it('knows who signed whom, of a file and of what is there already', () => {
    const [file, others] = [[root, issuing].map(read), [policy, twin].map(read)];
    const isIssuedBy = drain(proveIssuers(file, others));
    const holds = (subject: Minted, issuer: Minted) => isIssuedBy(read(subject), read(issuer));
    expect([holds(issuing, policy), holds(policy, root), holds(root, root)]).to.deep.equal([
      true,
      true,
      true,
    ]);
    expect([holds(policy, twin), holds(root, twin), holds(root, policy)]).to.deep.equal([
      false,
      false,
      false,
    ]);
  });

  it('ends a turn after each proof, and proves nothing twice', () => {
    const alike = [root, twin].map(read);
    const steps = proveIssuers(alike, alike);
    let turns = 0;
    while (steps.next().done !== true) turns += 1;
    expect(turns).to.equal(4);
  });
});
