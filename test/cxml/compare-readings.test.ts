import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { createSampleOrder } from '../../src/cli/sample-order.ts';
import { compareReadings } from '../../src/cxml/compare-readings.ts';
import { decode } from '../../src/cxml/decode.ts';
import type { Message } from '../../src/cxml/message.ts';
import type { Order } from '../../src/cxml/order.ts';
import { parseMessage } from '../../src/cxml/parse-message.ts';
import { DEFAULT_XML_LIMITS } from '../../src/cxml/parse-tree.ts';
import { readOrder } from '../../src/cxml/read-order.ts';
import { type KeyFacts, type LineFacts, readKeyFacts } from '../../src/cxml/second-reader.ts';
import { writeOrder } from '../../src/cxml/write-order.ts';
import { Refusal } from '../../src/errors.ts';
import { drain } from '../../src/turns.ts';
import { needsShared } from '../support/needs.ts';

const DOCUMENT = writeOrder(
  createSampleOrder({
    orderId: '4711',
    type: 'update',
    at: new Date('2026-11-20T09:14:50Z'),
    from: { domain: 'DUNS', identity: '128293714' },
    to: { domain: 'NetworkID', identity: 'SUPPLIER-1' },
  }),
);

function read(bytes: Uint8Array): { message: Message; order: Order } {
  const message = drain(parseMessage(bytes, { limits: DEFAULT_XML_LIMITS }));
  return { message, order: drain(readOrder(message)) };
}

function factsOf(text: string): KeyFacts {
  const reading = readKeyFacts(text);
  if ('reason' in reading) throw new Error(reading.reason);
  return reading.facts;
}

function compare(change: Partial<KeyFacts>) {
  const { message, order } = read(Buffer.from(DOCUMENT));
  return compareReadings(order, message, { facts: { ...factsOf(DOCUMENT), ...change } });
}

describe('compareReadings', () => {
  it('finds nothing where both read the same', () => {
    expect(compare({})).to.deep.equal([]);
  });

  const changes: Partial<KeyFacts> = {
    payloadId: 'other',
    timestamp: 'other',
    from: ['DUNS other'],
    to: [],
    orderId: 'other',
    orderDate: 'other',
    operation: 'cancel',
    orderVersion: '7',
    total: '1.0',
    currency: 'USD',
  };
  for (const [fact, value] of Object.entries(changes)) {
    it(`tells of another ${fact}, with both values`, () => {
      const findings = compare({ [fact]: value });
      expect(findings.map(({ id, severity }) => ({ id, severity }))).to.deep.equal([
        { id: 'W-READER-001', severity: 'warning' },
      ]);
      expect(findings[0]?.message).to.include(fact).and.to.include([value].flat().join(', '));
    });
  }

  const lineChanges: LineFacts = {
    number: '9',
    quantity: '9',
    partId: 'other',
    unitPrice: '9',
    unitOfMeasure: 'BX',
    description: 'other',
  };
  for (const [fact, value] of Object.entries(lineChanges)) {
    it(`tells of another ${fact} of a line, and where the line stands`, () => {
      const [first, ...rest] = factsOf(DOCUMENT).lines;
      const findings = compare({ lines: [{ ...first, [fact]: value } as LineFacts, ...rest] });
      expect(findings).to.have.length(1);
      expect(findings[0]?.message).to.include(`line 1 ${fact}`);
      expect(findings[0]?.place.line).to.be.a('number');
    });
  }

  it('tells of another number of lines once', () => {
    const findings = compare({ lines: [] });
    expect(findings).to.have.length(1);
    expect(findings[0]?.message).to.include('number of lines');
  });

  it('tells why the second reader could not read', () => {
    const { message, order } = read(Buffer.from(DOCUMENT));
    const [finding] = compareReadings(order, message, { reason: 'because' });
    expect(finding?.message).to.include('because');
  });

  it('shows of a long row of digits only its end', () => {
    const [first, ...rest] = factsOf(DOCUMENT).lines;
    const lines = [{ ...first, description: 'card 4111 1111 1111 1234' } as LineFacts, ...rest];
    const [finding] = compare({ lines });
    expect(finding?.message).to.include('…1234').and.not.to.include('4111');
  });

  it('agrees on every order of the corpus', function () {
    const folder = needsShared(this, 'corpus/orders');
    let compared = 0;
    for (const name of readdirSync(folder).filter((each) => each.endsWith('.xml'))) {
      const bytes = readFileSync(join(folder, name));
      let reading: { message: Message; order: Order };
      try {
        reading = read(bytes);
      } catch (error) {
        if (error instanceof Refusal) continue;
        throw error;
      }
      const findings = compareReadings(reading.order, reading.message, readKeyFacts(decode(bytes).text));
      expect(findings, name).to.deep.equal([]);
      compared += 1;
    }
    expect(compared).to.be.at.least(40);
  });
});
