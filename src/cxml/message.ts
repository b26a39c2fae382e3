/** The envelope of a cXML document, read but not judged: who says what to whom, and the tree behind it. */
import type { Doctype } from './doctype.ts';
import type { Element } from './element.ts';
import type { Environment } from './order.ts';

export interface Credential {
  /** As sent; compare case-blind. */
  readonly domain: string;
  readonly type?: string;
  /** As sent after trimming; compare exactly. Absent when there is no Identity. */
  readonly identity?: string;
}

/** Only `intake/` opens what proves a sender, to compare. It is not enumerable, so no log or JSON can carry it. */
export interface SenderCredential extends Credential {
  readonly sharedSecret?: string;
  readonly credentialMac?: CredentialMac;
}

/** A secret's stand-in for a few hours. Everything as sent, an attribute that is missing is empty. */
export interface CredentialMac {
  readonly type: string;
  readonly algorithm: string;
  readonly creationDate: string;
  readonly expirationDate: string;
  /** Base64. Whoever has it can send until it expires. */
  readonly value: string;
}

export interface Header {
  readonly from: readonly Credential[];
  readonly to: readonly Credential[];
  readonly sender: readonly SenderCredential[];
  readonly userAgent?: string;
}

export interface Message {
  /** Absent when missing or empty. Opaque, never parsed. */
  readonly payloadId?: string;
  readonly timestamp?: string;
  readonly language?: string;
  /** From the DOCTYPE's address, else `cXML/@version`. */
  readonly dtdVersion?: string;
  /** Absent when the document has none. */
  readonly header?: Header;
  /** Absent when the document holds a Message or a Response instead. */
  readonly request?: {
    /** Local name of the request element: `OrderRequest`. */
    readonly kind: string;
    readonly deploymentMode: Environment;
    /** `deploymentMode` as sent, when it is neither `production` nor `test`. */
    readonly deploymentModeText?: string;
    readonly element: Element;
  };
  /** The whole document; what a SharedSecret or CredentialMac held is not in it. */
  readonly root: Element;
  /** Encoding that was used, and where it came from. */
  readonly encoding: {
    readonly name: string;
    readonly from: 'bom' | 'declaration' | 'header' | 'default';
    /** What the XML declaration claims, when the bytes prove it wrong. */
    readonly declared?: string;
    /** What the bytes look like, when they were read as something else because the sender says so. */
    readonly likely?: string;
  };
  readonly doctype?: Doctype;
}
