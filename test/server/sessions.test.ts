import { randomBytes } from 'node:crypto';

import { decodeProtectedHeader, EncryptJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { InstallationSecrets } from '../../client/credentials/installation-secrets.ts';
import { OperatorSessions } from '../../client/credentials/operator-sessions.ts';
import { signInLink } from '../../client/credentials/sign-in-link.ts';
import { type Answer, openSecuredApi, type SecuredApi } from './secured-api.ts';

let api: SecuredApi;
let account: string;
let otherAccount: string;

beforeAll(async () => {
  api = await openSecuredApi({ temporal: { uiUrl: 'http://127.0.0.1:8233', namespace: 'default' } });
  const { perennial } = api.engine;
  [account, otherAccount] = [api.engine.name('mine'), api.engine.name('theirs')] as [string, string];
  for (const accountId of [account, otherAccount]) {
    await perennial.signUp({ accountId, ownerId: `owner of ${accountId}`, catalog: 'codspeed' });
  }
  await perennial.addPaymentMethod(account, 'pm_card_visa');
  await perennial.execute(account, { type: 'subscribe', plan: 'pro', seats: 1 });
  await perennial.checkAccess(account, { kind: 'dashboard', member: { id: 'mona' } });
});

afterAll(async () => {
  await api.close();
});

/** As a browser keeps it: `name=value`. */
function cookieOf({ headers }: Answer): string {
  return headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

function post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return api.ask('POST', path, { bearer: null, body, headers });
}

async function portalCookie(role: 'admin' | 'member', accountId = account): Promise<string> {
  const memberId = role === 'admin' ? `owner of ${accountId}` : 'mona';
  return cookieOf(await post('/portal/session', { token: await api.portalToken(accountId, memberId, role) }));
}

async function operatorCookie(key: string): Promise<string> {
  return cookieOf(await post('/operator/session', { key }));
}

function look(cookie: string, session: string | null, path = `/v1/accounts/${account}`): Promise<Answer> {
  const named = session === null ? {} : { 'x-perennial-session': session };
  return api.ask('GET', path, { bearer: null, headers: { cookie, ...named } });
}

describe('a session of the portal', () => {
  it('SEA-17 given a portal token, when a session is made of it, then its cookie is for our pages alone and ends with the token', async () => {
    const token = await api.portalToken(account, 'mona', 'member');
    const made = await post('/portal/session', { token });
    expect(made.status).toBe(204);
    const [cookie = ''] = made.headers.getSetCookie();
    const attributes = cookie.split('; ').slice(1);
    expect(attributes).toEqual(expect.arrayContaining(['HttpOnly', 'SameSite=Strict', 'Path=/']));
    const maxAge = Number(/Max-Age=(\d+)/.exec(cookie)?.[1]);
    expect(maxAge).toBeGreaterThan(880);
    expect(maxAge).toBeLessThanOrEqual(900);
    expect(cookie).not.toContain('Secure');

    const told = await look(cookieOf(made), null, '/portal/session');
    expect(told.body).toMatchObject({ accountId: account, memberId: 'mona', role: 'member' });
    expect((await api.ask('GET', '/portal/session', { bearer: null })).body).toMatchObject({ code: 'unauthorized' });

    const ended = await api.ask('DELETE', '/portal/session', { bearer: null, headers: { cookie: cookieOf(made) } });
    expect(ended.status).toBe(204);
    expect(ended.headers.getSetCookie()[0]).toMatch(/^perennial_portal=; Max-Age=0;.*HttpOnly; SameSite=Strict/);
  });

  it('SEA-17 given a member’s session, then there are no amounts in it, and an admin’s has them', async () => {
    const [member, admin] = [await portalCookie('member'), await portalCookie('admin')];
    expect((await look(member, 'portal')).text).not.toMatch(/[cC]ents/);
    expect((await look(admin, 'portal')).text).toMatch(/[cC]ents/);
    const refused = await look(member, 'portal', `/v1/accounts/${account}/invoices`);
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const write = await api.ask('PUT', `/v1/accounts/${account}/automatic-allocation`, {
      bearer: null,
      body: { enabled: true },
      headers: { cookie: member, 'x-perennial-session': 'portal' },
    });
    expect(write.status).toBe(403);
  });

  it('AUD-1 given a session, when another account is asked for, then it is refused like any token of another', async () => {
    const cookie = await portalCookie('admin', otherAccount);
    expect(await look(cookie, 'portal')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await look(cookie, 'portal', '/v1/accounts')).status).toBe(403);
  });
});

