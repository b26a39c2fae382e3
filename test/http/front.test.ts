import type { ConnectionOptions } from 'node:tls';
import { expect } from 'chai';
import { StartupError } from '../../src/errors.ts';
import { type Opened, openListener } from './open-listener.ts';
import { post, type Wire } from './wire.ts';

/** Node passes it on to the raw socket; its types do not say so. */
const FROM_ELSEWHERE: ConnectionOptions & { localAddress: string } = { localAddress: '127.0.0.2' };

/** A client that was let in: it has had an answer. */
async function guestOf(listener: Opened, options: ConnectionOptions = {}): Promise<Wire> {
  const wire = await listener.connect(options);
  wire.write(post('<cXML/>'));
  expect((await wire.answer()).code).to.equal(200);
  return wire;
}

describe('the front', () => {
  it('closes connections over the limit at once, and takes the next when one has gone', async () => {
    await using listener = await openListener({ limits: { connections: 3 } });
    const held: Wire[] = [];
    for (let index = 0; index < 3; index += 1) held.push(await guestOf(listener));
    const fourth = await listener.connectRaw();
    expect(await fourth.closed()).to.be.below(500);
    expect(listener.lines.at(-1)).to.deep.include({
      message: 'connection dropped',
      fields: { remoteAddress: '127.0.0.1', limit: 'connections' },
    });
    held[0]?.write(post('<cXML/>', { Connection: 'close' }));
    await held[0]?.closed();
    await guestOf(listener);
  });

  it('counts each address by itself', async () => {
    await using listener = await openListener({ limits: { connections_per_address: 2 } });
    await guestOf(listener);
    await guestOf(listener);
    expect(await (await listener.connectRaw()).closed()).to.be.below(500);
    await guestOf(listener, FROM_ELSEWHERE);
    expect(listener.received.at(-1)?.remoteAddress).to.equal('127.0.0.2');
  });

  for (const limit of ['connections', 'connections_per_address'] as const) {
    it(`lets nobody who waits at the door keep others out: ${limit}`, async () => {
      await using listener = await openListener({ limits: { [limit]: 3 } });
      const guests = [await guestOf(listener)];
      const silent = [await listener.connectRaw(), await listener.connectRaw()];
      guests.push(await guestOf(listener));
      await silent[0]?.closed();
      expect(listener.lines.find(({ message }) => message === 'connection dropped')?.fields).to.deep.equal({
        remoteAddress: '127.0.0.1',
        limit,
      });
      guests.push(await guestOf(listener));
      await silent[1]?.closed();
      expect(await (await listener.connectRaw()).closed(), 'three guests are there').to.be.below(500);
      for (const wire of guests) {
        wire.write(post('<cXML/>'));
        expect((await wire.answers(2)).map(({ code }) => code)).to.deep.equal([200, 200]);
      }
    });
  }

  it('lets a connection give way only to one of its own address while there is place for others', async () => {
    await using listener = await openListener({ limits: { connections_per_address: 1 } });
    const silent = await listener.connectRaw();
    await guestOf(listener, FROM_ELSEWHERE);
    expect(listener.lines.filter(({ message }) => message === 'connection dropped')).to.deep.equal([]);
    await guestOf(listener);
    await silent.closed();
  });

  it('closes a silent connection when the time for its handshake is over', async () => {
    await using listener = await openListener({ limits: { handshake_timeout_ms: 400 } });
    const wire = await listener.connectRaw();
    expect(await wire.closed()).to.be.within(350, 1_400);
    expect(listener.handshakes).to.deep.equal([{ outcome: 'refused', reason: 'timeout' }]);
    const line = listener.lines.find(({ message }) => message === 'handshake failed');
    expect(line?.fields).to.include({ remoteAddress: '127.0.0.1', reason: 'timeout' });
  });

  it('closes a connection that drips its handshake, likewise', async () => {
    await using listener = await openListener({ limits: { handshake_timeout_ms: 400 } });
    const wire = await listener.connectRaw();
    // A record header that announces 512 bytes of ClientHello, then a byte now and then.
    wire.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc]));
    const drip = setInterval(() => wire.write(Buffer.of(3)), 50);
    try {
      expect(await wire.closed()).to.be.within(350, 1_400);
    } finally {
      clearInterval(drip);
    }
    expect(listener.handshakes).to.deep.equal([{ outcome: 'refused', reason: 'timeout' }]);
  });

  it('says what to do when its port is taken', async () => {
    await using listener = await openListener();
    const error = await openListener({
      listen: { host: '127.0.0.1', port: listener.port, path: '/cxml' },
    }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(StartupError);
    expect((error as StartupError).message).to.contain('EADDRINUSE');
  });
});
