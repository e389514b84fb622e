import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Answer, openSecuredApi, type SecuredApi } from './secured-api.ts';

let api: SecuredApi;
let perennial: SecuredApi['engine']['perennial'];

beforeAll(async () => {
  api = await openSecuredApi({ rateLimits: { default: null, usage: null, portal: null } });
  ({ perennial } = api.engine);
});

afterAll(async () => {
  await api.close();
});

/** An account on Pro with the owner, bob, an admin, and mona, a member; and bob's session from when he was one. */
async function accountOfBob(): Promise<{ account: string; bob: string; owner: string }> {
  const account = api.engine.name('dismissed');
  await perennial.signUp({ accountId: account, ownerId: ownerOf(account), catalog: 'codspeed' });
  await perennial.addPaymentMethod(account, 'pm_card_visa');
  await perennial.execute(account, { type: 'subscribe', plan: 'pro', seats: 3 });
  for (const id of [ownerOf(account), 'bob', 'mona'])
    await perennial.checkAccess(account, { kind: 'dashboard', member: { id } });
  await perennial.execute(account, { type: 'setRole', memberId: 'bob', role: 'admin' });
  return { account, bob: await sessionOf(account, 'bob'), owner: await sessionOf(account, ownerOf(account)) };
}

/** One account per owner (TRI-6). */
const ownerOf = (account: string): string => `owner of ${account}`;

/** As the product's backend asks for it. */
async function sessionOf(account: string, memberId: string): Promise<string> {
  const body = { memberId, role: 'admin', expiresInSeconds: 3600 };
  const bearer = await api.keyWith('accounts:write');
  return (await api.ask('POST', `/v1/accounts/${account}/portal-sessions`, { body, bearer })).body.token ?? '';
}

const told = ({ status, body }: Answer): string => `${String(status)} ${body.code ?? ''}`.trim();

/** Everything that a takeover is made of. */
function takeover(account: string, bearer: string): Promise<readonly string[]> {
  const acts: readonly (readonly [string, string, object?])[] = [
    ['PATCH', '/members/bob', { role: 'admin' }],
    ['PATCH', '/members/bob', { state: 'enabled' }],
    ['PATCH', `/members/${encodeURIComponent(ownerOf(account))}`, { state: 'disabled' }],
    ['DELETE', '/subscription'],
    ['PUT', '/payment-method', { paymentMethodId: 'pm_card_mastercard' }],
    ['POST', '/preview', { type: 'addSeats', count: 1 }],
    ['POST', '/payment-method-sessions', { returnUrl: api.url }],
    ['GET', '/invoices'],
    ['GET', '/audit'],
    ['GET', '/catalog'],
    ['GET', '/members/mona'],
  ];
  return Promise.all(
    acts.map(async ([method, path, body]) =>
      told(await api.ask(method, `/v1/accounts/${account}${path}`, { bearer, body })),
    ),
  );
}

const everything = (answer: string): readonly string[] => Array.from({ length: 11 }, () => answer);

