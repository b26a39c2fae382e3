/** Bytes from a trusted peer become a kept order, exactly once. Never: HTTP, SQL, delivery. */
import { canonicalOrder } from '../cxml/canonical.ts';
import { checkOrder } from '../cxml/check-order.ts';
import type { Message } from '../cxml/message.ts';
import type { Finding, Order } from '../cxml/order.ts';
import { refuseOtherRequests } from '../cxml/other-request.ts';
import { parseMessage } from '../cxml/parse-message.ts';
import type { XmlLimits } from '../cxml/parse-tree.ts';
import { readOrder } from '../cxml/read-order.ts';
import { createStatusWriter, type Profile, writeProfileResponse } from '../cxml/write-response.ts';
import type { Refusal } from '../errors.ts';
import type { Delivered, DeliveredAttachment, Held, Kept, Release, Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Peer } from '../trust/peer.ts';
import { inTurns } from '../turns.ts';
import { arrivalOf, deliveredAs } from './arrival.ts';
import { digestContent, identify, withAttachments } from './identity.ts';
import { createPreviousSecretNews, type PreviousSecretNews } from './previous-secret.ts';
import { createReadingRoom } from './reading-room.ts';
import { payloadConflict, quotable, reportKept, setAside, type Trail } from './record.ts';
import type { ReplyIdentity } from './reply-identity.ts';
import type { RetryClock } from './retry-clock.ts';
import type { Authenticator } from './sender.ts';

/** A file that came beside the document, on disk until the message is kept. */
export type ArrivedAttachment = DeliveredAttachment;

/** A message off the wire, its body complete and within limits. */
export interface ArrivedMessage {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** `charset` of the Content-Type, if it has one. */
  readonly charset?: string | undefined;
  readonly attachments?: readonly ArrivedAttachment[];
  /** Its wrapping could not be read to its end: what came is kept, and refused for this. */
  readonly problem?: Refusal | undefined;
  /** Request headers, secrets already masked. */
  readonly headers: Readonly<Record<string, string>>;
  /** The header of that name, unmasked; a function, so that no log or JSON can carry it. */
  readonly authorization?: () => string | undefined;
  readonly peer: Peer;
  readonly remoteAddress: string;
  readonly receivedAt: Date;
}

/** Proof that a message needs no further care: an order is durable, or a question is answered. Only this is answered 200. */
export interface Receipt {
  /** The complete cXML reply, byte for byte what is to be sent. */
  readonly reply: Uint8Array;
  readonly outcome: 'kept' | 'replayed' | 'resent' | 'profile';
  /** Key of the configured buyer. */
  readonly buyer: string;
  /** What became of the order. */
  readonly order?: { readonly orderId: string } & Pick<Kept, 'revision' | 'current' | 'notes'>;
}

/** A refused message, what it came as, and who has it taken. */
export interface HeldMessage extends Pick<ArrivedMessage, 'charset' | 'attachments' | 'peer'> {
  readonly held: Held;
  readonly release: Release;
}

export interface Intake {
  /**
   * @throws {Refusal} with the code to answer by. What is refused is kept for a person before this throws; when even
   *   that fails, the code is `store-unavailable`, so that the sender repeats and nothing is lost
   */
  receive(message: ArrivedMessage): Promise<Receipt>;
  /**
   * The same way for a message that was refused before; nobody waits for the reply.
   *
   * @throws {Refusal} when it would be refused again. It stays held as it was, and is not counted as another arrival
   */
  takeHeld(message: HeldMessage): Promise<Receipt>;
}

export interface IntakeParts {
  readonly store: Store;
  /** What senders were told to repeat. */
  readonly retries: RetryClock;
  /** As it is now: secrets may be replaced while running. */
  readonly authenticator: () => Authenticator;
  readonly replyIdentity: () => ReplyIdentity;
  readonly xmlLimits: XmlLimits;
  /** What a ProfileResponse tells. */
  readonly profile: Profile;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
}

/** A document of 10 MB made of small elements takes 190 MB as a tree (measured on Node 24). */
const READ_AT_ONCE_BYTES = 24 * 1024 * 1024;