describe('what a cookie counts for', () => {
  it('AUD-1 given a cookie and no header that names its session, or another’s, then it counts for nothing', async () => {
    const cookies = `${await portalCookie('admin')}; ${await operatorCookie(api.key)}`;
    for (const session of [null, '', 'admin', 'Portal', 'portal, operator']) {
      const { status, body } = await look(cookies, session);
      expect({ session, status, code: body.code }).toEqual({ session, status: 401, code: 'unauthorized' });
    }
    expect((await look(await portalCookie('admin'), 'operator')).status).toBe(401);
    expect((await look(await operatorCookie(api.key), 'portal')).status).toBe(401);
    expect((await look(cookies, 'operator')).status).toBe(200);
    const bearer = await api.ask('GET', `/v1/accounts/${account}`, {
      bearer: 'nonsense',
      headers: { cookie: cookies, 'x-perennial-session': 'operator' },
    });
    expect(bearer.status, 'what is sent by hand goes before what is kept').toBe(401);
  });

  it('AUD-1 given cookies that are forged, tampered with, expired or meant for something else, then none is believed', async () => {
    const { operatorSessions } = api.engine.perennial;
    const key = await api.keyWith('operator');
    const genuine = (await operatorCookie(key)).split('=')[1]!;
    const [head = '', , iv = '', sealed = '', tag = ''] = genuine.split('.');
    const header = decodeProtectedHeader(genuine);
    const expiresAtSeconds = Math.floor(Date.now() / 1000) + 600;
    const foreign = new EncryptJWT({ key }).setIssuer('perennial').setAudience('perennial-operator-session');
    const flipped = `${sealed.startsWith('A') ? 'B' : 'A'}${sealed.slice(1)}`;
    const forged: Record<string, string> = {
      'another secret': await foreign
        .setIssuedAt()
        .setExpirationTime('1h')
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: String(header.typ), kid: String(header.kid) })
        .encrypt(randomBytes(32)),
      'another content': [head, '', iv, flipped, tag].join('.'),
      'another tag': [head, '', iv, sealed, tag.split('').reverse().join('')].join('.'),
      'a sign-in code': await operatorSessions.seal('sign-in', { key, expiresAtSeconds }),
      expired: await operatorSessions.seal('session', { key, expiresAtSeconds: expiresAtSeconds - 700 }),
      'the key itself': key,
      'a portal token': await api.portalToken(account, 'mona', 'member'),
      nothing: '',
      'of another installation': await new OperatorSessions(
        new InstallationSecrets(api.engine.db, { secrets: ['x'.repeat(32)] }),
      ).seal('session', { key, expiresAtSeconds }),
    };
    expect((await look(`perennial_operator=${genuine}`, 'operator')).status).toBe(200);
    for (const [how, value] of Object.entries(forged)) {
      const { status, body } = await look(`perennial_operator=${value}`, 'operator');
      expect({ how, status, code: body.code }).toEqual({ how, status: 401, code: 'unauthorized' });
    }
    const token = await api.portalToken(account, 'mona', 'member');
    const [first, payload, signature] = token.split('.') as [string, string, string];
    const admin = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('"member"', '"admin"')).toString(
      'base64url',
    );
    for (const value of [`${first}.${admin}.${signature}`, `${first}.${payload}.`, api.key, genuine]) {
      expect((await look(`perennial_portal=${value}`, 'portal')).status).toBe(401);
      expect((await post('/portal/session', { token: value })).body.code).toBe('unauthorized');
    }
  });
});