describe('the session of an admin who was dismissed', () => {
  for (const [how, dismiss] of [
    ['demoted', { type: 'setRole', memberId: 'bob', role: 'member' }],
    ['disabled', { type: 'disableMember', memberId: 'bob' }],
  ] as const) {
    it(`SEA-17 given an admin who is ${how}, when they use the session they had, then nothing that admins may is theirs any more`, async () => {
      const { account, bob } = await accountOfBob();
      expect(told(await api.ask('GET', `/v1/accounts/${account}/invoices`, { bearer: bob }))).toBe('200');
      await perennial.execute(account, dismiss);
      expect(await takeover(account, bob)).toEqual(everything('403 member_not_admin'));
      // What members may read is theirs, as members read it.
      const { status, text } = await api.ask('GET', `/v1/accounts/${account}`, { bearer: bob });
      expect([status, /cents|4242|paymentMethod/i.test(text)]).toEqual([200, false]);
      const page = await api.ask('GET', '/portal/session', {
        bearer: null,
        headers: { cookie: `perennial_portal=${bob}` },
      });
      expect(page.body).toMatchObject({ memberId: 'bob', role: 'member' });
      const { members, phase, paymentMethod } = await perennial.status(account);
      expect(members.find(({ member }) => member === ownerOf(account))?.state).toBe('enabled');
      expect([phase, paymentMethod?.last4]).toEqual(['active', '4242']);
    });
  }

  it('SEA-17 given an admin again, then the session is good again until it ends', async () => {
    const { account, bob } = await accountOfBob();
    await perennial.execute(account, { type: 'setRole', memberId: 'bob', role: 'member' });
    await perennial.execute(account, { type: 'setRole', memberId: 'bob', role: 'admin' });
    expect(told(await api.ask('GET', `/v1/accounts/${account}/invoices`, { bearer: bob }))).toBe('200');
  });

  it('SEA-17 given commands that wait behind the demotion of who asked, when they are decided, then they are refused, the card too', async () => {
    const { account, bob, owner } = await accountOfBob();
    await api.engine.worker.stop();
    const demotion = api.ask('PATCH', `/v1/accounts/${account}/members/bob`, {
      bearer: owner,
      body: { role: 'member' },
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const late = ['disabled', 'card'].map((what) =>
      what === 'card'
        ? api.ask('PUT', `/v1/accounts/${account}/payment-method`, {
            ...{ bearer: bob, body: { paymentMethodId: 'pm_card_mastercard' } },
          })
        : api.ask('PATCH', `/v1/accounts/${account}/members/${encodeURIComponent(ownerOf(account))}`, {
            bearer: bob,
            body: { state: 'disabled' },
          }),
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    await api.engine.worker.start();
    expect(told(await demotion)).toBe('200');
    expect((await Promise.all(late)).map(told)).toEqual(['403 member_not_admin', '403 member_not_admin']);
    const { paymentMethod } = await perennial.status(account);
    expect(paymentMethod?.last4).toBe('4242');
    const requests = await api.engine.db('stripeRequests').where({ accountId: account }).select('idempotencyKey');
    expect(requests.filter(({ idempotencyKey }) => idempotencyKey.includes(':attach:'))).toHaveLength(1);
  });

  it('SEA-2 given the owner’s session from before they were a member, when they are demoted, then it ends like anybody’s', async () => {
    const account = api.engine.name('founder');
    await perennial.signUp({ accountId: account, ownerId: ownerOf(account), catalog: 'codspeed' });
    const owner = await sessionOf(account, ownerOf(account));
    const invite = { bearer: owner, body: { member: 'bob', role: 'admin' } };
    expect(told(await api.ask('POST', `/v1/accounts/${account}/members`, invite))).toBe('200');
    for (const id of [ownerOf(account), 'bob'])
      await perennial.checkAccess(account, { kind: 'dashboard', member: { id } });
    expect(told(await api.ask('GET', `/v1/accounts/${account}/invoices`, { bearer: owner }))).toBe('200');
    const bob = await sessionOf(account, 'bob');
    const demote = { bearer: bob, body: { role: 'member' } };
    expect(
      told(await api.ask('PATCH', `/v1/accounts/${account}/members/${encodeURIComponent(ownerOf(account))}`, demote)),
    ).toBe('200');
    expect(told(await api.ask('GET', `/v1/accounts/${account}/invoices`, { bearer: owner }))).toBe(
      '403 member_not_admin',
    );
    const again = { body: { memberId: ownerOf(account), role: 'admin' }, bearer: await api.keyWith('accounts:write') };
    expect(told(await api.ask('POST', `/v1/accounts/${account}/portal-sessions`, again))).toBe('403 member_not_admin');
  });

  it('AUD-2 given support, and a member whose id begins as its does, then support stays, and the member is what they are', async () => {
    const { account } = await accountOfBob();
    const support = await api.portalToken(account, 'mona', 'admin');
    const seats = `/v1/accounts/${account}/seats`;
    expect(told(await api.ask('POST', seats, { bearer: support, body: { count: 1 } }))).toBe('200');
    await perennial.execute(account, { type: 'addMember', memberId: 'support:eve', role: 'admin' });
    await perennial.execute(account, { type: 'enableMember', memberId: 'support:eve' });
    const eve = await sessionOf(account, 'support:eve');
    expect(told(await api.ask('POST', seats, { bearer: eve, body: { count: 1 } }))).toBe('200');
    await perennial.execute(account, { type: 'disableMember', memberId: 'support:eve' });
    expect(told(await api.ask('POST', seats, { bearer: eve, body: { count: 1 } }))).toBe('403 member_not_admin');
    expect(told(await api.ask('POST', seats, { bearer: support, body: { count: 1 } }))).toBe('200');
  });
});
