import { expect } from 'chai';
import request from 'supertest';
import { createAdminApp } from '../../src/admin/app.ts';
import { createControlToken, proveToken } from '../../src/admin/control-token.ts';
import type { Releases } from '../../src/intake/release.ts';
import { RotationError } from '../../src/rotation/rotation.ts';
import { type Answers, CHANGED, createFakeRotation, TRUST } from '../support/fake-rotation.ts';

const NO_RELEASES: Releases = { release: () => Promise.reject(new Error('nothing is released here')) };

const ANNA = { by: 'anna@host', reason: null };

function create(answers: Answers = {}) {
  const rotation = createFakeRotation(answers);
  const token = createControlToken();
  const logged: (readonly [fields: object, message: string])[] = [];
  const tell = (fields: object, message: string): void => void logged.push([fields, message]);
  const times = { now: 0 };
  const app = createAdminApp({
    version: '1.2.3',
    names: [],
    metrics: { scrape: async () => ({ contentType: 'text/plain', body: '' }) },
    readiness: { report: async () => ({ ready: true, checks: [] }) },
    control: { rotation, releases: NO_RELEASES, token, pid: 4711, clock: () => times.now },
    log: { fatal: tell, error: tell, warn: tell, info: tell, debug: tell },
  });
  const agent = request(app);
  const bare = (step: string) => agent.post(`/control/trust/${step}`);
  const post = (step: string) => bare(step).set('authorization', `Bearer ${token}`);
  return { agent, bare, post, rotation, token, logged, times };
}

