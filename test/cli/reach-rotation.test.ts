import { chmod } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { showTrust } from '../../src/cli/trust.ts';
import { StartupError } from '../../src/errors.ts';
import { type ControlPlace, createControlPlace } from '../support/control-place.ts';

const show = ({ config, run }: ControlPlace, json = false) =>
  run((around) => showTrust({ config, json }, around));

describe('which rotation a command speaks to', () => {
  it('is that of the running receiver, and the first line says so', async () => {
    await using place = await createControlPlace();
    await using _receiver = await place.start();
    const { code, stdout } = await show(place);
    expect(code).to.equal(0);
    expect(stdout.split('\n')[0]).to.equal('on the running receiver, process 4711');
    expect(place.running.asked).to.deep.equal([['show']]);
    expect(place.opened.times).to.equal(0);
  });

  it('is the files while none runs, closed again afterwards', async () => {
    await using place = await createControlPlace();
    const { code, stdout } = await show(place);
    expect(code).to.equal(0);
    expect(stdout.split('\n')[0]).to.equal('offline, on the files: no receiver runs here');
    expect(place.offline.asked).to.deep.equal([['show']]);
    expect(place.opened).to.deep.equal({ times: 1, closed: 1 });
  });

  it('is the files after a clean stop', async () => {
    await using place = await createControlPlace();
    await (await place.start())[Symbol.asyncDispose]();
    expect((await show(place)).stdout).to.match(/^offline/);
  });

  it('is the files when the receiver died and left its control file', async () => {
    await using place = await createControlPlace();
    await using receiver = await place.start();
    const { url } = receiver;
    await receiver[Symbol.asyncDispose]();
    await place.leaveControlFile(url);
    expect((await show(place)).stdout).to.match(/^offline/);
  });

  it('is neither when somebody else answers where the control file points', async () => {
    await using place = await createControlPlace();
    await using receiver = await place.start();
    await place.leaveControlFile(receiver.url); // another token than this receiver's
    const { code, error, stdout } = await show(place);
    expect(code).to.equal(undefined);
    expect(error).to.be.instanceOf(StartupError);
    expect(error?.hint).to.include('restart');
    expect(stdout).to.equal('');
    expect([...place.running.asked, ...place.offline.asked]).to.deep.equal([]);
  });

  it('is neither when what answers speaks otherwise', async () => {
    await using place = await createControlPlace();
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.end('{"report":{"pid":"4711"}}');
    });
    await using _listening = await listen(server);
    await place.leaveControlFile(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect((await show(place)).error).to.be.instanceOf(StartupError);
    expect(asked).to.deep.equal(['/control/trust/hello']);
    expect(place.opened.times).to.equal(0);
  });

  it('is neither when the control file is not fit to be believed', async () => {
    await using place = await createControlPlace();
    await using _receiver = await place.start();
    await chmod(join(place.state, 'control.json'), 0o666);
    const { error } = await show(place);
    expect(error).to.be.instanceOf(StartupError);
    expect(error?.message).to.include('every user');
    expect(place.running.asked).to.deep.equal([]);
  });

  it('keeps standard output clean for JSON', async () => {
    await using place = await createControlPlace();
    const { stdout, stderr } = await show(place, true);
    expect(JSON.parse(stdout)).to.include({ generation: 17 });
    expect(stderr).to.match(/^offline/);
  });
});

async function listen(server: ReturnType<typeof createServer>): Promise<AsyncDisposable> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return { [Symbol.asyncDispose]: () => new Promise<void>((closed) => void server.close(() => closed())) };
}
