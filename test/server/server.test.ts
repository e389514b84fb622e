import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ApiUnderTest, openApi } from './api-under-test.ts';

let api: ApiUnderTest;

beforeAll(async () => {
  api = await openApi();
});

afterAll(async () => {
  await api.close();
});

describe('AUD-1 the API', () => {
  it('AUD-1 given a path that does not exist, when it is asked for, then a problem says so', async () => {
    const answer = await fetch(`${api.url}/v1/nothing`);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({ code: 'not_found', status: 404 });
  });

  it('AUD-1 given a path under another method, when it is asked for, then the methods that exist are named', async () => {
    const answer = await fetch(`${api.url}/v1/accounts/a`, { method: 'PUT' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toContain('GET');
  });

  it('AUD-1 given no key, when an account is asked for, then nothing is told', async () => {
    const answer = await fetch(`${api.url}/v1/accounts/a`);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 'unauthorized', requestId: answer.headers.get('x-request-id') });
  });

  it('AUD-1 given an account that does not exist, when a key asks for it, then the problem names it', async () => {
    const answer = await fetch(`${api.url}/v1/accounts/nobody`, { headers: { authorization: `Bearer ${api.key}` } });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'unknown_account' });
  });

  it('given everything runs, when it is probed, then it lives and is ready', async () => {
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${api.url}/readyz`);
    expect(await ready.json()).toEqual({ status: 'ready', away: [] });
  });

  it('given the API, when its description is asked for, then it is OpenAPI 3.1, and a page shows it', async () => {
    const document = await (await fetch(`${api.url}/openapi.json`)).json();
    expect(document).toMatchObject({ openapi: '3.1.0' });
    const page = await fetch(`${api.url}/docs/`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  });
});
