import Fastify from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { authenticateBearer } from '../../server/auth/authenticate-bearer.ts';
import { guardRoutes } from '../../server/auth/guard-routes.ts';
import { type Scope, scope } from '../../client/credentials/principal.ts';
import { buildApi } from '../../server/server.ts';
import { PUBLIC_PATHS, type Recipe, RECIPES } from './recipes.ts';
import { type Answer, openSecuredApi, type SecuredApi } from './secured-api.ts';

interface Operation {
  readonly id: string;
  readonly method: string;
  /** As in the document: `/v1/accounts/{account}`. */
  readonly path: string;
  readonly recipe: Recipe;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId?: string }>>>>;
}

/** Scopes that a key may have and still lack this one: an operator's key includes those of accounts. */
const IN_OPERATOR: ReadonlySet<Scope> = new Set<Scope>(['accounts:read', 'accounts:write']);
const NOBODY = 'no-such-account';
const MEMBER = 'mona';

let api: SecuredApi;
let document: OpenApi;
let operations: readonly Operation[];
let account: string;
let otherAccount: string;
let memberToken: string;
let adminToken: string;
let strangerToken: string;

beforeAll(async () => {
  api = await openSecuredApi({ rateLimits: { default: null, usage: null, portal: null } });
  const { perennial } = api.engine;
  [account, otherAccount] = [api.engine.name('mine'), api.engine.name('theirs')] as [string, string];
  for (const accountId of [account, otherAccount]) {
    await perennial.signUp({ accountId, ownerId: `owner of ${accountId}`, catalog: 'codspeed' });
  }
  // Something to hide: a seat that costs money, an invoice that was paid, a notice of what was bought.
  await perennial.addPaymentMethod(account, 'pm_card_visa');
  await perennial.execute(account, { type: 'subscribe', plan: 'pro', seats: 1 });
  await perennial.checkAccess(account, { kind: 'dashboard', member: { id: MEMBER } });
  await perennial.execute(account, { type: 'setAutomaticAllocation', enabled: true });
  await perennial.checkAccess(account, { kind: 'dashboard', member: { id: 'nina' } });
  memberToken = await api.portalToken(account, MEMBER, 'member');
  adminToken = await api.portalToken(account, `owner of ${account}`, 'admin');
  strangerToken = await api.portalToken(otherAccount, `owner of ${otherAccount}`, 'admin');
  document = (await (await fetch(`${api.url}/openapi.json`)).json()) as OpenApi;
  operations = operationsOf(document).flatMap(({ recipe, ...rest }) => (recipe === null ? [] : [{ ...rest, recipe }]));
});

afterAll(async () => {
  await api.close();
});

function operationsOf({ paths }: OpenApi): (Omit<Operation, 'recipe'> & { recipe: Recipe | null })[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { operationId }]) => {
      if (PUBLIC_PATHS.has(path)) return [];
      const id = operationId ?? `${method} ${path}`;
      return [{ id, method: method.toUpperCase(), path, recipe: RECIPES[id] ?? null }];
    }),
  );
}

/** The operation on an account, with a body that is enough to be looked at: who may not must be told so before that. */
function send(
  { method, path, recipe }: Operation,
  bearer: string | null,
  { accountId = account, memberId = MEMBER }: { accountId?: string; memberId?: string } = {},
): Promise<Answer> {
  const values: Readonly<Record<string, string>> = { ...recipe.params, account: accountId, member: memberId };
  const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(values[name] ?? 'anything'));
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: recipe.body ?? {} };
  return api.ask(method, `${filled}${recipe.query ?? ''}`, { bearer, ...body });
}

/** Everything that an answer says, but for what names this one request. */
function said({ status, body: { requestId: _request, ...body } }: Answer): unknown {
  return { status, body };
}

function keyWithout(wanted: Scope): Promise<string> {
  const others = scope.options.filter((each) => each !== wanted && !(each === 'operator' && IN_OPERATOR.has(wanted)));
  return api.keyWith(...others);
}

/** The names under which money is told. */
const AMOUNT =
  /[cC]ents$|[mM]inor$|[aA]mount|[pP]rice|^(sub)?[tT]otal|^caps?$|^cap[A-Z]|^budget|[cC]ost$|[bB]alance|^rate$|^currency$/;
