import { expect } from 'chai';
import type { Exchange } from '../../src/cli/buyer-client.ts';
import { sendUntilDelivered, writeVirtualTime } from '../../src/cli/simulate-retry.ts';

type Answer = number | 'timeout' | 'tls';

function exchangeOf(answer: Answer): Exchange {
  const nothing = { handshakeMs: 0, requestMs: 0, replyMs: 0, tls: '', http: 0, reply: new Uint8Array() };
  if (typeof answer === 'string') return { ...nothing, failure: { stage: answer, message: '' } };
  return { ...nothing, http: 200, status: { code: answer, text: '', detail: '', timestamp: '' } };
}

/** Answers in turn; the last one is given again and again. */
async function play(...answers: readonly Answer[]) {
  const pauses: number[] = [];
  const minutes: number[] = [];
  const sent: number[] = [];
  const attempts = sendUntilDelivered({
    orderId: '4711',
    send: async (attempt) => {
      sent.push(attempt);
      return exchangeOf(answers[Math.min(attempt, answers.length) - 1] ?? 200);
    },
    pause: async (length) => pauses.push(length),
  });
  let next: number | undefined;
  for await (const attempt of attempts) {
    minutes.push(attempt.minutes);
    next = attempt.nextInMinutes;
  }
  expect(sent).to.deep.equal(minutes.map((_, at) => at + 1));
  return { minutes, pauses, next };
}

describe('sendUntilDelivered', () => {
  const rhythms: Readonly<Record<string, readonly [answers: readonly Answer[], minutes: readonly number[]]>> =
    {
      'sends what is taken once': [[200], [0]],
      'sends what is refused once': [[406], [0]],
      'sends once where no connection can be made': [['tls'], [0]],
      'repeats five times, an hour apart, after a 5xx': [[560], [0, 60, 120, 180, 240, 300]],
      'repeats four times, 5 minutes apart, after no answer': [['timeout'], [0, 5, 10, 15, 20]],
      'stops repeating when it is taken': [
        [560, 500, 200],
        [0, 60, 120],
      ],
      'stops repeating when it is refused': [
        ['timeout', 401],
        [0, 5],
      ],
      'counts the two kinds of failure by themselves': [
        ['timeout', 560, 'timeout', 'timeout', 'timeout', 560, 'timeout'],
        [0, 5, 65, 70, 75, 80, 140],
      ],
    };
  for (const [name, [answers, minutes]] of Object.entries(rhythms)) {
    it(name, async () => {
      const played = await play(...answers);
      expect(played.minutes).to.deep.equal(minutes);
      expect(played.pauses).to.deep.equal(minutes.slice(1).map((at, index) => at - (minutes[index] ?? 0)));
      expect(played.next, 'after the last attempt nothing follows').to.equal(undefined);
    });
  }
});

describe('writeVirtualTime', () => {
  it('writes hours and minutes after the first attempt', () => {
    expect([0, 5, 60, 320].map(writeVirtualTime)).to.deep.equal(['+0:00', '+0:05', '+1:00', '+5:20']);
  });
});
