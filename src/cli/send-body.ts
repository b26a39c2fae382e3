/** Puts a body on the wire: at once, drop by drop, or only the beginning of it. */
import type { ClientRequest } from 'node:http';

export interface Manner {
  /** From the first byte of the body to its last. Default: as fast as it goes. */
  readonly seconds?: number;
  /** The connection is cut behind so many bytes of the body. */
  readonly cutAfterBytes?: number;
}

const DROPS_A_SECOND = 10;

/** @param onCut when the bytes before the cut have left; the caller ends the connection */
export function sendBody(
  outgoing: ClientRequest,
  bytes: Uint8Array,
  { seconds = 0, cutAfterBytes }: Manner,
  onCut: () => void,
): void {
  if (cutAfterBytes !== undefined) {
    outgoing.write(bytes.subarray(0, cutAfterBytes), (error) => {
      if (error == null) onCut();
    });
  } else if (seconds > 0) drip(outgoing, bytes, seconds * 1_000);
  else outgoing.end(bytes);
}

/** Equal pieces at equal distances, the last one at the end; stops when the answer comes before that. */
function drip(outgoing: ClientRequest, bytes: Uint8Array, totalMs: number): void {
  const drops = Math.max(2, Math.min(bytes.byteLength, Math.ceil((totalMs / 1_000) * DROPS_A_SECOND)));
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const send = (drop: number): void => {
    const [from, to] = [drop, drop + 1].map((edge) => Math.floor((edge * bytes.byteLength) / drops));
    const piece = bytes.subarray(from, to);
    if (drop === drops - 1) {
      outgoing.end(piece);
      return;
    }
    outgoing.write(piece);
    const due = started + ((drop + 1) * totalMs) / (drops - 1);
    timer = setTimeout(send, due - performance.now(), drop + 1);
  };
  const stop = (): void => clearTimeout(timer);
  outgoing.once('response', stop).once('close', stop);
  // Not before the connection stands: what waits for it would leave in one piece.
  outgoing.once('socket', (socket) => {
    if (outgoing.reusedSocket) send(0);
    else socket.once('secureConnect', () => send(0));
  });
}
