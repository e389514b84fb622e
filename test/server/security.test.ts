import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dumpDatabase } from '../engine/database-dump.ts';
import { openSecuredApi, type SecuredApi } from './secured-api.ts';

let api: SecuredApi;
let account: string;

beforeAll(async () => {
  api = await openSecuredApi();
  account = api.engine.name('secured');
  await api.engine.perennial.signUp({ accountId: account, ownerId: 'owner', catalog: 'codspeed' });
});

afterAll(async () => {
  await api.close();
});

interface Raw {
  readonly status: number;
  readonly body: string;
}

/** A request as it is, without a client that tidies it up first. */
function raw(method: string, path: string, headers: Readonly<Record<string, string>> = {}, body = ''): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const asking = request(`${api.url}/`, { method, path, headers, insecureHTTPParser: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, body: text });
      });
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

describe('credentials', () => {
  it('given a key anywhere but in the Authorization header, then it counts for nothing', async () => {
    const { key } = api;
    for (const path of [`?key=${key}`, `?access_token=${key}`, `?authorization=Bearer%20${key}`, `?token=${key}`]) {
      expect((await api.ask('GET', `/v1/accounts/${account}${path}`, { bearer: null })).status, path).toBe(401);
    }
    for (const headers of [
      { 'x-api-key': key },
      { cookie: `token=${key}` },
      { 'proxy-authorization': `Bearer ${key}` },
    ]) {
      expect((await api.ask('GET', `/v1/accounts/${account}`, { bearer: null, headers })).status).toBe(401);
    }
  });

  it('given an Authorization header of another form, then it counts for nothing', async () => {
    const { key } = api;
    const basic = `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
    for (const authorization of [
      key,
      `Token ${key}`,
      basic,
      'Bearer',
      `Bearer ${key} ${key}`,
      `Bearer ${key},x`,
      `Bearer ${'x'.repeat(8000)}`,
    ]) {
      const answer = await api.ask('GET', `/v1/accounts/${account}`, { bearer: null, headers: { authorization } });
      expect({ status: answer.status, code: answer.body.code }, authorization.slice(0, 80)).toEqual({
        status: 401,
        code: 'unauthorized',
      });
    }
    const lower = await api.ask('GET', `/v1/accounts/${account}`, {
      bearer: null,
      headers: { authorization: `bearer ${key}` },
    });
    expect(lower.status).toBe(200);
  });

  it('given all that compares a secret, then it is done in constant time', () => {
    const folder = fileURLToPath(new URL('../../client/credentials/', import.meta.url));
    const sources = readdirSync(folder).map((name) => readFileSync(`${folder}${name}`, 'utf8'));
    expect(sources.filter((text) => text.includes('timingSafeEqual(digestOf(secret)'))).toHaveLength(1);
    // Nothing compares a digest or a secret by itself.
    for (const text of sources) expect(text).not.toMatch(/([sS]ecret|[dD]igest)(\.equals\(| === (?!null|undefined))/);
  });
});

describe('what is logged', () => {
  it('given a run with keys, tokens and mistakes, then no secret is in the log, and none in an error', async () => {
    const { keys } = api.engine.perennial;
    const { secret } = await keys.create({ name: 'talkative', scopes: ['operator', 'accounts:read', 'sandbox'] });
    const made = await api.ask('POST', '/v1/keys', { bearer: secret, body: { name: 'made', scopes: ['usage:write'] } });
    const token = await api.portalToken(account, 'owner', 'admin');
    const secrets = [secret, made.body.secret!, token, 'hunter2'];
    const answers = [
      await api.ask('GET', `/v1/accounts/${account}`, { bearer: token }),
      await api.ask('GET', `/v1/accounts/none`, { bearer: secret, headers: { cookie: 'session=hunter2' } }),
      await api.ask('GET', `/v1/nothing?key=${secret}`, { bearer: secret }),
      await api.ask('GET', `/v1/accounts/${account}`, { bearer: `${secret}x` }),
      await api.ask('GET', `/v1/accounts/${account}`, { bearer: `${token}x` }),
      await api.ask('POST', '/v1/keys', { bearer: secret, body: { name: 'x', scopes: ['root'], password: 'hunter2' } }),
      await api.ask('POST', '/v1/keys', { bearer: secret, body: `{"name": "${secret}` }),
      await api.ask('DELETE', `/v1/keys/${secret.split('_')[1]!}`, { bearer: secret }),
      await api.ask('GET', '/v1/keys', { bearer: secret }),
    ];
    await expect.poll(() => api.logged.length).toBeGreaterThan(answers.length);
    const log = api.logged.join('');
    for (const each of secrets) {
      const tail = each.slice(-30);
      expect(log.includes(tail), `logged: ${tail.slice(0, 6)}…`).toBe(false);
      for (const { text } of answers) expect(text.includes(tail)).toBe(false);
    }
    // The public part is there, so that a request can be traced to its key.
    expect(log).toContain(`key:${secret.split('_')[1]!}`);
  });
});

