/** Whoever has no key of Coupa's can knock as often as they like: they keep nobody out, and hide nothing. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { THIEF, tryToEnter } from '../support/intruder.ts';
import { knock } from '../support/knock.ts';
import { sampleDocument } from '../support/orders.ts';
import { COUPA_NAME, startTestReceiver, type TestReceiver } from '../support/receiver.ts';

/** The machine's own addresses, as many as are asked for: `127.0.0.2` and on. */
const elsewhere = (index: number): string => `127.0.0.${index + 2}`;

async function knockRaw(port: number, localAddress: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  socket.on('error', () => {}); // it may be thrown out
  await once(socket, 'connect');
  return socket;
}

const silentAt = ({ port }: TestReceiver, count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => knockRaw(port, elsewhere(index % 20))));

describe('a receiver that is flooded', () => {
  it('lets Coupa in while silent connections of twenty addresses hold every place', async () => {
    await using receiver = await startTestReceiver({
      limits: { connections: 60, connections_per_address: 3 },
    });
    const silent = await silentAt(receiver, 60);
    try {
      for (let order = 0; order < 3; order += 1) {
        expect(await tryToEnter(receiver, receiver.pki.leaf(COUPA_NAME))).to.equal('let in');
      }
    } finally {
      for (const socket of silent) socket.destroy();
    }
  });

  it('lets Coupa in while silent connections of the address it shares hold every place of it', async () => {
    await using receiver = await startTestReceiver({ limits: { connections_per_address: 5 } });
    const { port, pki } = receiver;
    const silent = await Promise.all(Array.from({ length: 5 }, () => knockRaw(port, '127.0.0.1')));
    try {
      expect(await tryToEnter(receiver, pki.leaf(COUPA_NAME))).to.equal('let in');
    } finally {
      for (const socket of silent) socket.destroy();
    }
  });

  it('says in its log what became of Coupa while others fill it', async () => {
    await using receiver = await startTestReceiver();
    const { port, pki } = receiver;
    const noise = await Promise.all(Array.from({ length: 40 }, () => knockRaw(port, '127.0.0.1')));
    await Promise.all(noise.map((socket) => once(socket.end('GET / HTTP/1.0\r\n\r\n').resume(), 'close')));
    const forgeries = Array.from({ length: 60 }, () =>
      pki.leaf(COUPA_NAME, { key: THIEF, issuer: pki.sibling }),
    );
    for (const leaf of forgeries) {
      expect(await tryToEnter(receiver, leaf, { localAddress: '127.0.0.9' })).to.equal('refused');
    }
    for (let index = 0; index < 60; index += 1) {
      await tryToEnter(receiver, pki.leaf(`stranger ${index}`, { key: THIEF }));
    }
    const suppressed = receiver.told('log lines suppressed');
    const issuers = [pki.sibling];
    const { detail } = await knock(receiver, pki.leaf(COUPA_NAME, { issuer: pki.sibling }), { issuers });
    const reference = /reference ([0-9a-f]{10})/.exec(detail)?.[1];
    const line = receiver.logged.find((each) => each.reference === reference);
    expect(line, 'the near miss of Coupa').to.include({ msg: 'client refused', nearMiss: true });
    using buyer = receiver.buyer();
    await buyer.post(sampleDocument({ orderId: '1' }), { 'content-encoding': 'unheard-of' });
    expect(receiver.logged.filter(({ msg }) => msg === 'request refused')).to.have.length(1);
    await suppressed;
  });
});
