/**
 * What a sender proves itself by: SharedSecret or CredentialMac, and HTTP Basic where that was agreed. Never: looks at
 * who is claimed. Everything that was sent is compared with every slot of every buyer, so that time tells nobody which
 * part was wrong.
 */
import type { Buyer } from '../config.ts';
import type { Credential, CredentialMac, SenderCredential } from '../cxml/message.ts';
import { basicSlots } from './basic-auth.ts';
import { isInForce, type MacInput, readMacInput, signMac } from './credential-mac.ts';
import { type Compare, digest, findSlot, isAny, type SlotName, slotsOf } from './secret-slots.ts';

const FACTORS = ['shared_secret', 'credential_mac', 'basic_auth'] as const;
export type Factor = (typeof FACTORS)[number];

/** What came, the secrets already hashed. Credentials without an Identity are left out. */
export interface Sent {
  readonly claims: readonly SenderCredential[];
  readonly from: readonly Credential[];
  readonly secrets: readonly Buffer[];
  readonly basic: Buffer | undefined;
  readonly at: Date;
}

export interface Proof {
  readonly slot: SlotName | 'none';
  readonly previous: readonly Factor[];
  /** For whom it holds: a secret for all that the Header names, a CredentialMac for the two it was made for. */
  readonly claims: readonly Credential[];
  readonly from: readonly Credential[];
}

/** Made with the right secret, but not for this time. */
export interface OutdatedMac {
  readonly created: string;
  readonly expires: string;
}

export interface Prover {
  readonly readsMacs: boolean;
  prove(sent: Sent): { readonly proof?: Proof; readonly outdated?: OutdatedMac };
}

type Slots = Readonly<Partial<Record<Factor, SlotName>>>;

export function createProver(
  { shared_secret, shared_secret_previous, credential_mac, basic_auth }: Buyer,
  compare: Compare,
): Prover {
  const agreed =
    shared_secret === 'none' ? [] : [{ current: shared_secret, previous: shared_secret_previous }];
  const bySecret = credential_mac === 'required' ? [] : agreed.flatMap((each) => slotsOf(each, digest));
  const byMac =
    credential_mac === undefined ? [] : agreed.flatMap((each) => slotsOf(each, (secret) => secret));
  const byBasic = basic_auth === undefined ? [] : basicSlots(basic_auth);

  const findMac = ({ from, sender, mac, input, value }: SignedPair) => {
    const slot = findSlot(byMac, (secret) => compare(digest(signMac(input, secret)), value));
    return slot === undefined ? [] : [{ slot, from, sender, mac }];
  };

  return {
    readsMacs: byMac.length > 0,
    prove(sent) {
      const secret = findSlot(bySecret, (value) => isAny(sent.secrets, (each) => compare(each, value)));
      const macs = byMac.length === 0 ? [] : pairsOf(sent).flatMap(findMac);
      const basic = findSlot(byBasic, (values) =>
        isAny(values, (value) => isSame(sent.basic, value, compare)),
      );

      if (basic_auth !== undefined && basic === undefined) return {};
      const slots: Slots = basic === undefined ? {} : { basic_auth: basic };
      const { claims, from } = sent;
      if (agreed.length === 0) return { proof: { ...sum(slots), claims, from } };
      if (secret !== undefined)
        return { proof: { ...sum({ ...slots, shared_secret: secret }), claims, from } };
      const timely = macs.find(({ mac }) => isInForce(mac, sent.at));
      if (timely !== undefined) {
        const summed = sum({ ...slots, credential_mac: timely.slot });
        return { proof: { ...summed, claims: [timely.sender], from: [timely.from] } };
      }
      const [late] = macs;
      if (late === undefined) return {};
      return { outdated: { created: late.mac.creationDate, expires: late.mac.expirationDate } };
    },
  };
}

interface SignedPair {
  readonly from: Credential;
  readonly sender: Credential;
  readonly mac: CredentialMac;
  readonly input: MacInput;
  /** What was sent, hashed. */
  readonly value: Buffer;
}

/** A CredentialMac does not say which of several Credentials in From it was made for. */
function pairsOf({ claims, from: parties }: Sent): SignedPair[] {
  return claims.flatMap((sender) => {
    const mac = sender.credentialMac;
    if (mac === undefined) return [];
    return parties.flatMap((from) => {
      const input = readMacInput(mac, from, sender);
      return input === undefined ? [] : [{ from, sender, mac, input, value: digest(mac.value) }];
    });
  });
}

function isSame(sent: Buffer | undefined, value: Buffer, compare: Compare): boolean {
  return sent !== undefined && compare(sent, value);
}

function sum(slots: Slots): Pick<Proof, 'slot' | 'previous'> {
  const previous = FACTORS.filter((factor) => slots[factor] === 'previous');
  if (previous.length > 0) return { slot: 'previous', previous };
  return { slot: Object.keys(slots).length > 0 ? 'current' : 'none', previous };
}
