/** Every metric, declared once. Labels come from closed lists; nothing a peer sent is ever a label. */

export type RequestOutcome = 'accepted' | 'replayed' | 'refused' | 'failed';
export type Stage = 'read' | 'parse' | 'validate' | 'store' | 'reply';

/** What the rooms report. Cheap: children are prepared once per label set. */
export interface Metrics {
  /**
   * One finished TLS handshake or a failed one. `reason` is `none` when accepted, else one of `PEER_REASONS`.
   * `vouched` is the anchor behind an accepted client: SHA-256 of its public key, hex.
   */
  handshake(event: {
    readonly outcome: 'accepted' | 'refused';
    readonly reason: string;
    readonly vouched?: { readonly spki: string; readonly at: Date };
  }): void;
  /** A client was let in although something on trial speaks against it. `reason` is one of `TRIAL_REASONS`. */
  wouldRefuse(reason: string): void;
  requestStarted(): void;
  /** One HTTP answer on the receiving port. `buyer` is a configured key or `unknown`. */
  requestFinished(event: {
    readonly buyer: string;
    readonly requestType: 'OrderRequest' | 'ProfileRequest' | 'other' | 'none';
    readonly outcome: RequestOutcome;
    /** The refusal code, or `none`. */
    readonly reason: string;
    /** Class of the cXML Status sent: `2xx`, `4xx`, `5xx`; `none` when the client left before it had an answer. */
    readonly statusClass: string;
    readonly seconds: number;
    readonly bytes: number;
  }): void;
  stage(stage: Stage, seconds: number): void;
  authentication(event: {
    readonly buyer: string;
    readonly outcome: 'accepted' | 'refused';
    /** Of the secret it was proved by; `none` when refused, or when none was agreed. */
    readonly slot: 'current' | 'previous' | 'none';
  }): void;
  duplicate(event: {
    readonly buyer: string;
    readonly kind: 'payload_identical' | 'payload_conflict' | 'order_resent';
  }): void;
  finding(event: { readonly buyer: string; readonly rule: string; readonly severity: string }): void;
  order(event: {
    readonly buyer: string;
    readonly environment: string;
    readonly operation: string;
    /** When it came; left out of one that had been held since. */
    readonly at: Date | undefined;
  }): void;
  archiveWriteFailed(): void;
}
