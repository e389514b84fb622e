import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { claimRequest } from '../../db/access/idempotent-requests.ts';
import { addSeconds } from '../../billing/calendar/instant.ts';
import { instant } from '../engine/engine-under-test.ts';
import { type Answer, openSecuredApi, type SecuredApi } from './secured-api.ts';

let api: SecuredApi;
let account: string;

beforeAll(async () => {
  api = await openSecuredApi();
  account = api.engine.name('repeat');
  await api.engine.perennial.signUp({ accountId: account, ownerId: 'owner', catalog: 'codspeed' });
});

afterAll(async () => {
  await api.close();
});

function make(idempotencyKey: string, body: unknown, bearer?: string): Promise<Answer> {
  const headers = { 'idempotency-key': idempotencyKey };
  return api.ask('POST', '/v1/keys', { body, headers, ...(bearer === undefined ? {} : { bearer }) });
}

function openSession(idempotencyKey: string, expiresInSeconds = 60): Promise<Answer> {
  const body = { role: 'admin', memberId: 'owner', expiresInSeconds };
  const headers = { 'idempotency-key': idempotencyKey };
  return api.ask('POST', `/v1/accounts/${account}/portal-sessions`, { body, headers });
}

async function keysNamed(name: string): Promise<number> {
  return (await api.engine.db('apiKeys').where({ name }).select('keyId')).length;
}

describe('POSTs with an Idempotency-Key', () => {
  it('given a key is made, when the request is repeated, then there is one, and its secret is not told again nor kept', async () => {
    const body = { name: 'once', scopes: ['usage:write'] };
    const first = await make('make once', body);
    expect(first.status).toBe(201);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    const again = await make('make once', { scopes: ['usage:write'], name: 'once' });
    expect(again.status).toBe(201);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('content-type')).toContain('application/json');
    expect(again.body).toEqual({ ...first.body, secret: null });
    expect(await keysNamed('once')).toBe(1);
    const rows = JSON.stringify(await api.engine.db('idempotentRequests').select());
    expect(rows).not.toContain(first.body.secret!.slice(-43));
  });

  it('given a portal session, when the request is repeated, then it is the same token, which was not kept', async () => {
    const first = await openSession('session');
    const again = await openSession('session');
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    const rows = JSON.stringify(await api.engine.db('idempotentRequests').select());
    const signature = first.body.token!.split('.')[2]!;
    expect(rows).not.toContain(signature);
  });

  it('CRE-11 given the same key with other content, another path, or as another caller, then it is another request', async () => {
    const body = { name: 'content', scopes: ['usage:write'] };
    await make('content', body);
    const conflicts = [
      await make('content', { ...body, name: 'other content' }),
      await openSession('content'),
      await api.ask('POST', '/v1/keys?x=1', { body, headers: { 'idempotency-key': 'content' } }),
    ];
    for (const { body: told } of conflicts) expect(told).toMatchObject({ status: 409, code: 'idempotency_conflict' });
    expect(await keysNamed('other content')).toBe(0);
    const stranger = await api.keyWith('operator');
    expect((await make('content', body, stranger)).headers.get('idempotent-replayed')).toBeNull();
    expect(await keysNamed('content')).toBe(2);
  });

  it('given a key that was rotated in between, then its successor repeats its requests', async () => {
    const old = await api.keyWith('operator');
    const body = { name: 'across', scopes: ['usage:write'] };
    const first = await make('across', body, old);
    const { secret } = await api.engine.perennial.keys.rotate(old.split('_')[1]!);
    expect((await make('across', body, secret)).body.id).toBe(first.body.id);
  });

  it('given the same request twelve times at once, then one acts, and the others get its answer or are told to come back', async () => {
    const body = { name: 'rush', scopes: ['usage:write'] };
    const answers = await Promise.all(Array.from({ length: 12 }, () => make('rush', body)));
    const codes = new Set(answers.map((answer) => answer.body.code ?? answer.status));
    expect([...codes].every((code) => code === 201 || code === 'request_in_progress')).toBe(true);
    expect(answers.filter(({ body: { secret } }) => typeof secret === 'string')).toHaveLength(1);
    expect(await keysNamed('rush')).toBe(1);
    expect((await make('rush', body)).headers.get('idempotent-replayed')).toBe('true');
  });

  it('given a request that was refused, then it leaves no trace and may be sent again under the same key', async () => {
    const send = (memberId: string): Promise<Answer> =>
      api.ask('POST', `/v1/accounts/${account}/portal-sessions`, {
        body: { role: 'member', memberId },
        headers: { 'idempotency-key': 'early' },
      });
    expect((await send('late')).body.code).toBe('unknown_member');
    expect(await api.engine.db('idempotentRequests').where({ idempotencyKey: 'early' }).select()).toEqual([]);
    await api.engine.perennial.checkAccess(account, { kind: 'dashboard', member: { id: 'late' } });
    expect((await send('late')).status).toBe(201);
  });

  it('given a holder that died, then whoever asks after its time acts, and what it says then changes nothing', async () => {
    const { db } = api.engine;
    const now = instant('2027-01-01T00:00:00Z');
    const claim = { owner: 'key x', idempotencyKey: 'dead', digest: 'd', claimedUntil: addSeconds(now, 90) };
    const first = { ...claim, claimId: 'first' };
    const second = { ...claim, claimId: 'second', claimedUntil: addSeconds(now, 180) };
    expect(await claimRequest(db, first, now)).toEqual({ kind: 'act' });
    expect(await claimRequest(db, second, addSeconds(now, 89))).toEqual({ kind: 'in-progress' });
    expect(await claimRequest(db, { ...second, digest: 'e' }, addSeconds(now, 91))).toEqual({ kind: 'conflict' });
    expect(await claimRequest(db, second, addSeconds(now, 91))).toEqual({ kind: 'act' });
    const { requests } = api.engine.perennial;
    await requests.answered(first, 200, '"late"');
    await requests.released(first);
    expect(await claimRequest(db, first, addSeconds(now, 92))).toEqual({ kind: 'in-progress' });
    await requests.answered(second, 201, '"done"');
    expect(await claimRequest(db, first, addSeconds(now, 92))).toEqual({
      kind: 'answered',
      status: 201,
      answer: '"done"',
    });
  });

  it('given a key that is none, then the header is named', async () => {
    for (const bad of ['x'.repeat(201), 'ü']) {
      const answer = await make(bad, { name: 'bad', scopes: ['usage:write'] });
      expect(answer.body).toMatchObject({ code: 'invalid_request', field: 'Idempotency-Key' });
    }
    expect(await keysNamed('bad')).toBe(0);
  });
});
