import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { rehearseTrust, showTrust } from '../../src/cli/trust.ts';
import { runAlone as run } from '../support/control-place.ts';
import { type Answers, PIN_A, REHEARSED, TRUST } from '../support/fake-rotation.ts';

describe('sallyport trust show', () => {
  const show = (answers: Answers = {}) => run((config) => (around) => showTrust({ config }, around), answers);

  it('shows each pin with its state, its days left, and when it was seen', async () => {
    const { code, stdout } = await show();
    expect(code).to.equal(0);
    expect(stdout).to.match(/pin +state +days left +first seen +last seen +24 h +30 d/);
    expect(stdout).to.match(/9f86d081884c +active +█░{9} +30 +2026-02-01 +2026-11-21 08:00Z +41 +412/);
    expect(stdout).to.match(/8b7e00000000 +staged +█{10} +1825 +never +never +0 +0/);
    expect(stdout).to.include('O=Example CA, CN=Example Client Intermediate G2');
    expect(stdout).to.include('valid 2026-01-01 to 2026-12-21, /etc/sallyport/certs/coupa/intermediate.pem');
  });

  it('shows the clients, the refused, the journal, what needs attention, and the next step', async () => {
    const { stdout } = await show();
    expect(stdout).to.match(/dddd11112222 +9f86d081884c +20 +2026-11-21 08:00Z +412 +4500012345/);
    expect(stdout).to.match(/generation +17/);
    expect(stdout).to.match(/refused 24 h +1 client with Coupa's name, 14 others/);
    expect(stdout).to.match(/journal +12 entries; last: stage by anna@host, 2026-11-20 08:00Z/);
    expect(stdout).to.include('! pin 9f86d081884c expires in 30 days');
    expect(stdout.trimEnd().split('\n').at(-1)).to.equal('→ sallyport trust rehearse');
  });

  it('tells which of those refused would be let in by now', async () => {
    const refused24h = { nearMisses: 3, mended: 2, others: 1 };
    const { stdout } = await show({ show: { ...TRUST, refused24h } });
    expect(stdout).to.match(/refused 24 h +3 clients with Coupa's name \(2 let in by now\), 1 other\n/);
  });

  it('shows what was never seen, expired, distrusted and broken as such', async () => {
    const { stdout } = await show({
      show: {
        ...TRUST,
        generation: null,
        mode: 'requested',
        pins: [{ ...PIN_A, daysLeft: -3 }],
        clients: [],
        distrusted: [
          {
            key: 'spki:9f86',
            what: 'CN=Old',
            since: '2026-11-01T00:00:00Z',
            by: 'anna@host',
            reason: 'leaked',
          },
        ],
        journal: { entries: 1, intact: false, problem: 'line 1', last: null },
        warnings: [],
        next: '',
      },
    });
    expect(stdout).to.match(/active +expired 2026-12-21/);
    expect(stdout).to.include('none yet');
    expect(stdout).to.match(/spki:9f86\n +CN=Old\n +since 2026-11-01 00:00Z by anna@host\n +reason: leaked/);
    expect(stdout).to.include('1 entry; not as it was written');
    expect(stdout).to.include('none: no receiver runs');
    expect(stdout).to.include('nothing needs attention');
    expect(stdout).not.to.include('→');
  });

  it('prints nothing that a certificate could use to fool a terminal, however long it is', async () => {
    const evil = `CN=\u001b[31m\u202e${'x'.repeat(500)}`;
    const client = TRUST.clients[0];
    if (client === undefined) throw new Error('the fixture has no client');
    const { stdout } = await show({
      show: {
        ...TRUST,
        names: [evil],
        pins: [{ ...PIN_A, subject: evil, file: evil, key: evil }],
        clients: [{ ...client, name: evil, issuer: evil, lastOrder: evil }],
        distrusted: [{ key: evil, what: evil, since: evil, by: evil, reason: evil }],
        warnings: ['\u001b[2J'],
        next: '\u001b[2J',
      },
    });
    expect(stripVTControlCharacters(stdout)).to.equal(stdout);
    expect(stdout).not.to.include('\u202e');
  });

  it('gives the report as JSON', async () => {
    const report = { ...TRUST, pins: [{ ...PIN_A, subject: 'CN=\u202e\u009b31m' }] };
    const { stdout } = await run((config) => (around) => showTrust({ config, json: true }, around), {
      show: report,
    });
    expect(JSON.parse(stdout)).to.deep.equal(report);
    expect(stdout).not.to.match(/[\u202e\u009b]/);
  });
});

describe('sallyport trust rehearse', () => {
  const rehearse = (answers: Answers = {}, more: { without?: string[] } = {}) =>
    run((config) => (around) => rehearseTrust({ config, last: 14, ...more }, around), answers);

  it('shows sets against times, then who is refused and why, and what it comes to', async () => {
    const { code, stdout, asked } = await rehearse();
    expect(code).to.equal(0);
    expect(asked).to.deep.equal([['rehearse', { lastDays: 14 }]]);
    expect(stdout).to.match(/set +today +in 30 days +in 90 days/);
    expect(stdout).to.match(/with staged +✔ 1 let in +✔ 1 let in +✔ 1 let in/);
    expect(stdout).to.match(/staged alone +✖ 0 let in, 1 refused/);
    expect(stdout).to.match(/pins 9f86d081884c, 8b7e00000000/);
    expect(stdout).to.match(
      /Refused today: staged alone\n +cxml-supplier\.coupahost\.com, certificate dddd11112222/,
    );
    expect(stdout).to.include('untrusted_issuer: the issuer CN=Example Root is not pinned');
    expect(stdout.match(/untrusted_issuer/g)).to.have.lengthOf(1);
    expect(stdout).to.include('safe to promote').and.not.include('not safe');
    expect(stdout.trimEnd().split('\n').at(-1)).to.equal('→ sallyport trust promote');
  });

  it('tells sets that refuse the same together', async () => {
    const scenarios = REHEARSED.scenarios.map((each) => {
      const [alone] = REHEARSED.scenarios.filter(({ set }) => set === 'staged alone');
      return each.inDays === 90 ? { ...each, refused: alone?.refused ?? [] } : each;
    });
    const { stdout } = await rehearse({ rehearse: { ...REHEARSED, scenarios } });
    expect(stdout).to.include('Refused in 90 days: in force, with staged\n');
    expect(stdout.match(/untrusted_issuer/g)).to.have.lengthOf(2);
  });

  it('ends with 1 when it is not safe', async () => {
    const { code, stdout } = await rehearse({ rehearse: { ...REHEARSED, safeToPromote: false } });
    expect(code).to.equal(1);
    expect(stdout).to.include('not safe to promote');
  });

  it('ends with 1 when those asked about are still needed', async () => {
    const conclusions = [{ state: 'no', text: 'do not retire 9f86d081884c yet' }] as const;
    const { code, asked } = await rehearse(
      { rehearse: { ...REHEARSED, conclusions } },
      { without: ['9f86d0'] },
    );
    expect(code).to.equal(1);
    expect(asked).to.deep.equal([['rehearse', { lastDays: 14, without: ['9f86d0'] }]]);
  });

  it('names those who would newly be let in, and no more than a screen of them', async () => {
    const [, promoted] = REHEARSED.scenarios;
    if (promoted === undefined) throw new Error('the fixture has no such scenario');
    const one = {
      fingerprint: 'ee',
      name: 'new.example',
      issuer: 'CN=x',
      lastSeen: '',
      handshakes: 1,
      findings: [],
    };
    const newlyAccepted = Array.from({ length: 14 }, (_, at) => ({ ...one, fingerprint: `ee${at}` }));
    const { stdout } = await rehearse({
      rehearse: { ...REHEARSED, scenarios: [{ ...promoted, newlyAccepted }] },
    });
    expect(stdout).to.include('Refused until now, let in with staged');
    expect(stdout.match(/new\.example/g)).to.have.lengthOf(10);
    expect(stdout).to.include('and 4 more');
  });
});
