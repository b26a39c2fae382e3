import { expect } from 'chai';
import request from 'supertest';
import { type AdminParts, createAdminApp } from '../../src/admin/app.ts';

interface Line {
  readonly fields: object;
  readonly message: string;
}

function create(change: Partial<AdminParts> = {}): { agent: ReturnType<typeof request>; errors: Line[] } {
  const errors: Line[] = [];
  const ignore = (): void => {};
  const error = (fields: object, message: string): void => {
    errors.push({ fields, message });
  };
  const app = createAdminApp({
    version: '1.2.3',
    names: ['sallyport.internal'],
    metrics: {
      scrape: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', body: 'up 1\n' }),
    },
    readiness: { report: async () => ({ ready: true, checks: [{ name: 'store', status: 'ok' }] }) },
    log: { fatal: ignore, error, warn: ignore, info: ignore, debug: ignore },
    ...change,
  });
  return { agent: request(app), errors };
}

describe('GET /', () => {
  it('names what there is', async () => {
    const { status, text } = await create().agent.get('/');
    expect(status).to.equal(200);
    for (const known of ['1.2.3', '/metrics', '/livez', '/readyz']) expect(text).to.include(known);
  });
});

describe('GET /metrics', () => {
  it('gives the scrape with its own content type', async () => {
    const { status, text, headers } = await create().agent.get('/metrics?x[__proto__]=1');
    expect(status).to.equal(200);
    expect(text).to.equal('up 1\n');
    expect(headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8');
  });

  it('hides a failure from the asker and shows it in the log', async () => {
    const bug = new Error('SECRET detail');
    const { agent, errors } = create({ metrics: { scrape: () => Promise.reject(bug) } });
    const { status, text } = await agent.get('/metrics');
    expect(status).to.equal(500);
    expect(text).not.to.match(/SECRET|at .*\.ts/);
    expect(errors).to.deep.equal([
      { fields: { err: bug, path: '/metrics' }, message: 'admin request failed' },
    ]);
  });
});

describe('GET /livez', () => {
  it('speaks of the process only', async () => {
    const report = async () => ({ ready: false, checks: [] });
    const { status, text } = await create({ readiness: { report } }).agent.get('/livez');
    expect({ status, text }).to.deep.equal({ status: 200, text: 'ok\n' });
  });
});

describe('GET /readyz', () => {
  it('is 200 when ready and 503 with the reasons when not', async () => {
    expect((await create().agent.get('/readyz')).status).to.equal(200);
    const checks = [{ name: 'disk', status: 'failed', reason: 'only 1 MiB free' }] as const;
    const { status, body } = await create({
      readiness: { report: async () => ({ ready: false, checks }) },
    }).agent.get('/readyz');
    expect(status).to.equal(503);
    expect(body).to.deep.equal({ ready: false, checks });
  });

  it('has the same status and no body for HEAD', async () => {
    const { agent } = create({ readiness: { report: async () => ({ ready: false, checks: [] }) } });
    const { status, text } = await agent.head('/readyz');
    expect(status).to.equal(503);
    expect(text ?? '').to.equal('');
  });
});

describe('the admin port', () => {
  it('answers every other method with 405', async () => {
    const { agent } = create();
    for (const method of ['post', 'put', 'delete', 'patch', 'options'] as const) {
      for (const path of ['/metrics', '/nowhere']) {
        const { status, headers } = await agent[method](path);
        expect(status, `${method} ${path}`).to.equal(405);
        expect(headers.allow).to.equal('GET, HEAD');
      }
    }
  });

  it('answers other paths with 404, and what cannot be read with 400', async () => {
    const { agent, errors } = create();
    for (const path of ['/nowhere', '/metrics/', '/cxml', '/.env'])
      expect((await agent.get(path)).status).to.equal(404);
    expect([400, 404]).to.include((await agent.get('/%c0%ae%zz')).status);
    expect(errors).to.deep.equal([]);
  });

  it('answers only under names that are its own', async () => {
    const { agent } = create();
    const statusFor = async (host: string): Promise<number> =>
      (await agent.get('/metrics').set('host', host)).status;
    expect(await statusFor('localhost:8080')).to.equal(200);
    expect(await statusFor('sallyport.internal:8080')).to.equal(200);
    expect(await statusFor('rebound.example:8080')).to.equal(421);
  });

  it('forbids everything to a browser, on every answer', async () => {
    const { agent } = create();
    for (const path of ['/', '/metrics', '/readyz', '/nowhere']) {
      const { headers } = await agent.get(path).set('origin', 'https://evil.example');
      expect(headers['content-security-policy']).to.equal(
        "default-src 'none';frame-ancestors 'none';base-uri 'none';form-action 'none'",
      );
      expect(headers).to.include({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
      expect(headers['cross-origin-resource-policy']).to.equal('same-origin');
      expect(headers).not.to.have.any.keys('x-powered-by', 'etag', 'access-control-allow-origin', 'server');
    }
  });
});
