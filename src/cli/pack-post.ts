/** An order becomes the body of a post: alone, with its attachments, or in another encoding. */
import { type OrderSample, writeOrder } from '../cxml/write-order.ts';
import { type Encoding, encodeDocument } from './encode-document.ts';
import type { Post } from './plan-posts.ts';
import { createSampleAttachments } from './sample-attachments.ts';
import { writeMultipart } from './write-multipart.ts';

export function packPlain(name: string, sample: OrderSample): Post {
  return pack(name, sample, new TextEncoder().encode(writeOrder(sample)));
}

/** The Content-Type names no charset: what the bytes are, only the document says. */
export function packEncoded(sample: OrderSample, encoding: Encoding): Post {
  const comment = 'Ring caféet på gården; frakten får kosta 25 € till.';
  const bytes = encodeDocument(writeOrder({ ...sample, comment }), encoding);
  return { ...pack(`order in ${encoding}`, sample, bytes), sending: { contentType: 'text/xml' } };
}

export function packMultipart(sample: OrderSample, subtype: 'related' | 'mixed' = 'related'): Post {
  const { orderId } = sample;
  const { ofOrder, ofLine, urls } = createSampleAttachments(orderId);
  const [firstLine, ...otherLines] = sample.lines;
  if (firstLine === undefined) throw new Error('there is no line to attach anything to');
  const text = writeOrder({
    ...sample,
    attachments: [urls.ofOrder],
    lines: [
      { ...firstLine, comment: 'Terms for this line are attached.', attachments: [urls.ofLine] },
      ...otherLines,
    ],
  });
  const document = {
    contentType: 'text/xml; charset=UTF-8',
    contentId: `order.${orderId}@buyer.example`,
    transfer: '8bit',
    content: { text },
  } as const;
  // A boundary with this beginning stands in no base64 and in no quoted-printable text (RFC 2045, 6.7).
  const boundary = `=_order_${orderId}`;
  const { bytes, contentType } = writeMultipart([document, ofOrder, ofLine], { subtype, boundary });
  return { ...pack(`order as multipart/${subtype}`, sample, bytes), sending: { contentType } };
}

function pack(name: string, { orderId, payloadId }: OrderSample, bytes: Uint8Array): Post {
  return { name, orderId, payloadId, bytes };
}
