/** A rotation that does nothing, writes down what it was asked for, and answers what a test gives it. */
import type {
  ChangeReport,
  PinReport,
  RehearseReport,
  Rotation,
  StageReport,
  TrustReport,
} from '../../src/rotation/rotation.ts';

export type Answers = {
  readonly [K in keyof Rotation]?: Awaited<ReturnType<Rotation[K]>> | Error;
};

export interface FakeRotation extends Rotation {
  /** Name of the method and what it was given. */
  readonly asked: readonly (readonly unknown[])[];
}

export function createFakeRotation(answers: Answers = {}): FakeRotation {
  const asked: (readonly unknown[])[] = [];
  const method =
    <T>(name: keyof Rotation, usual: T) =>
    async (...given: readonly unknown[]): Promise<T> => {
      asked.push([name, ...given]);
      const answer = answers[name] ?? usual;
      if (answer instanceof Error) throw answer;
      return answer as T;
    };
  return {
    asked,
    show: method('show', TRUST),
    stage: method('stage', STAGED),
    unstage: method<ChangeReport>('unstage', { ...CHANGED, action: 'unstage' }),
    rehearse: method('rehearse', REHEARSED),
    promote: method('promote', CHANGED),
    retire: method<ChangeReport>('retire', { ...CHANGED, action: 'retire' }),
    rollback: method<ChangeReport>('rollback', { ...CHANGED, action: 'rollback' }),
    distrust: method<ChangeReport>('distrust', { ...CHANGED, action: 'distrust' }),
    lift: method<ChangeReport>('lift', { ...CHANGED, action: 'lift' }),
  };
}

export const PIN_A: PinReport = {
  pin: '9f86d081884c',
  spki: '9f86d081884c7d65'.repeat(4),
  fingerprint: 'aaaa11112222aaaa'.repeat(4),
  subject: 'O=Example CA, CN=Example Client Intermediate',
  issuer: 'O=Example CA, CN=Example Root',
  key: 'RSA 2048',
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2026-12-21T00:00:00.000Z',
  daysLeft: 30,
  state: 'active',
  file: '/etc/sallyport/certs/coupa/intermediate.pem',
  isRoot: false,
  firstSeen: '2026-02-01T08:00:00.000Z',
  lastSeen: '2026-11-21T08:00:00.000Z',
  handshakes24h: 41,
  handshakes30d: 412,
};

export const PIN_B: PinReport = {
  ...PIN_A,
  pin: '8b7e00000000',
  spki: '8b7e000000000000'.repeat(4),
  fingerprint: 'bbbb11112222bbbb'.repeat(4),
  subject: 'O=Example CA, CN=Example Client Intermediate G2',
  notAfter: '2031-11-20T00:00:00.000Z',
  daysLeft: 1825,
  state: 'staged',
  file: null,
  firstSeen: null,
  lastSeen: null,
  handshakes24h: 0,
  handshakes30d: 0,
};

export const TRUST: TrustReport = {
  generation: 17,
  mode: 'required',
  names: ['cxml-supplier.coupahost.com'],
  fingerprint: 'cccc11112222cccc'.repeat(4),
  pins: [PIN_A, PIN_B],
  clients: [
    {
      fingerprint: 'dddd11112222dddd'.repeat(4),
      name: 'cxml-supplier.coupahost.com',
      issuer: 'O=Example CA, CN=Example Client Intermediate',
      serial: '0abc',
      pin: PIN_A.pin,
      notAfter: '2026-12-11T00:00:00.000Z',
      daysLeft: 20,
      firstSeen: '2026-02-01T08:00:00.000Z',
      lastSeen: '2026-11-21T08:00:00.000Z',
      handshakes30d: 412,
      lastOrder: '4500012345',
    },
  ],
  refused24h: { nearMisses: 1, mended: 0, others: 14 },
  distrusted: [],
  journal: {
    entries: 12,
    intact: true,
    problem: null,
    last: { at: '2026-11-20T08:00:00.000Z', action: 'stage', by: 'anna@host' },
  },
  warnings: ['pin 9f86d081884c expires in 30 days, on 2026-12-21'],
  attention: [
    {
      state: 'warn',
      about: 'pin',
      of: PIN_A.fingerprint,
      text: 'pin 9f86d081884c expires in 30 days, on 2026-12-21',
      next: 'sallyport trust rehearse',
    },
  ],
  next: 'sallyport trust rehearse',
};

export const STAGED: StageReport = {
  staged: [
    {
      ...PIN_B,
      change: 'added',
      checks: [
        { state: 'yes', text: 'RSA 2048, sha256WithRSAEncryption' },
        { state: 'warn', text: 'not yet valid: it vouches for nobody before 2026-12-03' },
      ],
    },
  ],
  leftOut: [{ subject: 'CN=cxml-supplier.coupahost.com', why: 'a client certificate, not a CA' }],
  warnings: [],
  next: 'nothing is trusted yet; next: sallyport trust rehearse',
};

const CLIENT = {
  fingerprint: 'dddd11112222dddd'.repeat(4),
  name: 'cxml-supplier.coupahost.com',
  issuer: 'O=Example CA, CN=Example Client Intermediate',
  lastSeen: '2026-11-21T08:00:00.000Z',
  handshakes: 412,
};
const UNTRUSTED = { reason: 'untrusted_issuer', detail: 'the issuer CN=Example Root is not pinned' };

export const REHEARSED: RehearseReport = {
  lastDays: 30,
  clients: 1,
  handshakes: 412,
  refusedReplayed: 2,
  scenarios: ([0, 30, 90] as const).flatMap((inDays) => {
    const at = new Date(Date.UTC(2026, 10, 21) + inDays * 86_400_000).toISOString();
    const all = { accepted: { clients: 1, handshakes: 412 }, refused: [], newlyAccepted: [] };
    return [
      { set: 'in force', pins: [PIN_A.pin], at, inDays, ...all },
      { set: 'with staged', pins: [PIN_A.pin, PIN_B.pin], at, inDays, ...all },
      {
        set: 'staged alone',
        pins: [PIN_B.pin],
        at,
        inDays,
        accepted: { clients: 0, handshakes: 0 },
        refused: [{ ...CLIENT, findings: [UNTRUSTED] }],
        newlyAccepted: [],
      },
    ];
  }),
  conclusions: [
    { state: 'warn', text: 'with the staged pins alone 1 client refused: do not retire 9f86d081884c yet' },
    { state: 'yes', text: 'with the staged pins all are accepted' },
  ],
  safeToPromote: true,
  next: 'sallyport trust promote',
};

export const CHANGED: ChangeReport = {
  action: 'promote',
  generation: 18,
  added: [{ ...PIN_B, state: 'active' }],
  removed: [],
  keys: [],
  tookMs: 412.3,
  warnings: [],
  journalEntry: 13,
  next: 'watch which pin vouches (sallyport trust show)',
};
