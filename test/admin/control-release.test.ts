import { expect } from 'chai';
import request from 'supertest';
import { createAdminApp } from '../../src/admin/app.ts';
import { createControlToken } from '../../src/admin/control-token.ts';
import type { ReleaseReport } from '../../src/intake/release.ts';
import { createFakeRotation } from '../support/fake-rotation.ts';

const STAYS = { released: false, refused: 7, problem: 'it would be refused again', next: 'mend it' } as const;
const WANTED = { id: 7, by: 'anna@host', reason: 'mended' };

function create(report = async (): Promise<ReleaseReport> => STAYS) {
  const asked: unknown[] = [];
  const token = createControlToken();
  const ignore = (): void => {};
  const app = createAdminApp({
    version: '1.2.3',
    names: [],
    metrics: { scrape: async () => ({ contentType: 'text/plain', body: '' }) },
    readiness: { report: async () => ({ ready: true, checks: [] }) },
    control: {
      rotation: createFakeRotation(),
      releases: {
        async release(...given) {
          asked.push(given);
          return await report();
        },
      },
      token,
    },
    log: { fatal: ignore, error: ignore, warn: ignore, info: ignore, debug: ignore },
  });
  const bare = (path = '/control/refused/release') => request(app).post(path);
  const post = (path?: string) => bare(path).set('authorization', `Bearer ${token}`);
  return { bare, post, asked };
}

describe('POST /control/refused/release', () => {
  it('has a refused message released, and reports what came of it', async () => {
    const { post, asked } = create();
    const { status, body } = await post().send(WANTED);
    expect({ status, body }).to.deep.equal({ status: 200, body: { report: STAYS } });
    expect(asked).to.deep.equal([[7, { by: 'anna@host', reason: 'mended' }]]);
  });

  it('does so for nobody without the token, and for no browser', async () => {
    const { bare, post, asked } = create();
    expect((await bare().send(WANTED)).status).to.equal(401);
    expect((await post().set('origin', 'https://elsewhere.example').send(WANTED)).status).to.equal(403);
    expect(asked).to.deep.equal([]);
  });

  const unfit = {
    'a number that is none': { ...WANTED, id: '7' },
    'the number 0': { ...WANTED, id: 0 },
    'an empty reason': { ...WANTED, reason: '' },
    'no reason': { id: 7, by: 'anna@host' },
    'nobody who asks': { id: 7, reason: 'mended' },
    'a field more': { ...WANTED, force: true },
  };
  for (const [what, body] of Object.entries(unfit)) {
    it(`takes no request with ${what}`, async () => {
      const { post, asked } = create();
      expect((await post().send(body)).status).to.equal(400);
      expect(asked).to.deep.equal([]);
    });
  }

  it('says of a fault of ours where to see what became of the message', async () => {
    const { post } = create(() => Promise.reject(new Error('a fault')));
    const { status, body } = await post().send(WANTED);
    expect(status).to.equal(500);
    expect(body.error.meaning).to.include('sallyport refused list').and.not.to.include('trust');
    expect(body.error.next).not.to.include('audit');
  });

  it('has no other step', async () => {
    const { post } = create();
    for (const path of ['/control/refused/show', '/control/refused/', '/control/orders/release']) {
      expect((await post(path).send(WANTED)).status, path).to.be.oneOf([404, 405]);
    }
  });
});
