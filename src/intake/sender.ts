/** Who a document says it is from, and whether that is proved: the second door, after the client certificate. */
import { timingSafeEqual } from 'node:crypto';
import type { Buyer } from '../config.ts';
import type { Header } from '../cxml/message.ts';
import { Refusal } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';
import type { Peer } from '../trust/peer.ts';
import { readBasic } from './basic-auth.ts';
import { type KnownBuyer, keyOf, named, readBuyers } from './known-buyers.ts';
import type { Factor, Proof } from './prove-sender.ts';
import { type Compare, digest, type SlotName } from './secret-slots.ts';

/** Proved to be who it says, and allowed to send this. */
export interface Sender {
  /** Key of the configured buyer. */
  readonly key: string;
  /** `previous` when any of its secrets was the one to be retired; `none` when none was agreed. */
  readonly slot: SlotName | 'none';
  /** What was proved by a previous secret. */
  readonly previous: readonly Factor[];
}

export interface Authenticator {
  /**
   * @param authorization the request's header of that name, as sent
   * @throws {Refusal} `sender-unknown` in the same words for an unknown identity and whatever was wrong with its proof;
   *   `sender-forbidden` when the sender is proved but may not speak for this From, To or connection
   */
  authenticate(header: Header | undefined, peer: Peer, authorization?: string): Sender;
}

export interface AuthenticatorParts {
  readonly buyers: readonly Buyer[];
  readonly now: () => Date;
  readonly log: Pick<Log, 'warn'>;
  /** Only tests give another: to count. */
  readonly compare?: Compare;
}

/** @throws {StartupError} when two buyers could not be told apart */
export function createAuthenticator({
  buyers,
  now,
  log,
  compare = timingSafeEqual,
}: AuthenticatorParts): Authenticator {
  const known = readBuyers(
    buyers.filter((buyer) => !buyer.unsafe_any_sender),
    compare,
  );
  const anySender = buyers.find((buyer) => buyer.unsafe_any_sender);
  const readsMacs = known.some(({ prover }) => prover.readsMacs);

  return {
    authenticate(header, peer, authorization) {
      if (header !== undefined) refuseCrowds(header, readsMacs);
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
      const from = named(header.from);
      const sent = {
        claims,
        from,
        secrets: claims
          .map(({ sharedSecret }) => sharedSecret)
          .filter((secret) => secret !== undefined)
          .map(digest),
        basic: readBasic(authorization),
        at: now(),
      };
      // Everything is compared with every buyer, whether its identity was claimed or not: time must not tell who is known.
      const judged = known.map((buyer) => {
        const { proof, outdated } = buyer.prover.prove(sent);
        return { buyer, proof, outdated, isClaimed: claims.some((claim) => buyer.sender.has(keyOf(claim))) };
      });
      const claimed = judged.filter(({ isClaimed }) => isClaimed);
      for (const { buyer, outdated } of claimed) {
        if (outdated !== undefined) log.warn({ buyer: buyer.key, ...outdated, remedy: CLOCKS }, OUTDATED);
      }
      const proved = claimed.flatMap(({ buyer, proof }) =>
        proof?.claims.some((each) => buyer.sender.has(keyOf(each))) ? [{ buyer, proof }] : [],
      );
      if (proved.length === 0) {
        if (anySender !== undefined) return { key: anySender.key, slot: 'none', previous: [] };
        throw new Refusal(
          'sender-unknown',
          'The Sender is not known here, or what it proves itself by is not right.',
          {
            place: { path: 'cXML/Header/Sender' },
          },
        );
      }
      return permitted({ proved, header, peer });
    },
  };
}

/** Follows the buyers: made anew when their secrets were replaced. */
export function followBuyers({
  buyers,
  ...parts
}: Omit<AuthenticatorParts, 'buyers'> & { readonly buyers: () => readonly Buyer[] }): () => Authenticator {
  let known = buyers();
  let authenticator = createAuthenticator({ ...parts, buyers: known });
  return () => {
    const current = buyers();
    if (current !== known) authenticator = createAuthenticator({ ...parts, buyers: current });
    known = current;
    return authenticator;
  };
}

const OUTDATED = 'credential mac out of date';
const CLOCKS =
  'compare both clocks; a message that waited longer than its CredentialMac holds must be made anew';

interface Proved {
  readonly buyer: KnownBuyer;
  readonly proof: Proof;
}

/** A real party has one to five. Every claim is compared with every buyer in one go: 100,000 took two seconds. */
const MOST_CREDENTIALS = 100;

/** Each From is tried with each CredentialMac, and each with every secret. A real document has one of both. */
const MOST_MAC_PAIRS = 20;

function refuseCrowds({ from, to, sender }: Header, readsMacs: boolean): void {
  for (const [party, credentials] of Object.entries({ From: from, To: to, Sender: sender })) {
    if (credentials.length <= MOST_CREDENTIALS) continue;
    throw new Refusal(
      'xml-too-complex',
      `${party} has ${credentials.length} Credentials; at most ${MOST_CREDENTIALS} are read.`,
      { place: { path: `cXML/Header/${party}` } },
    );
  }
  const macs = sender.filter(({ credentialMac }) => credentialMac !== undefined).length;
  if (!readsMacs || macs * from.length <= MOST_MAC_PAIRS) return;
  throw new Refusal(
    'xml-too-complex',
    `There are ${macs} CredentialMacs for ${from.length} Credentials in From; at most ${MOST_MAC_PAIRS} pairs are tried.`,
    { place: { path: 'cXML/Header/Sender' } },
  );
}

function permitted({
  proved,
  header,
  peer,
}: {
  readonly proved: readonly Proved[];
  readonly header: Header;
  readonly peer: Peer;
}): Sender {
  const speaksFor = proved.filter(
    ({ buyer, proof }) => proof.from.length === 0 || proof.from.some((each) => buyer.from.has(keyOf(each))),
  );
  const [first] = speaksFor;
  if (first === undefined || speaksFor.length > 1) {
    throw forbidden('This Sender may not send for the party in From.', 'From');
  }
  const { key, names, to } = first.buyer;
  // A client that proved nothing has no name, whatever it claims.
  if (names !== undefined && !(peer.proven && names.includes(peer.name))) {
    throw forbidden('This Sender may not use the client certificate of this connection.', 'Sender');
  }
  const addressed = named(header.to);
  if (to !== undefined && addressed.length > 0 && !addressed.some((each) => to.has(keyOf(each)))) {
    throw forbidden('The party in To is not this supplier.', 'To');
  }
  return { key, slot: first.proof.slot, previous: first.proof.previous };
}

function forbidden(message: string, party: 'From' | 'To' | 'Sender'): Refusal {
  return new Refusal('sender-forbidden', message, { place: { path: `cXML/Header/${party}` } });
}
