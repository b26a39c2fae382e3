import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect } from 'chai';
import { COUPA_NAME, prepareWorkplace, type Workplace } from '../support/receiver.ts';
import { runSallyport, startSallyport, waitForOutput } from '../support/sallyport.ts';

const ENV = { SALLYPORT_UNSAFE_TESTS: '1' };

describe('sallyport serve', () => {
  let place: Workplace;
  beforeEach(async () => {
    place = await prepareWorkplace();
  });
  afterEach(() => place[Symbol.asyncDispose]());

  function start(): ReturnType<typeof startSallyport> {
    return startSallyport(['serve', '-c', place.configFile], { env: ENV });
  }

  it('says what it listens on, whom it trusts and which buyers it knows', async () => {
    const child = start();
    const told = await waitForOutput(child, /store +\S*sqlite:/);
    child.kill('SIGTERM');
    await once(child, 'close');
    expect(told)
      .to.match(/receiving +https:\/\/127\.0\.0\.1:\d+\/cxml/)
      .and.to.match(/trusts +.*Test Intermediate A/)
      .and.to.match(/lets in +cxml-supplier\.coupahost\.com/)
      .and.to.match(/buyer +anybody: ANY SENDER/);
  });

  it('writes nothing but log lines to standard output', async () => {
    const child = start();
    let stdout = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    await waitForOutput(child, /store +\S*sqlite:/);
    child.kill('SIGTERM');
    await once(child, 'close');
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => typeof JSON.parse(line))).to.deep.equal(lines.map(() => 'object'));
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`stops in order on ${signal}`, async () => {
      const child = start();
      await waitForOutput(child, /store +\S*sqlite:/);
      child.kill(signal);
      const [code] = await once(child, 'close');
      expect(code).to.equal(0);
    });
  }

  for (const [fault, code] of [
    ['an error that nobody caught', "throw new Error('a fault')"],
    ['a rejection that nobody handled', "Promise.reject(new Error('a fault'))"],
  ] as const) {
    it(`logs ${fault} as its last words and ends, so that it is started again`, async () => {
      const onSignal = `data:text/javascript,process.on('SIGUSR2',()=>{${code}})`;
      const child = startSallyport(['serve', '-c', place.configFile], {
        env: { ...ENV, NODE_OPTIONS: `--import=${encodeURI(onSignal)}` },
      });
      let stdout = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      await waitForOutput(child, /store +\S*sqlite:/);
      child.kill('SIGUSR2');
      const [exitCode] = await once(child, 'close');
      expect(exitCode).to.equal(1);
      const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
      expect(last).to.include({ level: 'fatal', msg: 'receiver failed and ends' });
      expect(last.err).to.include({ message: 'a fault' });
    });
  }

  it('finishes what is under way after the first signal, and stops at once on the second', async () => {
    const child = start();
    const told = await waitForOutput(child, /store +\S*sqlite:/);
    const port = Number(/127\.0\.0\.1:(\d+)\/cxml/.exec(told)?.[1]);
    const { cert, key } = place.pki.client(COUPA_NAME);
    const socket = connect({ port, host: '127.0.0.1', cert, key, ca: place.pki.server.ca });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    // A body that never ends holds the receiver until its own limit.
    socket.write('POST /cxml HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 9\r\n\r\n<');
    const asked = waitForOutput(child, /a second one stops at once/);
    child.kill('SIGTERM');
    await asked;
    const forced = waitForOutput(child, /stopped at once/);
    // The same wish arrives twice within a moment (npm passes Ctrl-C on), so a person's second one comes later.
    const again = setInterval(() => child.kill('SIGTERM'), 100);
    await forced.finally(() => clearInterval(again));
    const [code] = await once(child, 'close');
    socket.destroy();
    expect(code).to.equal(1);
  });

  it('reads trust again on SIGHUP, says what came of it, and goes on', async () => {
    const child = start();
    await waitForOutput(child, /store +\S*sqlite:/);
    const same = waitForOutput(child, /"why":"SIGHUP".*"msg":"trust unchanged"/);
    child.kill('SIGHUP');
    await same;
    await writeFile(join(place.folder, 'bundle.pem'), 'no certificate');
    const failed = waitForOutput(child, /"why":"SIGHUP".*bundle\.pem:1: .*"msg":"trust not replaced/);
    child.kill('SIGHUP');
    await failed;
    child.kill('SIGTERM');
    const [code] = await once(child, 'close');
    expect(code).to.equal(0);
  });

  it('refuses to start on a configuration with mistakes, naming every line', async () => {
    await writeFile(place.configFile, 'lisen: {}\nbuyers: []\n');
    const { code, stdout, stderr } = await runSallyport(['serve', '-c', place.configFile], { env: ENV });
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
    expect(stderr)
      .to.match(/sallyport\.yaml:1: /)
      .and.to.match(/sallyport\.yaml:2: /)
      .and.to.include('→ ');
  });

  it('refuses to start when the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await using busy = await prepareWorkplace({ listen: { host: '127.0.0.1', port } });
    const { code, stderr } = await runSallyport(['serve', '-c', busy.configFile], { env: ENV });
    server.close();
    expect(code).to.equal(2);
    expect(stderr).to.include(String(port)).and.to.include('→ ');
  });
});
