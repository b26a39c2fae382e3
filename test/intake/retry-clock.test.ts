import { expect } from 'chai';
import { ANSWERS } from '../../src/http/answer.ts';
import { createRetryClock, REPEATED } from '../../src/intake/retry-clock.ts';

const START = new Date('2026-11-20T09:00:00Z');
const minute = (minutes: number): Date => new Date(START.getTime() + minutes * 60_000);
const ORDER = { sha256: 'a', payloadId: '1@buyer.example', buyer: 'acme', orderId: '4711' };

describe('the retry clock', () => {
  it('tells which attempt this was, when the next comes and when the last', () => {
    const clock = createRetryClock();
    expect(clock.failed(ORDER, START)).to.deep.equal({
      number: 1,
      of: 6,
      nextAt: minute(60),
      finalAt: minute(300),
    });
    expect(clock.failed(ORDER, minute(61))).to.deep.equal({
      number: 2,
      of: 6,
      nextAt: minute(120),
      finalAt: minute(300),
    });
  });

  it('counts attempts that did not reach us', () => {
    const clock = createRetryClock();
    clock.failed(ORDER, START);
    expect(clock.failed(ORDER, minute(241))).to.include({ number: 5 });
    expect(clock.failed(ORDER, minute(301))).to.deep.include({
      number: 6,
      nextAt: undefined,
      finalAt: minute(300),
    });
  });

  it('counts from an attempt whose time was before that of the first, when a clock was put right', () => {
    const clock = createRetryClock();
    clock.resume([{ ...ORDER, firstAt: minute(600) }]);
    expect(clock.failed(ORDER, START)).to.deep.equal({
      number: 1,
      of: 6,
      nextAt: minute(60),
      finalAt: minute(300),
    });
  });

  it('knows a message again by its bytes, its payloadID or its order', () => {
    for (const again of [
      { sha256: 'a' },
      { sha256: 'b', payloadId: '1@buyer.example' },
      { sha256: 'b', payloadId: '2@buyer.example', buyer: 'acme', orderId: '4711' },
    ]) {
      const clock = createRetryClock();
      clock.failed(ORDER, START);
      expect(clock.failed(again, minute(60)), JSON.stringify(again)).to.include({ number: 2 });
      expect(clock.waiting()).to.have.length(1);
      expect(clock.waiting()[0]).to.include({ orderId: '4711' });
    }
  });

  it('does not take the same number of another buyer for the same order', () => {
    const clock = createRetryClock();
    clock.failed(ORDER, START);
    expect(clock.failed({ sha256: 'b', buyer: 'other', orderId: '4711' }, minute(60))).to.include({
      number: 1,
    });
  });

  it('lets no other buyer end the wait by the same payloadID', () => {
    const clock = createRetryClock();
    clock.failed(ORDER, START);
    clock.settled({ sha256: 'b', payloadId: '1@buyer.example', buyer: 'other' });
    expect(clock.waiting()).to.have.length(1);
    expect(
      clock.failed({ sha256: 'b', payloadId: '1@buyer.example', buyer: 'other' }, minute(60)),
    ).to.include({ number: 1 });
    clock.settled(ORDER);
    expect(clock.waiting().map(({ buyer }) => buyer)).to.deep.equal(['other']);
  });

  it('waits for what is answered 5xx, and for nothing else', () => {
    const fiveHundreds = Object.entries(ANSWERS).filter(([, { status }]) => status.code >= 500);
    // A near miss never gets as far as sending a message.
    const codes = fiveHundreds.map(([code]) => code).filter((code) => code !== 'peer-near-miss');
    expect([...REPEATED]).to.have.members(codes);
  });

  it('waits no more once the message was taken, by whatever it is known', () => {
    const clock = createRetryClock();
    clock.failed(ORDER, START);
    clock.settled({ sha256: 'c', payloadId: '3@buyer.example', buyer: 'acme', orderId: '4711' });
    expect(clock.waiting()).to.deep.equal([]);
    expect(clock.takeLost(minute(10_000))).to.deep.equal([]);
  });

  it('gives each message that was lost once, after its last attempt', () => {
    const clock = createRetryClock();
    clock.failed(ORDER, START);
    expect(clock.takeLost(minute(314))).to.deep.equal([]);
    expect(clock.takeLost(minute(316)).map(({ orderId }) => orderId)).to.deep.equal(['4711']);
    expect(clock.takeLost(minute(316))).to.deep.equal([]);
  });

  it('remembers a bounded number, the newest', () => {
    const clock = createRetryClock();
    for (let index = 0; index < 10_050; index += 1) clock.failed({ sha256: String(index) }, START);
    expect(clock.waiting()).to.have.length(10_000);
    expect(clock.failed({ sha256: '10049' }, minute(60))).to.include({ number: 2 });
    expect(clock.failed({ sha256: '0' }, minute(60))).to.include({ number: 1 });
  });
});
