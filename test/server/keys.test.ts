import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ServerKeys } from '../../client/credentials/server-keys.ts';
import { digestOf, isSecretOf, keyIdOf, newSecretKey } from '../../client/credentials/secret-key.ts';
import { findApiKey } from '../../db/access/api-keys.ts';
import { refusalCode } from '../engine/engine-under-test.ts';
import { openSecuredApi, type SecuredApi } from './secured-api.ts';

let api: SecuredApi;
let operator: string;

beforeAll(async () => {
  api = await openSecuredApi();
  operator = await api.keyWith('operator');
});

afterAll(async () => {
  await api.close();
});

const ACCOUNT = '/v1/accounts/nobody';

describe('server keys', () => {
  it('given an operator, when a key is made, then its secret is shown once, works within its scopes, and is nowhere in the database', async () => {
    const made = await api.ask('POST', '/v1/keys', {
      bearer: operator,
      body: { name: 'backend', scopes: ['accounts:read', 'accounts:read'] },
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ name: 'backend', scopes: ['accounts:read'], lastUsedAt: null, expiresAt: null });
    const { id, secret } = made.body as { id: string; secret: string };
    expect(secret).toMatch(new RegExp(`^perennial_${id}_[\\w-]{43}$`));
    expect((await api.ask('GET', ACCOUNT, { bearer: secret })).body.code).toBe('unknown_account');
    expect((await api.ask('GET', '/v1/keys', { bearer: secret })).status).toBe(403);
    const listed = await api.ask('GET', '/v1/keys', { bearer: operator });
    expect(listed.body.items!.map(({ id: each }) => each)).toContain(id);
    expect(listed.text).not.toContain('secret');
    const row = await findApiKey(api.engine.db, id);
    expect(row?.secretDigest.length).toBe(32);
    expect(JSON.stringify(row)).not.toContain(secret.slice(-43));
  });

  it('given more keys than a page holds, when they are listed, then the pages show each once, newest first', async () => {
    const all = (await api.ask('GET', '/v1/keys?limit=100', { bearer: operator })).body.items!;
    const seen: string[] = [];
    let cursor: string | null | undefined = '';
    while (typeof cursor === 'string') {
      const page = await api.ask('GET', `/v1/keys?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`, {
        bearer: operator,
      });
      seen.push(...page.body.items!.map(({ id }) => id));
      cursor = page.body.nextCursor;
    }
    expect(seen).toEqual(all.map(({ id }) => id));
    expect((await api.ask('GET', '/v1/keys?cursor=nothing', { bearer: operator })).status).toBe(404);
  });

  it('given a key, when it is rotated, then both work for the overlap, and afterwards only the successor does', async () => {
    const { db } = api.engine;
    let nowMs = Date.now();
    const keys = new ServerKeys(db, { nowMs: () => nowMs });
    const first = await keys.create({ name: 'turning', scopes: ['usage:write'] });
    const second = await keys.rotate(first.key.keyId, 2);
    expect(second.key).toMatchObject({
      name: 'turning',
      scopes: ['usage:write'],
      familyId: first.key.keyId,
      expiresAt: null,
    });
    const kinds = async (): Promise<string[]> => [
      (await keys.find(first.secret)).kind,
      (await keys.find(second.secret)).kind,
    ];
    expect(await kinds()).toEqual(['live', 'live']);
    expect(await refusalCode(keys.rotate(first.key.keyId))).toBe('key_not_live');
    nowMs += 2 * 3_600_000 - 1000;
    expect(await kinds()).toEqual(['live', 'live']);
    nowMs += 2000;
    expect(await kinds()).toEqual(['expired', 'live']);
    expect(await refusalCode(keys.rotate(first.key.keyId))).toBe('key_not_live');
    expect(await refusalCode(keys.rotate('nothing!'))).toBe('unknown_key');
  });

  it('given two who rotate one key at once, then there is one successor and one refusal', async () => {
    const { key } = await api.engine.perennial.keys.create({ name: 'contested', scopes: ['usage:write'] });
    const answers = await Promise.all(
      [1, 2].map(() => api.ask('POST', `/v1/keys/${key.keyId}/rotate`, { bearer: operator, body: {} })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  it('given a key, when it is revoked, then it is refused at once here, and elsewhere when what is cached is too old', async () => {
    let nowMs = Date.now();
    const elsewhere = new ServerKeys(api.engine.db, { nowMs: () => nowMs });
    const { key, secret } = await api.engine.perennial.keys.create({ name: 'lost', scopes: ['accounts:read'] });
    expect((await elsewhere.find(secret)).kind).toBe('live');
    expect((await api.ask('GET', ACCOUNT, { bearer: secret })).status).toBe(404);
    const revoked = await api.ask('DELETE', `/v1/keys/${key.keyId}`, { bearer: operator });
    expect(revoked.body.revokedAt).not.toBeNull();
    expect((await api.ask('GET', ACCOUNT, { bearer: secret })).status).toBe(401);
    expect((await elsewhere.find(secret)).kind).toBe('live');
    nowMs += 5000;
    expect((await elsewhere.find(secret)).kind).toBe('revoked');
    const again = await api.ask('DELETE', `/v1/keys/${key.keyId}`, { bearer: operator });
    expect(again.body).toEqual(revoked.body);
  });

  it('given a key in use, then a check asks the database once in a while only, and its use is noted once a minute', async () => {
    let nowMs = Date.now();
    const { db } = api.engine;
    const keys = new ServerKeys(db, { nowMs: () => nowMs });
    const { key, secret } = await keys.create({ name: 'busy', scopes: ['usage:write'] });
    const asked: string[] = [];
    const listen = ({ sql }: { sql: string }): void => void asked.push(sql.split(' ')[0]!);
    db.on('query', listen);
    for (let each = 0; each < 50; each++) expect((await keys.find(secret)).kind).toBe('live');
    expect(asked.sort()).toEqual(['select', 'update']);
    nowMs += 59_000;
    await keys.find(secret);
    nowMs += 2000;
    await keys.find(secret);
    await expect.poll(() => asked.filter((each) => each === 'update')).toHaveLength(2);
    db.off('query', listen);
    await expect.poll(async () => (await findApiKey(db, key.keyId))?.lastUsedAt).not.toBeNull();
  });

  it('given a wrong secret behind a right prefix, or no key at all, then it is unknown', async () => {
    const { key } = await api.engine.perennial.keys.create({ name: 'real', scopes: ['usage:write'] });
    for (const bearer of [
      `perennial_${key.keyId}_${'A'.repeat(43)}`,
      `perennial_${key.keyId}_`,
      newSecretKey().secret,
      'perennial_',
      key.keyId,
    ]) {
      const answer = await api.ask('GET', ACCOUNT, { bearer });
      expect({ status: answer.status, code: answer.body.code }, bearer).toEqual({ status: 401, code: 'unauthorized' });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  it('given nonsense for a key, then the field is named and nothing is made', async () => {
    const before = await api.engine.db('apiKeys').count();
    for (const [body, field] of [
      [{ name: '', scopes: ['operator'] }, 'name'],
      [{ name: 'a\nb', scopes: ['operator'] }, 'name'],
      [{ name: 'x', scopes: [] }, 'scopes'],
      [{ name: 'x', scopes: ['root'] }, 'scopes[0]'],
      [{ name: 'x', scopes: ['operator'], expiresAt: '2001-01-01T00:00:00Z' }, 'expiresAt'],
      [{ name: 'x', scopes: ['operator'], expiresAt: 'tomorrow' }, 'expiresAt'],
      [{ name: 'x', scopes: ['operator'], secret: 'mine' }, 'secret'],
    ] as const) {
      const answer = await api.ask('POST', '/v1/keys', { bearer: operator, body });
      expect(answer.body, JSON.stringify(body)).toMatchObject({ status: 400, code: 'invalid_request', field });
    }
    expect(await api.engine.db('apiKeys').count()).toEqual(before);
  });

  it('given a secret, then only itself is its equal', () => {
    const { keyId, secret } = newSecretKey();
    expect(keyIdOf(secret)).toBe(keyId);
    expect(isSecretOf(secret, digestOf(secret))).toBe(true);
    expect(isSecretOf(newSecretKey().secret, digestOf(secret))).toBe(false);
    expect(isSecretOf(secret, null)).toBe(false);
  });
});
