/** Text made to harm by its amount: refused where a limit is passed, and nobody else waits for it. */
import { expect } from 'chai';
import { checkOrder } from '../../src/cxml/check-order.ts';
import type { Message } from '../../src/cxml/message.ts';
import { parseMessage } from '../../src/cxml/parse-message.ts';
import { DEFAULT_XML_LIMITS } from '../../src/cxml/parse-tree.ts';
import { readOrder } from '../../src/cxml/read-order.ts';
import { Refusal, type RefusalCode } from '../../src/errors.ts';
import { orderDocument } from './reading.ts';

/** Of the processor time of the thread that serves everybody: no other program on the machine, and no other thread, counts. */
const TURN_MS = 1_000;
const WHOLE_MS = 4_000;

interface Told {
  readonly refused?: Refusal;
  readonly message?: Message;
  /** The longest that others had to wait. */
  readonly longestMs: number;
  readonly wholeMs: number;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Reads as the receiver does, turn by turn, and measures each. */
function readInTurns(bytes: Uint8Array): Told {
  const startedAt = cpuMs();
  let longestMs = 0;
  function run<T>(steps: Generator<undefined, T, void>): T {
    for (;;) {
      const before = cpuMs();
      const step = steps.next();
      longestMs = Math.max(longestMs, cpuMs() - before);
      if (step.done === true) return step.value;
    }
  }
  try {
    const message = run(parseMessage(bytes, { limits: DEFAULT_XML_LIMITS }));
    const order = run(readOrder(message));
    const parts = Array.from({ length: 100 }, (_, index) => ({ contentId: `${index}%20` }));
    run(checkOrder(message, order, parts));
    return { message, longestMs, wholeMs: cpuMs() - startedAt };
  } catch (refused) {
    if (!(refused instanceof Refusal)) throw refused;
    return { refused, longestMs, wholeMs: cpuMs() - startedAt };
  }
}

const MILLION = 1_000_000;
const inText = (text: string): string => orderDocument(`<Comments>${text}</Comments>`);
const numbered = (count: number): string =>
  Array.from({ length: count }, (_, index) => ` a${index}=""`).join('');

const cases: Readonly<Record<string, readonly [code: RefusalCode | 'kept', document: () => string]>> = {
  'a text of 10 MB': ['xml-too-complex', () => inText('x'.repeat(10 * MILLION))],
  'a text of 10 MB in lines': ['xml-too-complex', () => inText('x\n'.repeat(5 * MILLION))],
  'a CDATA of 10 MB': ['xml-too-complex', () => inText(`<![CDATA[${'x'.repeat(10 * MILLION)}]]>`)],
  'a text of 10 MB in CDATA of one character': [
    'xml-too-complex',
    () => inText('<![CDATA[x]]>'.repeat(1_500_000)),
  ],
  'a text just within its limit': ['kept', () => inText('x'.repeat(MILLION))],
  'a million lines': ['xml-too-complex', () => orderDocument('', '<ItemOut/>'.repeat(MILLION))],
  'a million lines of an order': [
    'xml-too-complex',
    () => orderDocument('', '<ItemOut quantity="1" lineNumber="1"><ItemID/></ItemOut>'.repeat(MILLION)),
  ],
  'as many empty lines as there may be elements': [
    'kept',
    () => orderDocument('', '<ItemOut/>'.repeat(299_900)),
  ],
  'as many attachments as there may be elements': [
    'kept',
    () => orderDocument('<Comments><Attachment><URL>cid:a</URL></Attachment></Comments>'.repeat(99_900)),
  ],
  'a flood of &amp;': ['xml-too-complex', () => inText('&amp;'.repeat(2 * MILLION))],
  'a flood of &amp; in an attribute': [
    'xml-too-complex',
    () => orderDocument('', '', `orderID="${'&amp;'.repeat(2 * MILLION)}"`),
  ],
  'a flood of character references': ['xml-too-complex', () => inText('&#x78;'.repeat(1_500_000))],
  'a flood of entities that nobody defined': ['xml-malformed', () => inText('&lol;'.repeat(2 * MILLION))],
  'a character reference of a million digits': ['xml-malformed', () => inText(`&#${'9'.repeat(MILLION)};`)],
  'a character reference with a million zeros': ['kept', () => inText(`&#${'0'.repeat(900_000)}65;`)],
  'a hundred thousand levels': ['xml-too-complex', () => orderDocument('<a>'.repeat(100_000))],
  'a hundred levels': ['xml-too-complex', () => orderDocument(`${'<a>'.repeat(100)}${'</a>'.repeat(100)}`)],
  'ninety levels': ['kept', () => orderDocument(`${'<a>'.repeat(90)}${'</a>'.repeat(90)}`)],
  '10,000 attributes': ['xml-too-complex', () => orderDocument(`<a${numbered(10_000)}/>`)],
  '250 attributes on each of a thousand elements': [
    'kept',
    () => orderDocument(`<a${numbered(250)}/>`.repeat(1_000)),
  ],
  'an attribute of 5 MB': [
    'xml-too-complex',
    () => orderDocument('', '', `orderID="${'x'.repeat(5 * MILLION)}"`),
  ],
  'a NUL at the end of much text': ['xml-malformed', () => inText(`${'x'.repeat(900_000)}\0`)],
  'half a surrogate pair by reference': ['xml-malformed', () => inText('&#xD83D;&#xDE00;')],
  'a pair of surrogates the wrong way round': ['xml-malformed', () => inText('&#xDE00;&#xD83D;')],
};

describe('a document', () => {
  for (const [what, [code, document]] of Object.entries(cases)) {
    it(`with ${what} is ${code === 'kept' ? 'read' : 'refused'} in time, and in turns`, function () {
      this.timeout(30_000);
      const bytes = new TextEncoder().encode(document());
      const { refused, message, longestMs, wholeMs } = readInTurns(bytes);
      expect(refused?.code ?? 'kept', refused?.message).to.equal(code);
      expect(longestMs, 'longest turn').to.be.lessThan(TURN_MS);
      expect(wholeMs, 'all of it').to.be.lessThan(WHOLE_MS);
      if (refused === undefined) expect(message?.request?.kind).to.equal('OrderRequest');
      else {
        expect(refused.place?.line).to.be.a('number');
        expect(refused.place?.column).to.be.a('number');
        expect(refused.message.length).to.be.lessThan(400);
        expect(refused.message).not.to.match(/[\p{Cc}\p{Cs}]/u);
      }
    });
  }

  it('with half a surrogate pair in its bytes is refused at the byte', () => {
    const bytes = new TextEncoder().encode(inText('abc'));
    const at = Buffer.from(bytes).indexOf('abc');
    bytes.set([0xed, 0xa0, 0x80], at);
    const { refused } = readInTurns(bytes);
    expect(refused?.code).to.equal('xml-undecodable');
    expect(refused?.place).to.deep.equal({ line: 1, column: at + 1, offset: at });
  });
});
