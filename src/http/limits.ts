/** What one client may cost: the part of the configuration's `limits` that this room enforces. */
import type { Limits as AllLimits } from '../config.ts';

export type Limits = Pick<
  AllLimits,
  | 'handshake_timeout_ms'
  | 'headers_timeout_ms'
  | 'request_timeout_ms'
  | 'idle_timeout_ms'
  | 'connections'
  | 'connections_per_address'
  | 'requests_in_flight'
  | 'header_bytes'
  | 'headers_count'
  | 'body_bytes'
  | 'expanded_bytes'
  | 'message_bytes'
  | 'spooled_bytes'
  | 'buffered_bytes'
  | 'shutdown_ms'
>;
