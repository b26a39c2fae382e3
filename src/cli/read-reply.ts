/** Reads the Status of a reply with the strict reader: what is not a cXML reply has none. */
import { attribute, child, text } from '../cxml/element.ts';
import { parseMessage } from '../cxml/parse-message.ts';
import { DEFAULT_XML_LIMITS } from '../cxml/parse-tree.ts';
import { Refusal } from '../errors.ts';
import { drain } from '../turns.ts';

export interface ReplyStatus {
  readonly code: number;
  readonly text: string;
  /** The content of Status. */
  readonly detail: string;
  /** Of the document around it. */
  readonly timestamp: string;
}

export function readReply(bytes: Uint8Array): ReplyStatus | undefined {
  if (bytes.byteLength === 0) return undefined;
  try {
    const { root } = drain(parseMessage(bytes, { limits: DEFAULT_XML_LIMITS }));
    const status = child(child(root, 'Response'), 'Status');
    const code = attribute(status, 'code') ?? '';
    if (!/^\d{3}$/.test(code)) return undefined;
    return {
      code: Number(code),
      text: attribute(status, 'text') ?? '',
      detail: text(status) ?? '',
      timestamp: attribute(root, 'timestamp') ?? '',
    };
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
