/** Every refusal in words for the buyer's administrators, who have never seen this receiver and may not know XML. */
import type { RefusalCode } from '../errors.ts';

export interface RefusalWords {
  /** Ends the sentence that begins with “we could not take it:”. */
  readonly wrong: string;
  /** What they are asked to do. */
  readonly change: string;
}

const INTEGRATION =
  'Please pass this on to whoever maintains the system that sends your orders: the order itself need not change.';
const NOTHING = 'Nothing is wrong with the order, and nothing needs to be changed in it.';

/** A code without a row does not compile. */
export const REFUSAL_WORDS: Readonly<Record<RefusalCode, RefusalWords>> = {
  'xml-undecodable': {
    wrong: 'it holds bytes that are no text in the character encoding that it declares.',
    change:
      'Please look at that place for a character that was pasted from elsewhere, in a name, an address or a description, and type it anew.',
  },
  'xml-malformed': {
    wrong: 'it is not well-formed XML.',
    change:
      'Please look at that place for a character that XML reserves, such as & or <, in a name, an address or a description. If there is none, the document was broken on its way: then whoever maintains the connection should look at it.',
  },
  'xml-forbidden': {
    wrong: 'it uses a feature of XML that a receiver should not follow.',
    change: `Please have it sent without that. ${INTEGRATION}`,
  },
  'xml-too-complex': {
    wrong: 'it has more, or longer, or deeper parts than we read in one order.',
    change: 'Please check whether it was put together as intended, and split it if it is really that large.',
  },
  'not-cxml': {
    wrong: 'it is not a cXML message.',
    change: 'Please check that the supplier record sends us orders by cXML, and no other document.',
  },
  'order-invalid': {
    wrong: 'a part that every order needs is missing, or cannot be read.',
    change: 'Please correct that part of the order.',
  },
  'request-unsupported': {
    wrong: 'it is no purchase order. At this address we take orders, changes to them and cancellations.',
    change: 'Please check which documents are sent to us, and to which address.',
  },
  'multipart-malformed': {
    wrong: 'the message that holds the order and its attachments cannot be taken apart.',
    change: `Please send it without attachments, and the files another way. ${INTEGRATION}`,
  },
  'sender-unknown': {
    wrong: 'the credentials in the message are not those that we agreed on.',
    change:
      'Please compare the cXML settings of our supplier record (domain and identity of both sides, shared secret) with what we gave you; we will do the same on our side. Please do not put the secret itself into a mail.',
  },
  'sender-forbidden': {
    wrong: 'the parties that it names do not fit together with what we agreed on.',
    change:
      'Please compare the domain and identity of both sides on our supplier record with what we gave you; we will do the same on our side.',
  },
  'payload-conflict': {
    wrong:
      'it bears the same number (payloadID) as an earlier message, and says something else. We hold both, and this one changed nothing.',
    change:
      'Please tell us which of the two is right. If it was meant as a change, please send the change as a message of its own.',
  },

  'path-unknown': {
    wrong: 'it was sent to an address at which we take no orders.',
    change: 'Please compare the cXML URL on our supplier record with the one we gave you.',
  },
  'method-unsupported': { wrong: 'the request was not an HTTP POST.', change: INTEGRATION },
  'media-type-unsupported': {
    wrong: 'it was declared as a kind of document that is not cXML.',
    change: `We take text/xml, application/xml and multipart messages. ${INTEGRATION}`,
  },
  'encoding-unsupported': {
    wrong: 'it was packed in a way that we do not unpack.',
    change: `We take gzip, deflate, or no compression at all. ${INTEGRATION}`,
  },
  'body-too-large': {
    wrong: 'it is larger than what we take.',
    change:
      'Please send the order without large attachments, and those another way; or ask us for a higher limit.',
  },
  'body-undecodable': { wrong: 'its content could not be unpacked.', change: INTEGRATION },
  'headers-too-large': { wrong: 'the headers of the request are too large.', change: INTEGRATION },
  'request-malformed': { wrong: 'the request is not one that HTTP allows.', change: INTEGRATION },
  'expectation-unsupported': {
    wrong: 'the request asks for something that we do not offer.',
    change: INTEGRATION,
  },

  'peer-refused': {
    wrong: 'the connection did not come with the client certificate by which we know Coupa.',
    change:
      'Please check that mutual TLS is enabled for us on your side, and whether orders reach us by way of another system.',
  },
  'peer-near-miss': {
    wrong:
      'the connection came with a client certificate that bears Coupa’s name and that we do not trust yet.',
    change: `${NOTHING} If Coupa told you of a new client certificate, please send us that notice; we are looking into it.`,
  },

  'request-timeout': { wrong: 'it took too long to arrive whole.', change: NOTHING },
  'store-unavailable': { wrong: 'we could not store it safely at that moment.', change: NOTHING },
  overloaded: { wrong: 'too much arrived at the same time.', change: NOTHING },
  'shutting-down': { wrong: 'our receiver was just being restarted.', change: NOTHING },
  internal: {
    wrong: 'our receiver failed on it. That is our fault, and we are looking into it.',
    change: NOTHING,
  },
};
