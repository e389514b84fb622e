import { randomBytes } from 'node:crypto';

import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { InstallationSecrets, type InstallationSecretsOptions } from '../../client/credentials/installation-secrets.ts';
import { PortalTokens } from '../../client/credentials/portal-tokens.ts';
import { livePortalSecrets } from '../../db/access/portal-secrets.ts';
import { instant } from '../engine/engine-under-test.ts';
import { type Answer, openSecuredApi, type SecuredApi } from './secured-api.ts';

let api: SecuredApi;
let account: string;

beforeAll(async () => {
  api = await openSecuredApi({ publicUrl: 'https://billing.example' });
  account = api.engine.name('portal');
  const { perennial } = api.engine;
  await perennial.signUp({ accountId: account, ownerId: 'owner', catalog: 'codspeed' });
  for (const id of ['owner', 'mona', 'dora']) {
    await perennial.checkAccess(account, { kind: 'dashboard', member: { id } });
  }
  await perennial.execute(account, { type: 'disableMember', memberId: 'dora' });
});

afterAll(async () => {
  await api.close();
});

function open(body: unknown, bearer?: string): Promise<Answer> {
  return api.ask('POST', `/v1/accounts/${account}/portal-sessions`, {
    body,
    ...(bearer === undefined ? {} : { bearer }),
  });
}

function look(bearer: string): Promise<Answer> {
  return api.ask('GET', `/v1/accounts/${account}`, { bearer });
}

function tokensWith(options: InstallationSecretsOptions): PortalTokens {
  return new PortalTokens(new InstallationSecrets(api.engine.db, options), options);
}

describe('portal sessions', () => {
  it('SEA-17 given an admin, when a session is opened, then its token is good for this account until it expires', async () => {
    const opened = await open({ memberId: 'owner', role: 'admin', expiresInSeconds: 600 });
    expect(opened.status).toBe(201);
    const { token, url, issuedAt, expiresAt } = opened.body as Record<string, string>;
    expect(url).toBe(`https://billing.example/portal/#token=${token!}`);
    expect(Date.parse(expiresAt!) - Date.parse(issuedAt!)).toBe(600_000);
    expect(decodeProtectedHeader(token!)).toMatchObject({ alg: 'HS256', typ: 'portal+jwt' });
    expect(decodeJwt(token!)).toMatchObject({
      iss: 'perennial',
      aud: 'perennial-portal',
      sub: 'owner',
      account,
      role: 'admin',
    });
    expect((await look(token!)).status).toBe(200);
  });

  it('SEA-17 given members, when a session is asked for, then the role is one they have, and who is disabled may see why', async () => {
    const key = await api.keyWith('accounts:write');
    const said = async (memberId: string, role: string): Promise<unknown[]> => {
      const { status, body } = await open({ memberId, role }, key);
      return [status, body.code ?? body.memberId];
    };
    expect(await said('mona', 'member')).toEqual([201, 'mona']);
    expect(await said('dora', 'member')).toEqual([201, 'dora']);
    expect(await said('owner', 'member')).toEqual([201, 'owner']);
    expect(await said('mona', 'admin')).toEqual([403, 'member_not_admin']);
    expect(await said('nobody', 'member')).toEqual([404, 'unknown_member']);
    expect(await said('nobody', 'admin')).toEqual([404, 'unknown_member']);
    const other = await api.ask('POST', '/v1/accounts/none/portal-sessions', {
      body: { memberId: 'owner', role: 'admin' },
    });
    expect(other.body.code).toBe('unknown_account');
  });

  it('SEA-2 given an owner who has not been there yet, then they are an admin, without becoming a member', async () => {
    const accountId = api.engine.name('fresh');
    await api.engine.perennial.signUp({ accountId, ownerId: 'founder', catalog: 'codspeed' });
    const path = `/v1/accounts/${accountId}/portal-sessions`;
    expect((await api.ask('POST', path, { body: { memberId: 'founder', role: 'admin' } })).status).toBe(201);
    expect(await api.engine.db('members').where({ accountId }).select()).toEqual([]);
  });

  it('AUD-2 given an operator who opens somebody else’s account, then the token has a name that tells so', async () => {
    const operator = await api.keyWith('operator');
    const opened = await open({ memberId: 'alice', role: 'admin' }, operator);
    expect(opened.body).toMatchObject({ memberId: 'support:alice', role: 'admin' });
    expect((await open({ memberId: 'owner', role: 'admin' }, operator)).body.memberId).toBe('owner');
    const asSupport = { memberId: 'owner', role: 'admin', asSupport: true };
    expect((await open(asSupport, operator)).body.memberId).toBe('support:owner');
    expect((await open(asSupport, await api.keyWith('accounts:write'))).body.code).toBe('forbidden');
  });

  it('given a lifetime of more than an hour, or a role that is none, then it is refused', async () => {
    for (const [change, field] of [
      [{ expiresInSeconds: 3601 }, 'expiresInSeconds'],
      [{ expiresInSeconds: 0 }, 'expiresInSeconds'],
      [{ role: 'owner' }, 'role'],
      [{ memberId: '' }, 'memberId'],
      [{ accountId: 'other' }, 'accountId'],
    ] as const) {
      const answer = await open({ memberId: 'owner', role: 'admin', ...change });
      expect(answer.body, JSON.stringify(change)).toMatchObject({ code: 'invalid_request', field });
    }
  });
});

