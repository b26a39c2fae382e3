import { expect } from 'chai';
import { checkChange } from '../../src/rotation/check-change.ts';
import { readCertificate } from '../../src/trust/certificate.ts';
import { NAME } from '../support/judging.ts';
import { type Minted, mint, mintCa } from '../support/pki.ts';

const read = ({ der }: Minted) => readCertificate(der);
const extension = (oid: string, hex: string) => ({
  withoutKeyIds: true,
  extensions: [{ oid, critical: false, hex }],
});
const active = mintCa('Coupa A', { serial: '01' });
const told = (certificate: Minted, ...seen: readonly Minted[]) =>
  checkChange(read(certificate), { active: [read(active)], staged: [], seen: seen.map(read) })
    .map(({ state, text }) => `${state}: ${text}`)
    .join('\n');

describe('checkChange', () => {
  it('warns of a renewed one that clients would not be let in by alone', () => {
    const otherId = mintCa('Coupa A', extension('2.5.29.14', '040401020304'));
    expect(told(otherId)).to.match(/warn: it has another key identifier/);
    const byNumber = mint({ subject: NAME, issuer: active, ...extension('2.5.29.35', '3003820101') });
    expect(told(mintCa('Coupa A', { serial: '02' }), byNumber)).to.match(/warn: 1 of the clients seen/);
  });

  it('has nothing against a renewed one that they are let in by', () => {
    const renewed = mintCa('Coupa A', { serial: '02' });
    const bare = mintCa('Coupa A', { withoutKeyIds: true });
    const client = mint({ subject: NAME, issuer: active });
    for (const each of [renewed, bare]) expect(told(each, client)).to.not.match(/warn/);
  });
});
