/**
 * The rotation room changes the pinned set, step by step: stage, rehearse, promote, watch, retire; rollback at any time.
 * It writes files and the journal; who is let in is decided by `trust/` alone. The reports are plain JSON, so that
 * they are the same over the admin port and offline. Instants are ISO 8601 in UTC.
 */

/** A step that is not taken. For the person who asked. */
export class RotationError extends Error {
  override readonly name = 'RotationError';
  /** What it means for orders. */
  readonly meaning: string;
  /** The one next step, often a command. */
  readonly next: string;
  /** `--force` with a reason would take it all the same. */
  readonly forceable: boolean;

  constructor(message: string, parts: { meaning: string; next: string; forceable?: boolean }) {
    super(message);
    this.meaning = parts.meaning;
    this.next = parts.next;
    this.forceable = parts.forceable ?? false;
  }
}

/** Who asks, as the system knows them (`anna@host`), and why. Claimed by the command, written to the journal. */
export interface Actor {
  readonly by: string;
  readonly reason: string | null;
}

/** `warn` is told, `no` hinders promotion. */
export interface Check {
  readonly state: 'yes' | 'warn' | 'no';
  readonly text: string;
}

export type PinState = 'active' | 'staged' | 'retired' | 'distrusted';

/** One pinned, staged or former CA certificate. */
export interface PinReport {
  /** First 12 hex digits of the SHA-256 of its public key: its name in metrics, lists and commands. */
  readonly pin: string;
  readonly spki: string;
  /** SHA-256 over the certificate, hex. Commands take any unambiguous beginning of this, or of `spki`, from 6 digits. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  /** Example: `RSA 2048`, `EC P-256`. */
  readonly key: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly daysLeft: number;
  readonly state: PinState;
  /** Where it stands, if in a file of the bundle. */
  readonly file: string | null;
  readonly isRoot: boolean;
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
  readonly handshakes24h: number;
  readonly handshakes30d: number;
}

/** A client certificate that was let in. */
export interface ClientReport {
  readonly fingerprint: string;
  readonly name: string;
  readonly issuer: string;
  readonly serial: string;
  /** Pin that vouched last. */
  readonly pin: string;
  readonly notAfter: string;
  readonly daysLeft: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly handshakes30d: number;
  readonly lastOrder: string | null;
}

export interface DistrustReport {
  readonly key: string;
  readonly what: string;
  readonly since: string;
  readonly by: string;
  readonly reason: string | null;
}

export interface JournalState {
  readonly entries: number;
  readonly intact: boolean;
  /** Of the first entry that does not fit, if any. */
  readonly problem: string | null;
  readonly last: { readonly at: string; readonly action: string; readonly by: string } | null;
}

/** What needs a person. `no`: orders are refused for it or soon will be, or the record is not what was written. */
export interface Attention {
  readonly state: 'warn' | 'no';
  readonly about: 'journal' | 'refused' | 'pin' | 'client' | 'files' | 'evidence';
  /** Fingerprint of the one certificate it is about, if it is about one. */
  readonly of: string | null;
  readonly text: string;
  /** The one next step, often a command. */
  readonly next: string;
}

export interface TrustReport {
  /** Of the running receiver; null offline. */
  readonly generation: number | null;
  readonly mode: string;
  readonly names: readonly string[];
  /** SHA-256 over the active set. */
  readonly fingerprint: string;
  readonly pins: readonly PinReport[];
  readonly clients: readonly ClientReport[];
  readonly refused24h: {
    readonly nearMisses: number;
    /** Of these, those that the trust in force would let in. */
    readonly mended: number;
    readonly others: number;
  };
  readonly distrusted: readonly DistrustReport[];
  readonly journal: JournalState;
  /** In plain words, worst first: no successor staged, expires in so many days, … */
  readonly warnings: readonly string[];
  /** The same, each with what it is about and what to do. */
  readonly attention: readonly Attention[];
  /** The one next step, or empty when there is nothing to do. */
  readonly next: string;
}

export interface StagedPin extends PinReport {
  readonly checks: readonly Check[];
  /** Beside the active set: a new key and name · same key, later dates · same name, new key · there already. */
  readonly change: 'added' | 'renewed' | 'rekeyed' | 'known';
}

