/** The metrics about trust: who is let in or refused and why, what is trusted, and until when. */
import { type Declarations, seconds } from './declare.ts';
import type { Metrics } from './metrics.ts';

interface Pin {
  /** SHA-256 of its public key, hex. */
  readonly spki: string;
  readonly notAfter: Date;
}

/** What nobody reports as it happens: files that somebody may have changed, and what the store has kept. */
export interface Measured {
  readonly journalIntact: boolean;
  readonly staged?: readonly Pin[];
  readonly seen?: {
    /** When each pin vouched last; those of former times as well. */
    readonly pins: readonly { readonly spki: string; readonly at: Date }[];
    /** Of each name the certificate that was seen last. */
    readonly clients: readonly { readonly name: string; readonly notAfter: Date; readonly at: Date }[];
  };
}

export interface TrustMetrics extends Pick<Metrics, 'handshake' | 'wouldRefuse'> {
  /** What is trusted now; replaces what was said before. */
  trust(inForce: {
    readonly generation: number;
    /** Whether client certificates are required, and what else there could be. */
    readonly mode?: { readonly inForce: string; readonly all: readonly string[] };
    /** The client names that are let in: the closed list of that label. */
    readonly names?: readonly string[];
    readonly pins: readonly Pin[];
    /** Revocation lists; `signer` is the key of the pinned issuer, likewise. */
    readonly crls?: readonly { readonly signer: string; readonly nextUpdate: Date }[];
  }): void;
  /** What was found at a scrape; what is left out stays as it was. */
  measured(found: Measured): void;
  /** A client with an allowed name was refused. */
  nearMiss(reason: string): void;
  serverCertificate(certificate: { readonly notAfter: Date }): void;
  /** The files of trust and of our own certificate were read, at the start or again. */
  reload(event: {
    readonly outcome: 'started' | 'replaced' | 'unchanged' | 'failed';
    readonly at: Date;
  }): void;
  /** So many refusals, or uses of a chain, that the records will not show: a flood, or a store that fails for long. */
  unrecorded(what: 'refusal' | 'chain_use', count: number): void;
}

