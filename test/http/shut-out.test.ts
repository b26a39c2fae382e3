import { connect } from 'node:net';
import { expect } from 'chai';
import { createFront } from '../../src/http/front.ts';
import { createShutOut, SHUT_OUT_MS } from '../../src/http/shut-out.ts';
import { guest, NAME, openListener, pki } from './open-listener.ts';
import { opened, wireOn } from './wire.ts';

describe('createShutOut', () => {
  it('keeps an address off for a minute, and every other of its /64', () => {
    let at = 1_000;
    const shutOut = createShutOut(() => at);
    expect(shutOut.has('198.51.100.7')).to.equal(false);
    expect([shutOut.add('198.51.100.7'), shutOut.add('2001:db8::7')]).to.deep.equal([true, true]);
    expect(['198.51.100.7', '198.51.100.8', '2001:db8::8', '2001:db8:0:1::7'].map(shutOut.has)).to.deep.equal(
      [true, false, true, false],
    );
    at += SHUT_OUT_MS;
    expect(shutOut.has('198.51.100.7')).to.equal(false);
  });

  it('never shuts out where a client was let in from, before or after', () => {
    const shutOut = createShutOut(() => 0);
    shutOut.spare('198.51.100.7');
    expect(shutOut.add('198.51.100.7')).to.equal(false);
    shutOut.add('198.51.100.8');
    shutOut.spare('198.51.100.8');
    expect(['198.51.100.7', '198.51.100.8'].map(shutOut.has)).to.deep.equal([false, false]);
  });

  it('never shuts out an address that is not of the Internet: everybody may come from it', () => {
    const shutOut = createShutOut(() => 0);
    for (const address of [
      '127.0.0.1',
      '10.1.2.3',
      '172.31.0.1',
      '192.168.9.9',
      '::1',
      'fd00::1',
      'fe80::1%eth0',
    ]) {
      expect(shutOut.add(address), address).to.equal(false);
    }
    expect(shutOut.add('unknown')).to.equal(true);
  });

  it('remembers a bounded number', () => {
    const shutOut = createShutOut(() => 0);
    for (let index = 0; index < 1_001; index += 1) shutOut.add(`203.${index >> 8}.113.${index & 255}`);
    expect([0, 1].map((index) => shutOut.has(`203.0.113.${index}`))).to.deep.equal([false, true]);
  });
});

describe('the front, of an address that is shut out', () => {
  it('closes the connection at once and says why', async () => {
    const dropped: object[] = [];
    const front = createFront({
      limits: { connections: 9, connections_per_address: 9 },
      shutOut: { has: (address) => address === '127.0.0.1' },
      log: { warn: (fields) => void dropped.push(fields), [Symbol.dispose]() {} },
      onConnection: (raw) => void raw.end('taken'),
    });
    const port = await front.listen({ host: '127.0.0.1', port: 0 });
    const from = async (localAddress: string): Promise<string> => {
      using wire = wireOn(await opened(connect({ host: '127.0.0.1', port, localAddress }), 'connect'));
      await wire.closed();
      return wire.text();
    };
    expect([await from('127.0.0.1'), await from('127.0.0.2')]).to.deep.equal(['', 'taken']);
    await front.close();
    expect(dropped).to.deep.equal([{ remoteAddress: '127.0.0.1', limit: 'shut out' }]);
  });
});

describe('a listener that is shown a costly chain', () => {
  it('does not shut out the machine itself, from where Coupa comes through a balancer', async () => {
    await using listener = await openListener();
    const crowd = pki.leaf(NAME, { issuer: pki.sibling }).pem + pki.sibling.pem.repeat(12);
    const costly = await listener.connect({
      cert: crowd,
      key: pki.leaf(NAME, { issuer: pki.sibling }).keyPem,
    });
    expect((await costly.answer()).http).to.equal(503);
    const wire = await listener.connect(guest);
    wire.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await wire.answer()).code).to.not.equal(403);
    expect(listener.lines.filter(({ message }) => message === 'address shut out')).to.deep.equal([]);
  });
});
