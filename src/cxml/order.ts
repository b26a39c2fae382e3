/**
 * The purchase order as the receiver hands it on: schema 1.1, camelCase, decimals and dates as the characters
 * that were sent. `check --json` and `orders show --json` print exactly this. A key that the document does not
 * fill is absent, never invented; `null` means that the element is there and empty where a value belongs.
 *
 * What each key means and where it comes from is in the tables of the `model-*` files, of which these are the types.
 * What has no key is in `unmapped`. Three things are in neither: the language of a name (`xml:lang` is kept of
 * comments and of a line's description), a label `name="default"`, and what a table says is withheld.
 */
import type { Place } from '../errors.ts';
import type { ADDRESSED_PARTY, CONTACT } from './model-address.ts';
import type { ATTACHMENT, COMMENT, MONEY, UNMAPPED } from './model-basics.ts';
import type { DISTRIBUTION } from './model-charges.ts';
import type { LINE } from './model-line.ts';
import type { ORDER, PARTY } from './model-order.ts';
import type { Infer } from './table.ts';

/** Rises when the schema changes; `test/cxml/order-schema.test.ts` holds the digest of each. */
export const SCHEMA_VERSION = '1.1';

export type Operation = 'new' | 'update' | 'cancel';
export type Environment = 'production' | 'test';

/** Digits as sent after trimming: `"1505.0"` stays `"1505.0"`. `amount` is null when the element is empty. */
export interface Money extends Infer<typeof MONEY.fields> {}

export interface Party extends Infer<typeof PARTY.fields> {}

/** Who and where, as ShipTo and BillTo say it. A plain Address has less, a Contact a role. */
export interface Address extends Infer<typeof ADDRESSED_PARTY.fields> {}

export interface Contact extends Infer<typeof CONTACT.fields> {}

export interface Comment extends Infer<typeof COMMENT.fields> {}

/** What the document says of an attachment; the file itself comes beside it. */
export interface AttachmentReference extends Infer<typeof ATTACHMENT.fields> {}

/** An element or attribute that the model does not name, kept whole so that nothing is lost. */
export interface Unmapped extends Infer<typeof UNMAPPED.fields> {}

/** `value` is the text; an Extrinsic that holds elements keeps them in `children`, in order. */
export interface Extrinsic {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly children?: readonly Unmapped[];
}

export interface Accounting extends Infer<typeof DISTRIBUTION.fields> {}

export interface Line extends Infer<typeof LINE.fields> {}

export interface Order extends Infer<typeof ORDER.fields> {}

export type Severity = 'error' | 'warning' | 'note';

/** Something worth telling about a document. `error` refuses it, the others are kept with it. */
export interface Finding {
  /** Stable: `W-TOTAL-001`. The letter is the severity: E, W or N. */
  readonly id: string;
  readonly severity: Severity;
  readonly place: Place;
  /** What stands there, shortened, and masked where it may be secret. Absent when the finding is that nothing does. */
  readonly value?: string;
  /** One sentence, with the value where it is harmless. */
  readonly message: string;
  readonly remedy?: string;
}
