import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { createControlToken, proveToken, readControlFile } from '../../src/admin/control-token.ts';
import { createControlClient } from '../../src/cli/control-client.ts';
import { StartupError } from '../../src/errors.ts';
import { RotationError } from '../../src/rotation/rotation.ts';
import { createControlPlace } from '../support/control-place.ts';
import { CHANGED, REHEARSED, STAGED } from '../support/fake-rotation.ts';

const ANNA = { by: 'anna@host', reason: 'agreed' };

describe('the client of the control part', () => {
  it('is the rotation of the receiver, step by step', async () => {
    await using place = await createControlPlace();
    await using _receiver = await place.start();
    const file = await readControlFile(place.state);
    if (file === undefined) throw new Error('no control file');
    const { rotation } = createControlClient(file);
    const bytes = Buffer.from([0x30, 0x82, 0xff]);
    expect(await rotation.stage({ file: 'a.p12', bytes, passphrase: 'x' }, ANNA)).to.deep.equal(STAGED);
    await rotation.stage({ fromRefused: '7' }, ANNA);
    expect(await rotation.rehearse({ lastDays: 14, without: ['9f86d0'] })).to.deep.equal(REHEARSED);
    await rotation.rehearse();
    expect(await rotation.promote({ pins: [], force: true }, ANNA)).to.deep.equal(CHANGED);
    await rotation.unstage({ pins: ['8b7e00'] }, ANNA);
    await rotation.retire({ pin: '9f86d0', force: false }, ANNA);
    await rotation.rollback({}, ANNA);
    await rotation.rollback({ toEntry: 3 }, ANNA);
    await rotation.distrust({ key: '9f86d0' }, ANNA);
    await rotation.distrust({ serial: '0abc', issuer: 'CN=x' }, ANNA);
    await rotation.lift({ key: '9f86d0' }, { ...ANNA, reason: 'another key' });
    expect(place.running.asked).to.deep.equal([
      ['stage', { file: 'a.p12', bytes, passphrase: 'x' }, ANNA],
      ['stage', { fromRefused: '7' }, ANNA],
      ['rehearse', { lastDays: 14, without: ['9f86d0'] }],
      ['rehearse', { lastDays: undefined, without: undefined }],
      ['promote', { pins: [], force: true }, ANNA],
      ['unstage', { pins: ['8b7e00'] }, ANNA],
      ['retire', { pin: '9f86d0', force: false }, ANNA],
      ['rollback', {}, ANNA],
      ['rollback', { toEntry: 3 }, ANNA],
      ['distrust', { key: '9f86d0' }, ANNA],
      ['distrust', { serial: '0abc', issuer: 'CN=x' }, ANNA],
      ['lift', { key: '9f86d0' }, { ...ANNA, reason: 'another key' }],
    ]);
  });

  it('gives the errors of the rotation as they were', async () => {
    const refused = new RotationError('still needed', { meaning: 'm', next: 'n', forceable: true });
    await using place = await createControlPlace({ retire: refused });
    await using _receiver = await place.start();
    const file = await readControlFile(place.state);
    if (file === undefined) throw new Error('no control file');
    const error = await errorOf(createControlClient(file).rotation.retire({ pin: 'x', force: false }, ANNA));
    expect(error).to.be.instanceOf(RotationError);
    expect(error).to.include({ message: 'still needed', meaning: 'm', next: 'n', forceable: true });
  });

  it('takes a release that is not understood for no fault of trust', async () => {
    await using place = await createControlPlace();
    await using _receiver = await place.start();
    const file = await readControlFile(place.state);
    if (file === undefined) throw new Error('no control file');
    const error = await errorOf(createControlClient(file).releases.release(0, ANNA));
    expect(error).to.be.instanceOf(StartupError);
    expect(error).to.have.property('message').that.includes('id must be a whole number');
  });

  it('says that nothing is known when the receiver ends or is too slow in the middle of a step', async () => {
    const listeners: readonly RequestListener[] = [(request) => request.socket.destroy(), () => {}];
    for (const listener of listeners) {
      await using server = await serve(listener);
      const { rotation } = createControlClient(server, { stepMs: 100 });
      const error = await errorOf(rotation.promote({ pins: [], force: false }, ANNA));
      expect(error).to.be.instanceOf(StartupError);
      expect((error as StartupError).hint)
        .to.include('not known')
        .and.include('sallyport audit show');
    }
  });

  it('believes no answer that is not one', async () => {
    const answers: readonly (readonly [status: number, body: string])[] = [
      [200, ''],
      [200, '<html>'],
      [200, 'null'],
      [200, '{"report":null}'],
      [401, ''],
      [302, ''],
      [409, '{"error":{"message":1}}'],
      [500, '{"error":{"message":"m","meaning":"n","next":"o"}}'],
    ];
    for (const [status, body] of answers) {
      await using server = await serve((_request, response) => {
        response.writeHead(status, { location: 'http://evil.example/' }).end(body);
      });
      const error = await errorOf(createControlClient(server).rotation.show());
      expect(error, `${status} ${body}`).to.be.instanceOf(StartupError);
      expect(error.message).not.to.include(server.token);
    }
  });

  it('tells a stranger in the place of a dead receiver neither the token nor what is asked', async () => {
    const heard: string[] = [];
    await using stranger = await serve((request, response) => {
      heard.push(JSON.stringify([request.url, request.rawHeaders]));
      request.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
      const [, nonce = ''] = (request.headers.authorization ?? '').split(' ');
      const proof = proveToken('guessed', 'receiver', nonce);
      response.end(JSON.stringify({ report: { pid: 4711, proof } }));
    });
    expect(await createControlClient(stranger).hello()).to.equal('stranger');
    expect(heard.join()).to.include('hello').and.not.include(stranger.token);
  });

  it('tells nobody from somebody who is not the receiver', async () => {
    const server = await serve((_request, response) => void response.writeHead(401).end());
    expect(await createControlClient(server).hello()).to.equal('stranger');
    await server[Symbol.asyncDispose]();
    expect(await createControlClient(server).hello()).to.equal('nobody');
    await using silent = await serve(() => {});
    expect(await createControlClient(silent, { helloMs: 50 }).hello()).to.equal('stranger');
  });
});

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: createControlToken(),
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((done) => void server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function errorOf(step: Promise<unknown>): Promise<Error> {
  return step.then(
    () => new Error('no error'),
    (error: Error) => error,
  );
}
