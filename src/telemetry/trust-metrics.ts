/** The metrics about trust: who is let in or refused and why, what is trusted, and until when. */
import type { Declarations } from './declare.ts';
import type { Metrics } from './metrics.ts';

export interface TrustMetrics extends Pick<Metrics, 'handshake' | 'wouldRefuse'> {
  /** What is trusted now; replaces what was said before. */
  trust(inForce: {
    readonly generation: number;
    /** Whether client certificates are required, and what else there could be. */
    readonly mode?: { readonly inForce: string; readonly all: readonly string[] };
    /** `spki`: SHA-256 of the anchor's public key, hex. */
    readonly pins: readonly { readonly spki: string; readonly notAfter: Date }[];
    /** Revocation lists; `signer` is the key of the pinned issuer, likewise. */
    readonly crls?: readonly { readonly signer: string; readonly nextUpdate: Date }[];
  }): void;
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
  for (const reason of known.handshakeReasons ?? []) handshakes({ outcome: 'refused', reason });
  for (const outcome of ['replaced', 'unchanged', 'failed']) reloads({ outcome });
  for (const reason of known.trialReasons ?? []) wouldRefuse({ reason });
  refusalsUnrecorded({});
  chainUsesUnrecorded({});

  return {
    trust(inForce) {
      generation.set(inForce.generation);
      for (const each of inForce.mode?.all ?? []) {
        mode.set({ mode: each }, each === inForce.mode?.inForce ? 1 : 0);
      }
      pinNotAfter.reset();
      crlNextUpdate.reset();
      for (const { signer, nextUpdate } of inForce.crls ?? []) {
        crlNextUpdate.set({ issuer: pinName(signer) }, seconds(nextUpdate));
      }
      for (const { spki, notAfter } of inForce.pins) {
        pinNotAfter.set({ pin: pinName(spki), state: 'active' }, seconds(notAfter));
      }
    },

    serverCertificate: ({ notAfter }) => serverNotAfter.set(seconds(notAfter)),

    reload({ outcome, at }) {
      if (outcome !== 'started') reloads({ outcome }).inc();
      lastReloadSuccessful.set(outcome === 'failed' ? 0 : 1);
      if (outcome !== 'failed') lastReloadSuccess.set(seconds(at));
    },

    handshake({ outcome, reason, vouched }) {
      handshakes({ outcome, reason }).inc();
      if (vouched !== undefined) pinLastSeen.set({ pin: pinName(vouched.spki) }, seconds(vouched.at));
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

function seconds(at: Date): number {
  return at.getTime() / 1000;
}
