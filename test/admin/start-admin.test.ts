import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { connect, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { type Admin, startAdmin } from '../../src/admin/start-admin.ts';
import { StartupError } from '../../src/errors.ts';

function start({ host = '127.0.0.1', port = 0 } = {}, lines: string[] = []): Promise<Admin> {
  const write = (_fields: object, message: string): void => {
    lines.push(message);
  };
  return startAdmin({
    host,
    port,
    version: '1.2.3',
    names: [],
    metrics: { scrape: async () => ({ contentType: 'text/plain', body: 'up 1\n' }) },
    readiness: { report: async () => ({ ready: true, checks: [] }) },
    log: { fatal: write, error: write, warn: write, info: write, debug: write },
  });
}

async function say(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(bytes);
  return await text(socket);
}

describe('startAdmin', () => {
  it('listens on a free port and says where', async () => {
    const lines: string[] = [];
    await using admin = await start({}, lines);
    expect(admin.url).to.equal(`http://127.0.0.1:${admin.port}`);
    expect((await fetch(`${admin.url}/livez`)).status).to.equal(200);
    expect(lines).to.deep.equal(['admin port opened']);
  });

  it('says which address cannot be opened, and what to do', async () => {
    await using first = await start();
    const error = await start({ port: first.port }).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(StartupError);
    expect((error as StartupError).message).to.include(`127.0.0.1:${first.port}`);
    expect((error as StartupError).hint).to.include('admin.port');
  });

  it('stops at once, idle connections included, and frees the port', async () => {
    const admin = await start();
    await (await fetch(`${admin.url}/livez`)).text(); // leaves a kept-alive connection behind
    await admin[Symbol.asyncDispose]();
    await using next = await start({ port: admin.port });
    expect(next.port).to.equal(admin.port);
  });

  it('outlives a connection that the system cannot accept', async () => {
    let server: Server | undefined;
    const notice = (message: unknown): void => {
      server = (message as { server: Server }).server;
    };
    subscribe('http.server.request.start', notice);
    await using admin = await start();
    await (await fetch(`${admin.url}/livez`)).text();
    unsubscribe('http.server.request.start', notice);
    server?.emit('error', Object.assign(new Error('accept ENFILE'), { code: 'ENFILE', syscall: 'accept' }));
    expect((await fetch(`${admin.url}/livez`)).status).to.equal(200);
    expect(server?.listening).to.equal(true);
  });

  it('refuses headers that are too large, and what is no HTTP', async () => {
    await using admin = await start();
    const head = 'GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n';
    expect(await say(admin.port, `${head}\r\n`)).to.match(/^HTTP\/1\.1 200 /);
    expect(await say(admin.port, `${head}x: ${'y'.repeat(10_000)}\r\n\r\n`)).to.match(/^HTTP\/1\.1 431 /);
    expect(await say(admin.port, 'hello\r\n\r\n')).to.match(/^HTTP\/1\.1 400 /);
    expect(await say(admin.port, 'GET /livez HTTP/1.1\r\n\r\n')).to.match(/^HTTP\/1\.1 400 /);
  });
});
