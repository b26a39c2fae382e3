/** Who a document says it is from, and whether that is proved: the second door, after the client certificate. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Buyer } from '../config.ts';
import type { Credential, Header, SenderCredential } from '../cxml/message.ts';
import { Refusal, StartupError } from '../errors.ts';
import type { Peer } from '../trust/peer.ts';

export interface Authenticator {
  /**
   * @throws {Refusal} `sender-unknown` in the same words for an unknown identity and a wrong secret;
   *   `sender-forbidden` when the sender is proved but may not speak for this From, To or connection
   */
  authenticate(header: Header | undefined, peer: Peer): Buyer;
}

/** @throws {StartupError} when two buyers could not be told apart */
export function createAuthenticator(buyers: readonly Buyer[]): Authenticator {
  const known = buyers.filter((buyer) => !buyer.unsafe_any_sender).map(readBuyer);
  refuseTwins(known);
  const anySender = buyers.find((buyer) => buyer.unsafe_any_sender);

  return {
    authenticate(header, peer) {
      if (header !== undefined) refuseCrowds(header);
      const claims = named(header?.sender ?? []);
      if (header === undefined || claims.length === 0) {
        throw new Refusal(
          'sender-unknown',
          'The document names no Sender with a Credential and an Identity.',
          {
            place: { path: header === undefined ? 'cXML/Header' : 'cXML/Header/Sender' },
          },
        );
      }
      const given = claims.map((claim) => claim.sharedSecret).filter((secret) => secret !== undefined);
      const secrets = given.map(digest);
      const proved = known.filter((buyer) => proves({ claims, secrets }, buyer));
      if (proved.length === 0) {
        if (anySender !== undefined) return anySender;
        throw new Refusal(
          'sender-unknown',
          'The Sender is not known here, or its SharedSecret is not right.',
          {
            place: { path: 'cXML/Header/Sender' },
          },
        );
      }
      return permitted({ proved, header, peer }).buyer;
    },
  };
}

interface Known {
  readonly buyer: Buyer;
  readonly sender: ReadonlySet<string>;
  readonly from: ReadonlySet<string>;
  readonly to: ReadonlySet<string> | undefined;
  /** Undefined where none was agreed: Coupa then sends none. */
  readonly secret: Buffer | undefined;
}

function readBuyer(buyer: Buyer): Known {
  const secret = buyer.shared_secret;
  return {
    buyer,
    from: new Set(buyer.from.map(keyOf)),
    sender: new Set(buyer.sender.map(keyOf)),
    to: buyer.to === undefined ? undefined : new Set(buyer.to.map(keyOf)),
    secret: secret === 'none' ? undefined : digest(secret.reveal()),
  };
}

/** Domains are compared case-blind (they vary even inside one genuine document), identities exactly. */
function keyOf({ domain, identity }: { readonly domain: string; readonly identity?: string }): string {
  return JSON.stringify([domain.trim().toLowerCase(), identity]);
}

/** A real party has one to five. Every claim is compared with every buyer in one go: 100,000 took two seconds. */
const MOST_CREDENTIALS = 100;

function refuseCrowds({ from, to, sender }: Header): void {
  for (const [party, credentials] of Object.entries({ From: from, To: to, Sender: sender })) {
    if (credentials.length <= MOST_CREDENTIALS) continue;
    throw new Refusal(
      'xml-too-complex',
      `${party} has ${credentials.length} Credentials; at most ${MOST_CREDENTIALS} are read.`,
      { place: { path: `cXML/Header/${party}` } },
    );
  }
}

function named<T extends Credential>(credentials: readonly T[]): T[] {
  return credentials.filter((each) => each.identity !== undefined && each.identity !== '');
}

/**
 * Several Credentials of one party are aliases: any may match, and any may carry the secret. Every buyer's secret is
 * compared, whether its identity matched or not, so that time does not tell who is known.
 */
function proves(
  sent: { readonly claims: readonly SenderCredential[]; readonly secrets: readonly Buffer[] },
  { sender, secret }: Known,
): boolean {
  let isClaimed = false;
  for (const claim of sent.claims) if (sender.has(keyOf(claim))) isClaimed = true;
  if (secret === undefined) return isClaimed;
  let isRight = false;
  for (const each of sent.secrets) if (timingSafeEqual(each, secret)) isRight = true;
  return isClaimed && isRight;
}

/** Hashing first gives both sides one length, so the comparison tells nothing of the secret's. */
function digest(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest();
}

function permitted(claim: { proved: readonly Known[]; header: Header; peer: Peer }): Known {
  const { proved, header, peer } = claim;
  const from = named(header.from);
  const speaksFor = proved.filter(
    (buyer) => from.length === 0 || from.some((each) => buyer.from.has(keyOf(each))),
  );
  const [first] = speaksFor;
  if (first === undefined || speaksFor.length > 1) {
    throw new Refusal('sender-forbidden', 'This Sender may not send for the party in From.', {
      place: { path: 'cXML/Header/From' },
    });
  }
  const { names } = first.buyer;
  // A client that proved nothing has no name, whatever it claims.
  if (names !== undefined && !(peer.proven && names.includes(peer.name))) {
    throw new Refusal(
      'sender-forbidden',
      'This Sender may not use the client certificate of this connection.',
      {
        place: { path: 'cXML/Header/Sender' },
      },
    );
  }
  const to = named(header.to);
  if (first.to !== undefined && to.length > 0 && !to.some((each) => first.to?.has(keyOf(each)))) {
    throw new Refusal('sender-forbidden', 'The party in To is not this supplier.', {
      place: { path: 'cXML/Header/To' },
    });
  }
  return first;
}

function refuseTwins(known: readonly Known[]): void {
  for (const [index, one] of known.entries()) {
    for (const other of known.slice(index + 1)) {
      if (overlaps(one.sender, other.sender) && overlaps(one.from, other.from)) {
        throw new StartupError(
          `buyers "${one.buyer.key}" and "${other.buyer.key}" share a sender and a from: nobody could tell them apart`,
          { hint: 'Give each buyer its own `from` or `sender` credentials.' },
        );
      }
    }
  }
}

function overlaps(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  for (const key of one) if (other.has(key)) return true;
  return false;
}
