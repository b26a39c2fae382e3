import { once } from 'node:events';
import { connect } from 'node:tls';
import { expect } from 'chai';
import { readAnswers } from '../http/wire.ts';
import { sampleDocument } from '../support/orders.ts';
import { COUPA_NAME, startTestReceiver } from '../support/receiver.ts';

describe('orders sent one behind the other on one connection', () => {
  it('are answered in order, each with its own reply, whatever lies between them', async () => {
    await using receiver = await startTestReceiver();
    const { pki, port } = receiver;
    const socket = connect({ host: '127.0.0.1', port, ca: pki.server.ca, ...pki.client(COUPA_NAME) });
    await once(socket, 'secureConnect');
    const orderIds = Array.from({ length: 30 }, (_, index) => `pipelined-${index}`);
    const requests = orderIds.map((orderId, index) => {
      // Large ones take many turns to read, so the small ones behind them are done first.
      const order = requestOf(sampleDocument({ orderId, lines: index % 5 === 0 ? 200 : 1 }));
      return index % 3 === 0 ? [order, requestOf('<not-cxml/>')] : [order];
    });
    socket.write(requests.flat().join(''));
    const expected = orderIds.flatMap((orderId, index) => (index % 3 === 0 ? [orderId, null] : [orderId]));

    let text = '';
    for await (const chunk of socket) {
      text += chunk.toString('latin1');
      if (readAnswers(text).length === expected.length) break;
    }

    const told = readAnswers(text).map(({ code, detail }) =>
      code === 200 ? /Order (\S+) was received/.exec(detail)?.[1] : null,
    );
    expect(told).to.deep.equal(expected);
  });
});

function requestOf(body: string): string {
  const length = Buffer.byteLength(body);
  return `POST /cxml HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: ${length}\r\n\r\n${body}`;
}