describe('POST /control/trust/…', () => {
  it('says which process it is, and proves it, to whoever proves to have the token', async () => {
    const { bare, token } = create();
    const nonce = createControlToken();
    const hello = `Hello ${nonce} ${proveToken(token, 'command', nonce)}`;
    const { status, body } = await bare('hello').set('authorization', hello).send({});
    const report = { pid: 4711, proof: proveToken(token, 'receiver', nonce) };
    expect({ status, body }).to.deep.equal({ status: 200, body: { report } });
  });

  it('proves nothing to anybody else, and takes no proof for the token', async () => {
    const { bare, post, token } = create();
    const [nonce, other] = [createControlToken(), createControlToken()];
    const proof = proveToken(token, 'command', nonce);
    for (const hello of [
      `Hello ${nonce} ${proveToken(other, 'command', nonce)}`,
      `Hello ${other} ${proof}`,
      `Hello ${nonce} ${proveToken(token, 'receiver', nonce)}`,
      `Hello ${nonce} `,
      `Hello  ${proveToken(token, 'command', '')}`,
    ]) {
      const { status, text } = await bare('hello').set('authorization', hello).send({});
      expect({ status, text }).to.deep.equal({ status: 401, text: '' });
    }
    expect((await post('hello').send({})).status).to.equal(401);
    expect((await bare('show').set('authorization', `Hello ${nonce} ${proof}`).send({})).status).to.equal(
      401,
    );
    expect((await bare('show').set('authorization', `Bearer ${proof}`).send({})).status).to.equal(401);
  });

  it('gives the report of a step', async () => {
    const { status, body, headers } = await create().post('show').send({});
    expect(status).to.equal(200);
    expect(body).to.deep.equal({ report: TRUST });
    expect(headers['cache-control']).to.equal('no-store');
  });

  it('hands every step on as it was asked for', async () => {
    const { post, rotation } = create();
    const bytes = Buffer.from('-----BEGIN CERTIFICATE-----');
    const steps: readonly (readonly [step: string, body: object])[] = [
      ['stage', { file: 'new.pem', bytes: bytes.toString('base64'), ...ANNA }],
      ['stage', { file: 'new.p12', bytes: '', passphrase: 'x', ...ANNA }],
      ['stage', { fromRefused: '7', ...ANNA }],
      ['unstage', { pins: ['8b7e00'], ...ANNA }],
      ['rehearse', { lastDays: 14, without: ['9f86d0'] }],
      ['rehearse', {}],
      ['promote', { pins: [], force: true, by: 'anna@host', reason: 'agreed' }],
      ['retire', { pin: '9f86d0', force: false, ...ANNA }],
      ['rollback', { toEntry: 12, ...ANNA }],
      ['rollback', ANNA],
      ['distrust', { key: '9f86d0', ...ANNA }],
      ['distrust', { serial: '0abc', issuer: 'CN=x', ...ANNA }],
      ['distrust', { serial: '0abc', ...ANNA }],
      ['lift', { key: '9f86d0', by: 'anna@host', reason: 'another key' }],
      ['lift', { serial: '0abc', issuer: 'CN=x', by: 'anna@host', reason: 'another key' }],
    ];
    for (const [step, body] of steps) expect((await post(step).send(body)).status, step).to.equal(200);
    expect(rotation.asked).to.deep.equal([
      ['stage', { file: 'new.pem', bytes, passphrase: undefined }, ANNA],
      ['stage', { file: 'new.p12', bytes: Buffer.alloc(0), passphrase: 'x' }, ANNA],
      ['stage', { fromRefused: '7' }, ANNA],
      ['unstage', { pins: ['8b7e00'] }, ANNA],
      ['rehearse', { lastDays: 14, without: ['9f86d0'] }],
      ['rehearse', { lastDays: undefined, without: undefined }],
      ['promote', { pins: [], force: true }, { by: 'anna@host', reason: 'agreed' }],
      ['retire', { pin: '9f86d0', force: false }, ANNA],
      ['rollback', { toEntry: 12 }, ANNA],
      ['rollback', {}, ANNA],
      ['distrust', { key: '9f86d0' }, ANNA],
      ['distrust', { serial: '0abc', issuer: 'CN=x' }, ANNA],
      ['distrust', { serial: '0abc' }, ANNA],
      ['lift', { key: '9f86d0' }, { by: 'anna@host', reason: 'another key' }],
      ['lift', { serial: '0abc', issuer: 'CN=x' }, { by: 'anna@host', reason: 'another key' }],
    ]);
  });

  it('answers 401 without a word to whoever has not the token, and reads nothing of it', async () => {
    const { bare, post, rotation, token, logged } = create();
    const wrong = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    const tries = [
      bare('show').send({}),
      bare('show').set('authorization', `Bearer ${wrong}`).send({}),
      bare('show').set('authorization', `Basic ${token}`).send({}),
      bare('show').set('authorization', `Bearer ${token} ${token}`).send({}),
      bare('show').set('authorization', 'Bearer ').send({}),
      bare('nothing').send({}),
      bare('hello').send({}),
      bare('stage').set('content-type', 'application/json').send('{'.repeat(100_000)),
    ];
    for (const tried of tries) {
      const { status, text, headers } = await tried;
      expect({ status, text }).to.deep.equal({ status: 401, text: '' });
      expect(headers.connection).to.equal('close');
    }
    expect((await post('show').send({})).status).to.equal(200);
    expect(rotation.asked).to.deep.equal([['show']]);
    expect(JSON.stringify(logged)).not.to.include(token.slice(0, 20));
  });

  it('writes one line of log for many refused requests', async () => {
    const { bare, logged, times } = create();
    for (let at = 0; at < 5; at += 1) await bare('show');
    times.now = 10_000;
    await bare('show');
    expect(logged).to.deep.equal([
      [{ why: 'token', refused: 1 }, 'commands refused'],
      [{ why: 'token', refused: 6 }, 'commands refused'],
    ]);
  });

  it('takes nothing from a browser, not even with the token', async () => {
    for (const [name, value] of [
      ['origin', 'http://127.0.0.1:8080'],
      ['origin', 'null'],
      ['sec-fetch-site', 'same-origin'],
      ['sec-fetch-mode', 'navigate'],
    ] as const) {
      const { post, rotation } = create();
      expect((await post('promote').set(name, value).send({})).status, name).to.equal(403);
      expect(rotation.asked).to.deep.equal([]);
    }
  });

  it('answers under its own names alone', async () => {
    const { post, rotation } = create();
    expect((await post('show').set('host', 'evil.example').send({})).status).to.equal(421);
    expect(rotation.asked).to.deep.equal([]);
  });

  it('answers 400 to what is not as it must be, and does nothing', async () => {
    const { post, rotation } = create();
    const steps: readonly (readonly [step: string, body: unknown])[] = [
      ['show', { more: 1 }],
      ['show', []],
      ['retire', { force: false, ...ANNA }],
      ['retire', { pin: '', force: false, ...ANNA }],
      ['retire', { pin: 'a'.repeat(201), force: false, ...ANNA }],
      ['retire', { pin: '9f86d0', force: 'yes', ...ANNA }],
      ['retire', { pin: '9f86d0', force: true, ...ANNA }],
      ['retire', { pin: '9f86d0', force: false, by: 'anna@host' }],
      ['promote', { pins: Array(101).fill('9f86d0'), force: false, ...ANNA }],
      ['promote', { pins: '9f86d0', force: false, ...ANNA }],
      ['rehearse', { lastDays: 0 }],
      ['rehearse', { lastDays: 1.5 }],
      ['rehearse', { lastDays: '30' }],
      ['rollback', { toEntry: -1, ...ANNA }],
      ['stage', ANNA],
      ['stage', { file: 'new.pem', bytes: 'not base64!', ...ANNA }],
      ['stage', { file: 'new.pem', bytes: '', fromRefused: '7', ...ANNA }],
      ['distrust', { key: '9f86d0', serial: '0abc', ...ANNA }],
      ['distrust', ANNA],
      ['lift', { key: '9f86d0', by: 'anna@host', reason: null }],
      ['lift', { key: '9f86d0', by: 'anna@host', reason: '' }],
      ['lift', { key: '9f86d0', serial: '0abc', by: 'anna@host', reason: 'another key' }],
      ['lift', { by: 'anna@host', reason: 'another key' }],
    ];
    for (const [step, given] of steps) {
      const { status, body } = await post(step).send(given as object);
      expect(status, `${step} ${JSON.stringify(given)}`).to.equal(400);
      expect(body.error).to.have.all.keys('message', 'meaning', 'next', 'forceable');
    }
    expect(rotation.asked).to.deep.equal([]);
  });

  it('takes no field of an object’s own making', async () => {
    const { post, rotation } = create();
    const body = '{"__proto__":{"force":true},"pins":[],"force":false,"by":"a","reason":null}';
    const { status } = await post('promote').set('content-type', 'application/json').send(body);
    expect(status).to.equal(400);
    expect(rotation.asked).to.deep.equal([]);
  });

  it('never repeats what was sent in its errors', async () => {
    const { post } = create();
    const given = { file: 'new.p12', bytes: 'SECRET!', passphrase: 'SECRET', SECRET: 1, ...ANNA };
    expect((await post('stage').send(given)).text).not.to.include('SECRET');
    const torn = post('stage').set('content-type', 'application/json').send('{"passphrase":"SECRET');
    expect((await torn).text).not.to.include('SECRET');
  });

  it('stages up to 1 MiB and reads no more than 2', async () => {
    const { post, rotation } = create();
    const staged = (size: number) =>
      post('stage').send({ file: 'new.pem', bytes: Buffer.alloc(size).toString('base64'), ...ANNA });
    expect((await staged(1_048_576)).status).to.equal(200);
    expect((await staged(1_048_577)).status).to.equal(400);
    const { status, body } = await staged(2 * 1_048_576);
    expect(status).to.equal(413);
    expect(body.error.message).to.include('1 MiB');
    expect(rotation.asked).to.have.lengthOf(1);
  });

  it('answers 404 to another step, 415 to another form, 400 to what is no JSON', async () => {
    const { post } = create();
    expect((await post('constructor').send({})).status).to.equal(404);
    expect((await post('nothing').send({})).status).to.equal(404);
    expect((await post('show').type('form').send('a=b')).status).to.equal(415);
    expect((await post('show').set('content-type', 'application/json').send('{')).status).to.equal(400);
    expect((await post('show')).status).to.equal(415);
  });

  it('answers 409 when the rotation does not do it, and says whether force would', async () => {
    const refused = new RotationError('pin 9f86d081884c is still needed', {
      meaning: 'nothing was changed',
      next: 'wait',
      forceable: true,
    });
    const { post, logged } = create({ retire: refused });
    const { status, body } = await post('retire').send({ pin: '9f86d0', force: false, ...ANNA });
    expect(status).to.equal(409);
    expect(body).to.deep.equal({
      error: {
        message: 'pin 9f86d081884c is still needed',
        meaning: 'nothing was changed',
        next: 'wait',
        forceable: true,
      },
    });
    expect(logged).to.deep.equal([]);
  });

  it('hides a fault from the asker and shows it in the log', async () => {
    const bug = new Error('SECRET detail');
    const { post, logged } = create({ show: bug });
    const { status, text } = await post('show').send({});
    expect(status).to.equal(500);
    expect(text).not.to.match(/SECRET|at .*\.ts/);
    expect(logged).to.deep.equal([[{ err: bug, path: '/control/trust/show' }, 'command failed']]);
  });
});

describe('the admin port beside it', () => {
  it('stays read-only', async () => {
    const { agent, token, rotation } = create({ promote: CHANGED });
    for (const path of ['/metrics', '/livez', '/control', '/control/trust/', '/control/trust/show/x']) {
      const { status } = await agent.post(path).set('authorization', `Bearer ${token}`).send({});
      expect(status, path).to.equal(405);
    }
    for (const method of ['put', 'patch', 'delete'] as const) {
      const { status } = await agent[method]('/control/trust/promote').set(
        'authorization',
        `Bearer ${token}`,
      );
      expect(status, method).to.equal(405);
    }
    expect((await agent.get('/control/trust/show').set('authorization', `Bearer ${token}`)).status).to.equal(
      404,
    );
    expect(rotation.asked).to.deep.equal([]);
  });
});