export function createIntake(given: IntakeParts): Intake {
  const parts: Parts = {
    ...given,
    writeKept: createStatusWriter({ code: 200, text: 'OK' }),
    previousSecrets: createPreviousSecretNews(given.log),
  };
  const room = createReadingRoom(READ_AT_ONCE_BYTES);
  return {
    async receive(arrived) {
      const delivered = deliveredAs(arrived);
      const trail: Trail = {};
      using _place = await room.enter(arrived.bytes.length);
      try {
        if (arrived.problem !== undefined) throw arrived.problem;
        return await take(parts, arrived, delivered, trail);
      } catch (error) {
        throw await setAside(parts, delivered, trail, error);
      }
    },
    async takeHeld({ held, release, attachments = [], charset, peer }) {
      using _place = await room.enter(held.bytes.length);
      const arrived = { ...held, attachments, charset, peer };
      // Nobody is at the door: who tries again and again here is a person of ours.
      const metrics = { ...parts.metrics, authentication() {} };
      return await take({ ...parts, metrics }, arrived, { ...held, attachments, release }, {});
    },
  };
}

interface Parts extends IntakeParts {
  readonly writeKept: ReturnType<typeof createStatusWriter>;
  readonly previousSecrets: PreviousSecretNews;
}

/** What is looked at of a message, whether it has just come or was held. */
type Readable = Pick<
  ArrivedMessage,
  'bytes' | 'charset' | 'attachments' | 'peer' | 'authorization' | 'receivedAt'
>;

async function take(parts: Parts, arrived: Readable, delivered: Delivered, trail: Trail): Promise<Receipt> {
  const { metrics, clock } = parts;
  const startedAt = clock();
  const message = await inTurns(
    parseMessage(arrived.bytes, { charset: arrived.charset, limits: parts.xmlLimits }),
  );
  trail.message = message;
  const parsedAt = clock();
  metrics.stage('parse', (parsedAt - startedAt) / 1000);

  const buyer = authenticate(parts, message, arrived);
  trail.buyer = buyer;
  if (message.request?.kind === 'ProfileRequest') return answerProfile(parts, buyer);
  refuseOtherRequests(message);

  const order = await inTurns(readOrder(message));
  trail.orderId = order.purchaseOrderNumber;
  const findings = await inTurns(checkOrder(message, order, arrived.attachments));
  metrics.stage('validate', (clock() - parsedAt) / 1000);
  return keep(parts, { message, order, findings, buyer, delivered });
}

/** @returns key of the buyer */
function authenticate(
  { authenticator, metrics, previousSecrets }: Parts,
  { header }: Message,
  { peer, authorization, receivedAt }: Readable,
): string {
  try {
    const sender = authenticator().authenticate(header, peer, authorization?.());
    metrics.authentication({ buyer: sender.key, outcome: 'accepted', slot: sender.slot });
    previousSecrets.note(sender, receivedAt);
    return sender.key;
  } catch (error) {
    metrics.authentication({ buyer: 'unknown', outcome: 'refused', slot: 'none' });
    throw error;
  }
}

export interface ReadMessage {
  readonly message: Message;
  readonly order: Order;
  readonly findings: readonly Finding[];
  readonly buyer: string;
  readonly delivered: Delivered;
}

/** The commit. Before it nothing was promised; after it the sender may forget the order. */
async function keep(
  parts: Parts,
  { message, order, findings, buyer, delivered }: ReadMessage,
): Promise<Receipt> {
  const startedAt = parts.clock();
  const payloadId = message.payloadId ?? null;
  const orderId = order.purchaseOrderNumber;
  const identity = identify({
    buyer,
    environment: order.environment,
    payloadId,
    orderId,
    contentDigest: withAttachments(
      await inTurns(digestContent(canonicalOrder(message))),
      delivered.attachments,
    ),
  });
  const detail = `Order ${quotable(orderId)} was received and is kept.`;
  const reply = encode(parts.writeKept({ ...parts.replyIdentity(), detail }));
  const kept = await parts.store.keepOrder(
    arrivalOf({ delivered, buyer, identity, payloadId, sentAt: message.timestamp, order, findings, reply }),
  );
  parts.metrics.stage('store', (parts.clock() - startedAt) / 1000);
  reportKept(parts, { message, order, findings, buyer, delivered }, kept);
  if (kept.outcome === 'conflict') {
    throw payloadConflict(payloadId);
  }
  const { revision, current, notes } = kept;
  return { reply: kept.reply, outcome: kept.outcome, buyer, order: { orderId, revision, current, notes } };
}

function answerProfile({ replyIdentity, profile, log }: IntakeParts, buyer: string): Receipt {
  log.info({ buyer }, 'profile answered');
  return {
    reply: encode(writeProfileResponse({ ...replyIdentity(), ...profile })),
    outcome: 'profile',
    buyer,
  };
}

function encode(document: string): Uint8Array {
  return Buffer.from(document, 'utf8');
}
