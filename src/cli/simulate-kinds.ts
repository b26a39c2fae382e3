/** What `simulate` can play, each with its line of help. */
export const KINDS = {
  order: 'a new order',
  update: 'an order, then the whole of it again with another quantity',
  cancel: 'an order, then its cancellation',
  duplicate: 'the same bytes twice; both must be told the same',
  resend: 'the same order again under a new payloadID, as an administrator sends it by hand',
  attachment: 'an order with a PDF and a text in one multipart message',
  'confirmation-header': 'an order to be confirmed as a whole (Supply Chain Collaboration)',
  'confirmation-line': 'an order to be confirmed line by line',
  blanket: 'a blanket order: what may be spent in a year',
  release: 'a blanket order, then an order against it',
  'latin-9': 'an order in ISO-8859-15, with € and é',
  'utf-16': 'the same in UTF-16',
  slow: 'an order whose body takes 20 seconds on its way, or --seconds',
  cut: 'an order cut off in the middle of its body, then repeated as Coupa repeats',
} as const;

export type Kind = keyof typeof KINDS;

export function isKind(word: string): word is Kind {
  return Object.hasOwn(KINDS, word);
}