export function createTrustMetrics(
  { counter, gauge }: Declarations,
  known: { readonly handshakeReasons?: readonly string[]; readonly trialReasons?: readonly string[] },
): TrustMetrics {
  const handshakes = counter('tls_handshakes_total', 'TLS handshakes, by what the gate decided and why.', [
    'outcome',
    'reason',
  ]);
  const wouldRefuse = counter(
    'tls_would_refuse_total',
    'Clients let in although a check that only reports speaks against them, by reason.',
    ['reason'],
  );
  const nearMisses = counter(
    'tls_near_misses_total',
    'Refused clients that carry an allowed name, by the first reason: what a rotation at the buyer looks like.',
    ['reason'],
  );
  const refusalsUnrecorded = counter(
    'tls_refusals_unrecorded_total',
    'Refused clients that stand in the log alone: too many at once, or the store failed for long.',
    [],
  );
  const chainUsesUnrecorded = counter(
    'tls_chain_uses_unrecorded_total',
    'Counts of accepted client chains that were not written down: the store failed for long.',
    [],
  );
  const serverNotAfter = gauge(
    'tls_server_certificate_not_after_timestamp_seconds',
    'When our own certificate expires.',
  );
  const pinNotAfter = gauge('tls_pin_not_after_timestamp_seconds', 'When a pinned certificate expires.', [
    'pin',
    'state',
  ]);
  const pinLastSeen = gauge(
    'tls_pin_last_seen_timestamp_seconds',
    'When a pinned certificate last vouched for a client.',
    ['pin'],
  );
  const pins = gauge('tls_pins', 'Pinned certificates in force, and those laid ready.', ['state']);
  const clientNotAfter = gauge(
    'tls_client_certificate_not_after_timestamp_seconds',
    'When the client certificate expires that was seen last under this name.',
    ['name'],
  );
  const clientLastSeen = gauge(
    'tls_client_certificate_last_seen_timestamp_seconds',
    'When a client was last let in under this name.',
    ['name'],
  );
  const journalIntact = gauge(
    'trust_journal_intact',
    '1 when the journal of trust is as it was written; 0 when it is not, or cannot be read.',
  );
  const crlNextUpdate = gauge(
    'tls_crl_next_update_timestamp_seconds',
    'When the revocation list of a pinned issuer grows stale.',
    ['issuer'],
  );
  const mode = gauge('trust_mode', '1 for what `trust.client_certificate` is, 0 for what it is not.', [
    'mode',
  ]);
  const generation = gauge('trust_generation', 'Counts up each time the trusted set is replaced.');
  const reloads = counter(
    'trust_reloads_total',
    'How often the files of trust and of our own certificate were read again, and what came of it.',
    ['outcome'],
  );
  const lastReloadSuccessful = gauge(
    'config_last_reload_successful',
    '1 when those files were sound when they were last read; 0 when the ones before are still in force.',
  );
  const lastReloadSuccess = gauge(
    'config_last_reload_success_timestamp_seconds',
    'When those files were last read and sound.',
  );

  handshakes({ outcome: 'accepted', reason: 'none' });
  for (const reason of known.handshakeReasons ?? []) {
    handshakes({ outcome: 'refused', reason });
    nearMisses({ reason });
  }
  for (const outcome of ['replaced', 'unchanged', 'failed']) reloads({ outcome });
  for (const reason of known.trialReasons ?? []) wouldRefuse({ reason });
  refusalsUnrecorded({});
  chainUsesUnrecorded({});

  const lastSeen = new Map<string, number>();
  let names: readonly string[] = [];
  let active: readonly Pin[] = [];
  let staged: readonly Pin[] | undefined;

  /** A pin that came before shows again what was seen of it. */
  const noteSeen = (spki: string, at: Date): void => {
    lastSeen.set(spki, Math.max(seconds(at), lastSeen.get(spki) ?? 0));
  };
  const showPins = (): void => {
    pinNotAfter.reset();
    pinLastSeen.reset();
    for (const [state, of] of [
      ['active', active],
      ['staged', staged],
    ] as const) {
      if (of === undefined) continue;
      pins.set({ state }, of.length);
      // One key in two certificates is one pin, as good as the one that lasts longer.
      for (const { spki, notAfter } of of.toSorted((one, other) => +one.notAfter - +other.notAfter)) {
        pinNotAfter.set({ pin: pinName(spki), state }, seconds(notAfter));
        const at = lastSeen.get(spki);
        if (at !== undefined) pinLastSeen.set({ pin: pinName(spki) }, at);
      }
    }
  };

  return {
    trust(inForce) {
      generation.set(inForce.generation);
      for (const each of inForce.mode?.all ?? []) {
        mode.set({ mode: each }, each === inForce.mode?.inForce ? 1 : 0);
      }
      names = inForce.names ?? [];
      active = inForce.pins;
      showPins();
      crlNextUpdate.reset();
      for (const { signer, nextUpdate } of inForce.crls ?? []) {
        crlNextUpdate.set({ issuer: pinName(signer) }, seconds(nextUpdate));
      }
    },

    measured(found) {
      journalIntact.set(found.journalIntact ? 1 : 0);
      staged = found.staged ?? staged;
      for (const { spki, at } of found.seen?.pins ?? []) noteSeen(spki, at);
      showPins();
      if (found.seen === undefined) return;
      clientNotAfter.reset();
      clientLastSeen.reset();
      for (const { name, notAfter, at } of found.seen.clients) {
        if (!names.includes(name)) continue;
        clientNotAfter.set({ name }, seconds(notAfter));
        clientLastSeen.set({ name }, seconds(at));
      }
    },

    nearMiss: (reason) => nearMisses({ reason }).inc(),

    serverCertificate: ({ notAfter }) => serverNotAfter.set(seconds(notAfter)),

    reload({ outcome, at }) {
      if (outcome !== 'started') reloads({ outcome }).inc();
      lastReloadSuccessful.set(outcome === 'failed' ? 0 : 1);
      if (outcome !== 'failed') lastReloadSuccess.set(seconds(at));
    },

    handshake({ outcome, reason, vouched }) {
      handshakes({ outcome, reason }).inc();
      if (vouched === undefined) return;
      noteSeen(vouched.spki, vouched.at);
      pinLastSeen.set({ pin: pinName(vouched.spki) }, lastSeen.get(vouched.spki) ?? seconds(vouched.at));
    },

    wouldRefuse: (reason) => wouldRefuse({ reason }).inc(),

    unrecorded: (what, count) =>
      (what === 'refusal' ? refusalsUnrecorded : chainUsesUnrecorded)({}).inc(count),
  };
}

/** Long enough to be unique among pins, short enough to read aloud; what `trust show` prints first, too. */
function pinName(spki: string): string {
  return spki.slice(0, 12);
}