export interface StageReport {
  readonly staged: readonly StagedPin[];
  /** What else the file held, and why it is left out: a leaf, a duplicate, already active. */
  readonly leftOut: readonly { readonly subject: string; readonly why: string }[];
  readonly warnings: readonly string[];
  readonly next: string;
}

/** One client of the evidence, judged by one candidate. */
export interface RehearsedClient {
  readonly fingerprint: string;
  readonly name: string;
  readonly issuer: string;
  readonly lastSeen: string;
  readonly handshakes: number;
  /** Closed words of `PEER_REASONS` with the sentence each; empty when accepted. */
  readonly findings: readonly { readonly reason: string; readonly detail: string }[];
}

/** One candidate at one time. */
export interface Scenario {
  readonly set: 'in force' | 'with staged' | 'staged alone' | 'without';
  /** Pins of the candidate. */
  readonly pins: readonly string[];
  readonly at: string;
  readonly inDays: 0 | 30 | 90;
  readonly accepted: { readonly clients: number; readonly handshakes: number };
  readonly refused: readonly RehearsedClient[];
  /** Refused handshakes of the evidence that this candidate would let in. */
  readonly newlyAccepted: readonly RehearsedClient[];
}

export interface RehearseReport {
  readonly lastDays: number;
  readonly clients: number;
  readonly handshakes: number;
  /** Refused handshakes that were replayed as well. */
  readonly refusedReplayed: number;
  readonly scenarios: readonly Scenario[];
  /** What it comes to, in plain words, worst first. */
  readonly conclusions: readonly Check[];
  /** No client that is let in today would be refused by what `promote` does next. */
  readonly safeToPromote: boolean;
  readonly next: string;
}

export interface ChangeReport {
  readonly action: 'promote' | 'retire' | 'rollback' | 'distrust' | 'lift' | 'unstage';
  readonly generation: number | null;
  readonly added: readonly PinReport[];
  readonly removed: readonly PinReport[];
  /** Rows that the list of distrusted ones got or lost. Example: `spki:9f86…`, `serial:0a1b of CN=Coupa CA` */
  readonly keys: readonly string[];
  readonly tookMs: number;
  readonly warnings: readonly string[];
  readonly journalEntry: number;
  readonly next: string;
}

export type StageSource =
  /** PEM, DER, PKCS #7 (`.p7b`) or PKCS #12 (`.p12`), whatever the name says. */
  | { readonly file: string; readonly bytes: Uint8Array; readonly passphrase?: string }
  /** Number or reference of a refused handshake. */
  | { readonly fromRefused: string };

/** A key, or a certificate by its serial number, of one issuer or of whichever. */
export type DistrustQuery = { readonly key: string } | SerialQuery;

export interface SerialQuery {
  readonly serial: string;
  readonly issuer?: string;
}

/** Every method throws `RotationError` when it does not do what was asked; nothing has changed then. */
export interface Rotation {
  show(): Promise<TrustReport>;
  stage(source: StageSource, actor: Actor): Promise<StageReport>;
  /** Takes staged pins away again; all of them unless named. */
  unstage(query: { readonly pins: readonly string[] }, actor: Actor): Promise<ChangeReport>;
  rehearse(query?: {
    readonly lastDays?: number;
    readonly without?: readonly string[];
  }): Promise<RehearseReport>;
  /** All staged pins unless named. */
  promote(
    query: { readonly pins: readonly string[]; readonly force: boolean },
    actor: Actor,
  ): Promise<ChangeReport>;
  retire(query: { readonly pin: string; readonly force: boolean }, actor: Actor): Promise<ChangeReport>;
  /** To the set before the last change, or to that of a journal entry. */
  rollback(query: { readonly toEntry?: number }, actor: Actor): Promise<ChangeReport>;
  /** At once: an anchor leaves the set, and the key, leaf or anchor, is on the deny-list from then on. */
  distrust(query: DistrustQuery, actor: Actor): Promise<ChangeReport>;
  /** Off the list of distrusted ones again, for a reason. No pin comes back by it. */
  lift(query: DistrustQuery, actor: Actor): Promise<ChangeReport>;
}