describe('a session of an operator', () => {
  it('given a key, when an operator signs in, then the cookie does not have it in clear, and the session says what it is for', async () => {
    const key = await api.keyWith('operator', 'sandbox');
    const made = await post('/operator/session', { key });
    expect(made.status).toBe(204);
    const [cookie = ''] = made.headers.getSetCookie();
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    expect(cookie).toMatch(/Max-Age=(28800|28799);/);
    expect(cookie).not.toContain(key.slice(10));
    expect(decodeProtectedHeader(cookieOf(made).split('=')[1]!)).toMatchObject({ alg: 'dir', enc: 'A256GCM' });
    const told = await look(cookieOf(made), null, '/operator/session');
    expect(told.body).toMatchObject({
      ...{ keyId: key.split('_')[1], scopes: ['operator', 'sandbox'], isSandbox: true },
      ...{ temporalUiUrl: 'http://127.0.0.1:8233', temporalNamespace: 'default' },
    });
    expect((await look(cookieOf(made), 'operator', '/v1/accounts')).status).toBe(200);
  });

  it('given a key that is no operator’s, or none at all, then nobody is signed in', async () => {
    const weak = await api.keyWith('accounts:read', 'accounts:write');
    const made = await Promise.all(
      [{ key: weak }, { key: 'perennial_aaaaaaaa_nonsense' }, { code: 'a.b.c' }, {}, { key: weak, code: 'x' }].map(
        (body) => post('/operator/session', body),
      ),
    );
    expect(made.map(({ status, body }) => [status, body.code])).toEqual([
      [403, 'forbidden'],
      [401, 'unauthorized'],
      [401, 'unauthorized'],
      [400, 'invalid_request'],
      [400, 'invalid_request'],
    ]);
    expect(made.flatMap(({ headers }) => headers.getSetCookie())).toEqual([]);
  });

  it('given the code of a sign-in link, then it signs in once, within ten minutes, and is no session by itself', async () => {
    const key = await api.keyWith('operator');
    const link = await signInLink(api.engine.perennial, { origin: 'https://billing.example', key });
    expect(link).toMatch(/^https:\/\/billing\.example\/operator\/#code=/);
    const code = link.split('#code=')[1]!;
    const made = await post('/operator/session', { code });
    expect((await look(cookieOf(made), 'operator')).status).toBe(200);

    const again = await Promise.all([post('/operator/session', { code }), post('/operator/session', { code })]);
    for (const answer of again) {
      expect(answer.body).toMatchObject({ status: 401, detail: 'This sign-in link was already used.' });
      expect(answer.headers.getSetCookie()).toEqual([]);
    }

    const before = new OperatorSessions(new InstallationSecrets(api.engine.db), { nowMs: () => Date.now() - 601_000 });
    const expiresAtSeconds = before.endOf('sign-in');
    const old = await post('/operator/session', { code: await before.seal('sign-in', { key, expiresAtSeconds }) });
    expect(old.body).toMatchObject({ status: 401, detail: 'This sign-in link has expired.' });
    const session = (await operatorCookie(key)).split('=')[1]!;
    expect((await post('/operator/session', { code: session })).status).toBe(401);
  });

  it('AUD-2 given a key that is revoked, then its sessions and links are over at once, elsewhere within 5 seconds', async () => {
    const key = await api.keyWith('operator');
    const cookie = await operatorCookie(key);
    const code = (await signInLink(api.engine.perennial, { origin: '', key })).split('#code=')[1]!;
    expect((await look(cookie, 'operator')).status).toBe(200);
    await api.engine.perennial.keys.revoke(key.split('_')[1]!);
    expect((await look(cookie, 'operator')).body).toMatchObject({ status: 401, detail: 'This key was revoked.' });
    expect((await look(cookie, null, '/operator/session')).status).toBe(401);
    expect((await post('/operator/session', { code })).status).toBe(401);
  });
});

describe('who may sign in and out', () => {
  it('AUD-1 given a page of another origin, when it signs somebody in or out, then it is refused', async () => {
    const token = await api.portalToken(account, 'mona', 'member');
    const foreign = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: api.url },
      { 'sec-fetch-site': 'none' },
    ];
    for (const headers of foreign) {
      for (const answer of [
        await post('/portal/session', { token }, headers),
        await post('/operator/session', { key: api.key }, headers),
        await api.ask('DELETE', '/portal/session', { bearer: null, headers }),
        await api.ask('DELETE', '/operator/session', { bearer: null, headers }),
      ]) {
        expect({ headers, status: answer.status }).toEqual({ headers, status: 403 });
        expect(answer.headers.getSetCookie()).toEqual([]);
      }
    }
    for (const headers of [{ origin: api.url }, { origin: api.url, 'sec-fetch-site': 'same-origin' }, {}]) {
      expect((await post('/portal/session', { token }, headers)).status).toBe(204);
    }
  });

  it('AUD-1 given another origin that asks whether it may, then nothing is granted', async () => {
    for (const path of ['/portal/session', `/v1/accounts/${account}`]) {
      const answer = await api.ask('OPTIONS', path, {
        bearer: null,
        headers: {
          origin: 'https://evil.example',
          'access-control-request-method': 'GET',
          'access-control-request-headers': 'x-perennial-session',
        },
      });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(answer.headers.get('access-control-allow-headers')).toBeNull();
    }
  });

  it('given a body that is too large or has more in it, then it is refused', async () => {
    expect((await post('/portal/session', { token: 'x'.repeat(9000) })).status).toBe(413);
    expect((await post('/portal/session', { token: 'x'.repeat(5000) })).status).toBe(400);
    expect((await post('/portal/session', { token: 'x', account })).status).toBe(400);
  });

  it('given an address that guesses, then it is soon not looked up any more, and sessions of others go on', async () => {
    const cookie = await operatorCookie(api.key);
    const statuses = new Set<number>();
    for (let guess = 0; guess < 62; guess++) {
      statuses.add(
        (await post('/operator/session', { key: `perennial_aaaaaaaa_${String(guess).padEnd(43, 'x')}` })).status,
      );
    }
    expect([...statuses]).toEqual([401, 429]);
    expect((await look(cookie, 'operator')).status).toBe(200);
  });

  it('given all of this, then no secret of it was logged', () => {
    const log = api.logged.join('');
    expect(log).not.toContain(api.key.slice(-30));
    expect(log).not.toMatch(/eyJ[\w-]{10}/);
    expect(log).toContain('/operator/session');
  });

  it('given pages that are reached over TLS, then cookies are sent over nothing else', async () => {
    const secured = await openSecuredApi({ publicUrl: 'https://billing.example' });
    try {
      const made = await secured.ask('POST', '/operator/session', {
        bearer: null,
        body: { key: secured.key },
        headers: { origin: 'https://billing.example' },
      });
      expect(made.status).toBe(204);
      expect(made.headers.getSetCookie()[0]).toContain('; Secure');
    } finally {
      await secured.close();
    }
  });
});
