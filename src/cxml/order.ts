/**
 * The purchase order as the receiver hands it on: schema 1.0, camelCase, decimals and dates as the characters
 * that were sent. `check --json` and `orders show --json` print exactly this. A key that the document does not
 * fill is absent, never invented; `null` means that the element is there and empty where a value belongs.
 *
 * What has no key here is in `unmapped`. Two things are in neither, because they say nothing about the order: the
 * language of a name (`xml:lang` is kept of comments and of a line's description), and a label `name="default"`.
 */
import type { Place } from '../errors.ts';

export const SCHEMA_VERSION = '1.0';

export type Operation = 'new' | 'update' | 'cancel';
export type Environment = 'production' | 'test';

/** Digits as sent after trimming: `"1505.0"` stays `"1505.0"`. `amount` is null when the element is empty. */
export interface Money {
  readonly amount: string | null;
  readonly currency?: string;
  readonly alternateAmount?: string;
  readonly alternateCurrency?: string;
  /** Computed here, not received. */
  readonly derived?: true;
}

export interface Identifier {
  readonly domain: string;
  readonly value: string;
}

export interface Party {
  readonly name?: string;
  readonly identifiers: readonly Identifier[];
}

export interface Phone {
  readonly name?: string;
  readonly isoCountryCode?: string;
  readonly countryCode?: string;
  readonly areaOrCityCode?: string;
  readonly number?: string;
  readonly extension?: string;
}

export interface Address {
  readonly addressId?: string;
  readonly addressIdDomain?: string;
  readonly name?: string;
  readonly deliverTo: readonly string[];
  readonly street: readonly string[];
  readonly city?: string;
  readonly municipality?: string;
  readonly region?: string;
  readonly postalCode?: string;
  /** ISO code where the document gives one. */
  readonly country?: string;
  readonly countryName?: string;
  readonly email?: string;
  readonly phone?: Phone;
  readonly fax?: Phone;
  readonly url?: string;
}

export interface Contact extends Address {
  readonly role?: string;
}

export interface Comment {
  readonly text: string;
  readonly lang?: string;
  readonly type?: string;
}

/** What the document says of an attachment; the file itself comes beside it. */
export interface AttachmentReference {
  readonly url: string;
  readonly visibility?: string;
  readonly path: string;
}

/** `value` is the text; an Extrinsic that holds elements keeps them in `children`, in order. */
export interface Extrinsic {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly children?: readonly Unmapped[];
}

/** An element or attribute that the model does not name, kept whole so that nothing is lost. */
export interface Unmapped {
  readonly path: string;
  readonly xml: string;
}

export interface Classification {
  readonly domain?: string;
  readonly code: string;
}

export interface AccountingSegment {
  readonly name: string;
  readonly id: string;
  readonly description?: string;
}

export interface Accounting {
  readonly name?: string;
  readonly percentage?: string;
  readonly charge?: Money;
  readonly segments: readonly AccountingSegment[];
}

export interface Charge {
  readonly amount?: Money;
  readonly description?: string;
  /** Of `Shipping`: whose number `trackingId` is. */
  readonly trackingDomain?: string;
  readonly trackingId?: string;
}

export interface PaymentTerm {
  readonly payInDays: number | null;
  /** `payInNumberOfDays` as sent when it is no plain integer. */
  readonly payInDaysText?: string;
  readonly discountPercent?: string;
  readonly discountAmount?: Money;
}

/** Coupa Supply Chain Collaboration: may, must or must not the supplier confirm, and at which level. */
export interface Confirmation {
  readonly level: 'header' | 'line';
  readonly allowed: boolean;
  readonly value: string;
}

export interface Line {
  readonly lineNumber: number | null;
  /** `lineNumber` as sent when it is no plain integer. */
  readonly lineNumberText?: string;
  readonly position: number;
  readonly quantity: string | null;
  readonly unitOfMeasure?: string;
  readonly supplierPartId?: string;
  readonly supplierPartAuxiliaryId: string | null;
  readonly buyerPartId?: string;
  readonly manufacturerPartId?: string;
  readonly manufacturerName?: string;
  readonly description?: string;
  /** `xml:lang` of the description. */
  readonly descriptionLang?: string;
  readonly url?: string;
  readonly unitPrice?: Money;
  readonly priceBasis?: {
    readonly quantity?: string;
    readonly conversionFactor?: string;
    readonly unitOfMeasure?: string;
  };
  /** quantity × unit price (÷ price basis), exact decimal arithmetic, absent when one of them is no decimal. */
  readonly lineTotal?: Money;
  readonly requestedDeliveryDate?: string;
  readonly confirmationDueDate?: string;
  readonly confirmation?: Confirmation;
  readonly classifications: readonly Classification[];
  readonly accounting: readonly Accounting[];
  readonly shipTo?: Address;
  readonly shipping?: Charge;
  readonly tax?: Charge;
  readonly comments: readonly Comment[];
  readonly attachmentReferences: readonly AttachmentReference[];
  readonly extrinsics: readonly Extrinsic[];
  readonly unmapped: readonly Unmapped[];
  /** Where the ItemOut starts in the document as sent. */
  readonly place: Place;
}

export interface Order {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  /** `orderID`, exactly. */
  readonly purchaseOrderNumber: string;
  /** `orderVersion` as a number when it is one. The receiver's own counter fills in where it is absent. */
  readonly revision: number | null;
  readonly revisionSource: 'cxml' | 'receiver' | null;
  readonly orderVersion?: string;
  readonly operation: Operation;
  readonly orderType: string;
  readonly environment: Environment;
  readonly orderDate?: string;
  readonly requestedDeliveryDate?: string;
  readonly requisitionId?: string;
  readonly agreementId?: string;
  readonly currency?: string;
  readonly total?: Money;
  readonly buyer: Party;
  readonly supplier: Party;
  readonly shipTo?: Address;
  readonly billTo?: Address;
  readonly contacts: readonly Contact[];
  readonly shipping?: Charge;
  readonly tax?: Charge;
  /** Only that a card was sent and its last four digits. The number never leaves the reader. */
  readonly payment?: {
    readonly method: 'pcard' | 'other';
    readonly cardLast4?: string;
    readonly cardName?: string;
  };
  readonly paymentTerms: readonly PaymentTerm[];
  readonly comments: readonly Comment[];
  readonly confirmation?: Confirmation;
  /** `DocumentReference/@payloadID` of an update or cancel. */
  readonly documentReference?: string;
  readonly lines: readonly Line[];
  readonly attachmentReferences: readonly AttachmentReference[];
  readonly extrinsics: readonly Extrinsic[];
  readonly unmapped: readonly Unmapped[];
}

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