describe('requests that are not what they seem', () => {
  it('given tricks in the path, then they are ids that nobody has, or nothing at all', async () => {
    const token = await api.portalToken(account, 'owner', 'admin');
    const authorization = `Bearer ${token}`;
    const paths = [
      `/v1/accounts/${account}%2F..%2Fother`,
      `/v1/accounts/other%2F..%2F${account}`,
      `/v1/accounts/../accounts/other`,
      `/v1/accounts/${account}/../other`,
      `/v1/accounts/./other`,
      `/v1/accounts/other;/${account}`,
      `/v1/accounts/other%00${account}`,
      `/v1/accounts/${account}%00`,
      `/v1/accounts//${account}`,
      `//v1/accounts/other`,
      `/v1/accounts/${account.toUpperCase()}`,
      `/v1/accounts/__proto__`,
      `/v1/accounts/constructor`,
      `/v1/accounts/%c0%ae%c0%ae`,
      `/v1/accounts/%zz`,
      `/V1/accounts/other`,
      `/v1/accounts/${'a'.repeat(3000)}`,
    ];
    for (const path of paths) {
      const { status, body } = await raw('GET', path, { authorization });
      expect([400, 401, 403, 404, 414], `${path.slice(0, 100)} → ${String(status)} ${body}`).toContain(status);
      expect(body).not.toContain('signedUpAt');
    }
    expect((await raw('GET', `/v1/accounts/${account}`, { authorization })).status).toBe(200);
  });

  it('given line breaks for headers, or ids that would end up in them, then no header of theirs comes back', async () => {
    const evil = 'x%0d%0aset-cookie:%20a=b';
    const answers = [
      await api.ask('GET', `/v1/accounts/${evil}`),
      await api.ask('GET', `/v1/${evil}`),
      await api.ask('GET', `/v1/accounts/${account}`, { headers: { 'x-request-id': 'a b; set-cookie: x' } }),
    ];
    for (const { headers } of answers) {
      expect(headers.get('set-cookie')).toBeNull();
      expect(headers.get('x-request-id')).toMatch(/^[\w.:-]+$/);
    }
    expect(() => request(api.url, { headers: { 'idempotency-key': 'a\r\nx: y' } })).toThrow();
  });

  it('given keys of prototypes in a body, then it is refused, nothing is polluted, and nothing is written', async () => {
    const before = await dumpDatabase(api.engine.db);
    const { key } = api;
    for (const body of [
      '{"name":"x","scopes":["operator"],"__proto__":{"polluted":true}}',
      '{"name":"x","scopes":["operator"],"constructor":{"prototype":{"polluted":true}}}',
      '{"name":"x","scopes":["operator"],"prototype":{"polluted":true}}',
      '{"__proto__":null}',
      '[{"__proto__":{"polluted":true}}]',
    ]) {
      const answer = await api.ask('POST', '/v1/keys', { bearer: key, body });
      expect({ status: answer.status, code: answer.body.code }, body).toEqual({ status: 400, code: 'invalid_request' });
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    // When a key was last used is written by and by.
    const { api_keys: _used, ...after } = (await dumpDatabase(api.engine.db)) as Record<string, unknown>;
    const { api_keys: _before, ...same } = before as Record<string, unknown>;
    expect(after).toEqual(same);
  });

  it('given a body that is not declared as JSON, or by two names, then it is refused', async () => {
    const { key } = api;
    const authorization = `Bearer ${key}`;
    const body = '{"name":"x","scopes":["operator"]}';
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/jsonp',
    ]) {
      const { status } = await raw('POST', '/v1/keys', { authorization, 'content-type': type }, body);
      expect({ type, status }).toEqual({ type, status: 415 });
    }
  });
});