describe('tokens that are refused', () => {
  const claims = { account: '', role: 'admin' };
  const base = (payload: object = claims): SignJWT =>
    new SignJWT({ ...payload, account })
      .setIssuer('perennial')
      .setAudience('perennial-portal')
      .setSubject('owner')
      .setJti('made up')
      .setIssuedAt()
      .setExpirationTime('10m');

  it('given tokens that are forged in any way, then none is believed', async () => {
    await open({ memberId: 'owner', role: 'admin' });
    const live = await livePortalSecrets(api.engine.db, instant('2030-01-01T00:00:00Z'));
    const { secret, secretId: kid } = live[0]!;
    const header = { alg: 'HS256', typ: 'portal+jwt', kid };
    const genuine = await base().setProtectedHeader(header).sign(secret);
    expect((await look(genuine)).status, 'the test signs as we do').toBe(200);
    const [head, payload, signature] = genuine.split('.') as [string, string, string];
    const forged: Record<string, string> = {
      'another secret': await base().setProtectedHeader(header).sign(randomBytes(32)),
      'another key id': await base()
        .setProtectedHeader({ ...header, kid: 'x' })
        .sign(secret),
      'no key id': await base().setProtectedHeader({ alg: 'HS256', typ: 'portal+jwt' }).sign(secret),
      'another algorithm': await base()
        .setProtectedHeader({ ...header, alg: 'HS512' })
        .sign(randomBytes(64)),
      'alg none': new UnsecuredJWT({ ...claims, account }).setIssuer('perennial').encode(),
      'alg none, signed part kept': `${Buffer.from(JSON.stringify({ ...header, alg: 'none' })).toString('base64url')}.${payload}.`,
      'no signature': `${head}.${payload}.`,
      'another payload': `${head}.${Buffer.from(JSON.stringify({ ...decodeJwt(genuine), account: 'other' })).toString('base64url')}.${signature}`,
      'another audience': await base().setAudience('perennial-api').setProtectedHeader(header).sign(secret),
      'another issuer': await base().setIssuer('elsewhere').setProtectedHeader(header).sign(secret),
      'another type': await base()
        .setProtectedHeader({ ...header, typ: 'JWT' })
        .sign(secret),
      'no end': await new SignJWT({ account, role: 'admin' })
        .setIssuer('perennial')
        .setAudience('perennial-portal')
        .setSubject('owner')
        .setJti('x')
        .setIssuedAt()
        .setProtectedHeader(header)
        .sign(secret),
      'longer than an hour': await base()
        .setIssuedAt(Math.floor(Date.now() / 1000) - 4000)
        .setProtectedHeader(header)
        .sign(secret),
      'a role there is not': await base({ role: 'operator' }).setProtectedHeader(header).sign(secret),
      'no role': await base({}).setProtectedHeader(header).sign(secret),
      'not a token': 'a.b.c',
    };
    for (const [how, token] of Object.entries(forged)) {
      const answer = await look(token);
      expect({ how, status: answer.status, code: answer.body.code }).toEqual({
        how,
        status: 401,
        code: 'unauthorized',
      });
    }
  });

  it('given a token of another time, then it has expired, and one of the future is not believed', async () => {
    let nowMs = Date.now() - 1_000_000;
    const tokens = tokensWith({ nowMs: () => nowMs });
    const token = await tokens.sign(tokens.claimsFor({ accountId: account, memberId: 'owner', role: 'admin' }, 900));
    expect((await tokens.find(token)).kind).toBe('live');
    const answer = await look(token);
    expect(answer.body).toMatchObject({ status: 401, detail: 'This token has expired.' });
    nowMs = Date.now() + 600_000;
    const early = await tokens.sign(tokens.claimsFor({ accountId: account, memberId: 'owner', role: 'admin' }, 900));
    expect((await look(early)).status).toBe(401);
  });
});

describe('the secrets that sign', () => {
  it('given a rotation in one process, when another reads late, then tokens of both secrets are good, and old ones end with their hour', async () => {
    let nowMs = Date.now();
    const [here, there] = [1, 2].map(() => tokensWith({ nowMs: () => nowMs })) as [PortalTokens, PortalTokens];
    const tokenOf = (tokens: PortalTokens): Promise<string> =>
      tokens.sign(tokens.claimsFor({ accountId: account, memberId: 'owner', role: 'admin' }, 3600));
    const before = await tokenOf(here);
    expect((await there.find(before)).kind).toBe('live');
    await here.rotate();
    const after = await tokenOf(here);
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
    expect((await there.find(after)).kind).toBe('live');
    expect((await here.find(before)).kind).toBe('live');
    nowMs += 3_700_000;
    expect((await here.find(before)).kind).toBe('unknown');
    await Promise.all([here.rotate(), there.rotate()]);
    expect((await here.find(await tokenOf(there))).kind).toBe('live');
  });

  it('given secrets by settings, then the first signs, both verify, and what is in the database counts for nothing', async () => {
    const [old, young] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
    const who = { accountId: account, memberId: 'owner', role: 'admin' } as const;
    const before = tokensWith({ secrets: [old] });
    const after = tokensWith({ secrets: [young, old] });
    const finished = tokensWith({ secrets: [young] });
    const kept = tokensWith({});
    const token = await before.sign(before.claimsFor(who, 60));
    expect((await after.find(token)).kind).toBe('live');
    expect((await finished.find(token)).kind).toBe('unknown');
    expect((await finished.find(await after.sign(after.claimsFor(who, 60)))).kind).toBe('live');
    expect((await finished.find(await kept.sign(kept.claimsFor(who, 60)))).kind).toBe('unknown');
  });
});