const MONEY = /[$€£¥]\s?\d|\d[.,]\d\d\s?(USD|EUR|usd|eur)\b|\b(USD|EUR)\s?\d/;

/** Where in a document an amount is, as paths. */
function amountsIn(value: unknown, path = ''): string[] {
  if (typeof value === 'string') return MONEY.test(value) ? [`${path} = ${value}`] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => [
    ...(AMOUNT.test(name) && !Array.isArray(value) ? [`${path}.${name}`] : []),
    ...amountsIn(field, `${path}.${name}`),
  ]);
}

describe('who may do what, for every operation of the OpenAPI document', () => {
  it('AUD-1 given the document, then every operation has a recipe in test/server/recipes.ts, and every recipe an operation', () => {
    const found = operationsOf(document);
    expect(found.filter(({ recipe }) => recipe === null).map(({ id, path }) => `${id} (${path})`)).toEqual([]);
    expect(Object.keys(RECIPES).filter((id) => !found.some((each) => each.id === id))).toEqual([]);
    expect(operations.length).toBeGreaterThan(10);
    expect(found.filter(({ path }) => !path.startsWith('/v1/')).map(({ path }) => path)).toEqual([]);
  });

  it('AUD-1 given no credentials, or such as mean nothing, then nothing is told', async () => {
    for (const operation of operations) {
      for (const bearer of [null, 'nonsense']) {
        const { status, body } = await send(operation, bearer);
        expect({ id: operation.id, status, code: body.code }).toEqual({
          id: operation.id,
          status: 401,
          code: 'unauthorized',
        });
      }
      const first = said(await send(operation, null, { accountId: account }));
      expect(said(await send(operation, null, { accountId: NOBODY })), operation.id).toEqual(first);
    }
  });

  it('AUD-1 given a key with every scope but the one it takes, then it is refused, whether or not the account exists', async () => {
    const keys = new Map<Scope, string>();
    for (const each of scope.options) keys.set(each, await keyWithout(each));
    for (const operation of operations) {
      const key = keys.get(operation.recipe.scope)!;
      const answers = [await send(operation, key), await send(operation, key, { accountId: NOBODY })];
      for (const { status, body } of answers) {
        expect({ id: operation.id, status, code: body.code }).toEqual({
          id: operation.id,
          status: 403,
          code: 'forbidden',
        });
      }
      expect(said(answers[0]!), operation.id).toEqual(said(answers[1]!));
    }
  });

  it('AUD-1 given a key with just that scope, then it is let in', async () => {
    const keys = new Map<Scope, string>();
    for (const each of scope.options) keys.set(each, await api.keyWith(each));
    for (const operation of operations) {
      // An account that is not there: letting in is what is tried, not the doing.
      const { status, body } = await send(operation, keys.get(operation.recipe.scope)!, { accountId: NOBODY });
      expect({ id: operation.id, isIn: status !== 401 && body.code !== 'forbidden' && status < 500, status }).toEqual({
        ...{ id: operation.id, isIn: true, status },
      });
    }
  });

  it('AUD-1 given a portal token of another account, then the answer is the same whether or not the account exists', async () => {
    for (const operation of operations) {
      const answers = [
        await send(operation, strangerToken, { accountId: account }),
        await send(operation, strangerToken, { accountId: NOBODY }),
        // Tricks: its own account with something behind it.
        await send(operation, strangerToken, { accountId: `${otherAccount}/../${account}` }),
        await send(operation, strangerToken, { accountId: `${otherAccount} ` }),
      ];
      for (const answer of answers) {
        expect({ id: operation.id, ...(said(answer) as object) }).toEqual({
          id: operation.id,
          ...(said(answers[0]!) as object),
        });
        expect({ id: operation.id, status: answer.status, code: answer.body.code }).toEqual({
          ...{ id: operation.id, status: 403, code: 'forbidden' },
        });
      }
    }
  });

  it('SEA-17 given a member’s token, then what takes an admin is refused, and so is everything for server keys only', async () => {
    for (const operation of operations) {
      const { portal } = operation.recipe;
      const { status, body } = await send(operation, memberToken);
      const isRefused = status === 403 && body.code === 'forbidden';
      expect({ id: operation.id, isRefused }).toEqual({
        id: operation.id,
        isRefused: portal === null || portal === 'admin',
      });
      if (portal !== 'self') continue;
      const others = await send(operation, memberToken, { memberId: `owner of ${account}` });
      expect({ id: operation.id, code: others.body.code }).toEqual({ id: operation.id, code: 'forbidden' });
    }
  });

  it('SEA-17 given an admin’s token, then it gets to what is for admins, and to nothing that is for server keys only', async () => {
    for (const operation of operations.filter(({ method, recipe }) => method === 'GET' || recipe.portal === null)) {
      const { status, body } = await send(operation, adminToken);
      const isRefused = status === 403 && body.code === 'forbidden';
      expect({ id: operation.id, isRefused }).toEqual({
        id: operation.id,
        isRefused: operation.recipe.portal === null,
      });
    }
  });

  it('SEA-17 given a member’s token, then no answer to it has an amount in it, anywhere', async () => {
    const open = operations.filter(({ recipe: { portal } }) => portal === 'member' || portal === 'self');
    for (const operation of open) {
      const { status, body } = await send(operation, memberToken);
      expect({ id: operation.id, amounts: amountsIn(body) }).toEqual({ id: operation.id, amounts: [] });
      // An answer that is not there hides everything: a recipe must lead to one.
      if (operation.method === 'GET') expect({ id: operation.id, status }).toEqual({ id: operation.id, status: 200 });
      if (operation.id === 'listNotices') expect(body.items?.length).toBeGreaterThan(0);
    }
  });

  it('SEA-17 given an admin’s answers, then amounts are found in them: the search works', async () => {
    for (const path of ['', '/invoices', '/invoices/upcoming', '/audit']) {
      const { body } = await api.ask('GET', `/v1/accounts/${account}${path}`, { bearer: adminToken });
      expect({ path, hasAmounts: amountsIn(body).length > 0 }).toEqual({ path, hasAmounts: true });
    }
    expect(amountsIn({ deep: [{ capCents: 1 }], why: 'It costs $12.50.', total: 3 })).toHaveLength(3);
    expect(amountsIn({ captured: 1, id: 'x', isRated: 'no', note: '12.50 hours' })).toEqual([]);
  });
});

describe('a new route', () => {
  it('AUD-1 given a route of /v1 that does not say who may use it, then the API does not come up', async () => {
    const app = Fastify();
    guardRoutes(app, { authenticate: () => Promise.reject(new Error('not asked')), limit: () => undefined });
    expect(() => app.get('/v1/forgotten', () => null)).toThrow('does not say who may use it');
    expect(() => app.get('/v1/x', { config: { access: { scope: 'operator', portal: 'admin' } } }, () => null)).toThrow(
      'no :account',
    );
    await app.close();
  });

  it('AUD-1 given all routes, then each of /v1 has its access, and no POST keeps an answer with a secret in it', async () => {
    const { perennial } = api.engine;
    const app = buildApi({
      perennial,
      authenticate: authenticateBearer(perennial),
      isSandbox: true,
      stripe: api.engine.options.stripe,
      logger: pino({ level: 'silent' }),
    });
    const routes: { name: string; hasAccess: boolean; keepsAll: boolean; answer: string }[] = [];
    app.addHook('onRoute', ({ url, method, config, schema }) => {
      if (!url.startsWith('/v1')) return;
      const keepsAll = method === 'POST' && (config?.idempotency ?? 'stored') === 'stored';
      const answer = JSON.stringify(Object.values(schema?.response ?? {}).map(fieldsOf));
      routes.push({ name: `${String(method)} ${url}`, hasAccess: config?.access !== undefined, keepsAll, answer });
    });
    await app.ready();
    expect(routes.length).toBeGreaterThan(10);
    expect(routes.filter(({ hasAccess }) => !hasAccess)).toEqual([]);
    expect(routes.filter(({ keepsAll, answer }) => keepsAll && /secret|token/i.test(answer))).toEqual([]);
    await app.close();
  });
});

/** The names of a zod object's fields. */
function fieldsOf(schema: unknown): string[] {
  const { shape } = schema as { shape?: object };
  return Object.keys(shape ?? {});
}
