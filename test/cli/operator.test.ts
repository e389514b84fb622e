import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { codspeedPriced } from '../engine/codspeed-priced.ts';
import { type CliUnderTest, openCli } from './cli-under-test.ts';

let cli: CliUnderTest;
beforeAll(async () => {
  cli = await openCli();
});
afterAll(() => cli.close());

describe('reconcile', () => {
  it('AUD-3 given sound books, and then a total that was changed, when they are compared, then people and programs are told what differs', async () => {
    const { account } = await cli.signedUpOnClock('codspeed');
    await cli.words('card', account, 'visa');
    await cli.words('subscribe', account, '--plan', 'pro', '--seats', '2');
    expect(await cli.words('reconcile', account)).toBe(`The records of ${account} agree.\n`);
    await cli.engine.db.transaction(async (trx) => {
      await trx.raw('set local session_replication_role = replica');
      await trx('invoices').where({ accountId: account }).increment('total', 1);
    });
    const ofOne = (await cli.json('reconcile', account)) as { agrees: boolean; differences: { kind: string }[] };
    expect(ofOne.agrees).toBe(false);
    expect(ofOne.differences.map(({ kind }) => kind)).toEqual(['total_is_not_its_lines', 'total_differs_at_stripe']);
    const ofAll = await cli.words('reconcile');
    expect(ofAll).toContain('2 differences');
    expect(ofAll).toContain(`invoice ${account}-0001: total, in minor units; expected`);
    const begun = (await cli.json('reconcile', '--start')) as { reconciliationId: string };
    expect(await cli.json('reconcile', '--report', begun.reconciliationId)).toMatchObject({ startedBy: 'cli' });
    expect((await cli.here(['reconcile', '--report', 'none'])).error).toContain('unknown_reconciliation');
  });
});

describe('migrate', () => {
  const codeOf = async (...args: readonly string[]): Promise<string> => {
    const { exitCode, out } = await cli.here([...args, '--json']);
    const { error } = JSON.parse(out) as { error: { code: string } };
    return `${String(exitCode)} ${error.code}`;
  };

  it('CAT-2 given an account that has paid, when it is moved to another version and back, then people and programs are told from when on', async () => {
    const { account } = await cli.signedUpOnClock('codspeed');
    await cli.words('card', account, 'visa');
    await cli.words('subscribe', account, '--plan', 'pro', '--seats', '2');
    const { version } = await cli.engine.perennial.publishCatalog(codspeedPriced({ month: 5_000 }));
    expect(await cli.words('migrate', account, '--version', String(version))).toBe(
      `${account} is on version 2 from 2027-02-01 00:00:00 UTC on.\n`,
    );
    expect(await codeOf('migrate', account)).toBe('1 no_change');
    expect(await codeOf('migrate', account, '--version', '99')).toBe('1 unknown_catalog_version');
    expect(await cli.json('migrate', account, '--version', '1', '--actor', 'ann')).toMatchObject({
      result: { version: 1, effective: 'now' },
    });
    const { audit } = await cli.engine.perennial.status(account);
    expect(audit.slice(-2).map(({ action, actor }) => [action, actor])).toEqual([
      ['catalog.migration_scheduled', 'cli'],
      ['catalog.migration_canceled', 'ann'],
    ]);
  });

  it('CAT-2 given a catalog, when all its accounts are moved, then the report names who moved, who is left and why', async () => {
    const { perennial } = cli.engine;
    const catalog = cli.engine.name('moving');
    await perennial.publishCatalog(codspeedPriced({ month: 2_000, year: 24_000 }, catalog));
    const { account: free } = await cli.signedUpOnClock(catalog);
    const { account: yearly } = await cli.signedUpOnClock(catalog);
    await cli.words('card', yearly, 'visa');
    await cli.words('subscribe', yearly, '--plan', 'pro', '--interval', 'year');
    await perennial.publishCatalog(codspeedPriced({ month: 3_000 }, catalog));
    const begun = (await cli.json('migrate', '--catalog', catalog)) as { migrationId: string };
    expect(begun).toMatchObject({ version: 2 });
    const report = ['migrate', '--catalog', catalog, '--report', begun.migrationId];
    await vi.waitFor(async () => {
      expect(await cli.json(...report)).toEqual({
        ...{ migrationId: begun.migrationId, catalog, fromVersions: [1], version: 2, status: 'done', startedBy: 'cli' },
        ...{ startedAt: expect.any(String) as string, endedAt: expect.any(String) as string },
        ...{ accountsTold: 2, accountsMoved: 1, accountsLeft: 1 },
        left: [
          {
            ...{ account: yearly, version: 1 },
            refusal: { code: 'interval_not_offered', message: expect.any(String) as string },
          },
        ],
      });
    }, 20_000);
    const words = await cli.words(...report);
    expect(words).toContain('2 accounts notified, 1 on version 2 or scheduled to move, 1 remaining.\n\naccount');
    expect(words).toMatch(new RegExp(`\n${yearly} +1 +interval_not_offered  \\S.*\n$`));
    expect(words).not.toContain(`${free} `);
    expect(await codeOf('migrate', '--catalog', 'codspeed', '--report', begun.migrationId)).toBe(
      '1 unknown_catalog_migration',
    );
    expect(await codeOf('migrate', '--catalog', 'nothing')).toBe('1 unknown_catalog');
    expect(await codeOf('migrate', '--catalog', catalog, '--version', '9')).toBe('1 unknown_catalog_version');
  });

  it('given neither an account nor a catalog, or both, then 2, and nothing is begun', async () => {
    expect(await codeOf('migrate')).toBe('2 WRONG_USAGE');
    expect(await codeOf('migrate', 'acme', '--catalog', 'codspeed')).toBe('2 WRONG_USAGE');
    expect(await codeOf('migrate', '--report', 'x')).toBe('2 WRONG_USAGE');
    const begun = await cli.engine.perennial.catalogMigrations.list('codspeed', { after: null, count: 1 });
    expect(begun).toEqual([]);
  });
});

describe('keys', () => {
  it('given a key that is made, rotated and revoked, then its secret is shown once, and nonsense is refused by name', async () => {
    const made = (await cli.json('keys', 'create', '--name', 'backend', '--scope', 'usage:write', 'access:check')) as {
      key: { keyId: string };
      secret: string;
    };
    expect(made.key).toMatchObject({ name: 'backend', scopes: ['usage:write', 'access:check'] });
    expect((await cli.engine.perennial.keys.find(made.secret)).kind).toBe('live');
    const rotated = await cli.words('keys', 'rotate', made.key.keyId, '--overlap-hours', '2');
    expect(rotated).toMatch(/perennial_[a-z0-9]{8}_[\w-]{43}/);
    expect(rotated).toContain(`${made.key.keyId} stays valid for 2 more hours.`);
    expect(await cli.words('keys', 'revoke', made.key.keyId)).toBe(`${made.key.keyId} is revoked.\n`);
    const listed = await cli.here(['keys', 'list', '--json']);
    // Both were made in one second, in which they have no order.
    const { keys } = JSON.parse(listed.out) as { keys: { keyId: string; revokedAt: string | null }[] };
    expect(keys.filter(({ revokedAt }) => revokedAt !== null).map(({ keyId }) => keyId)).toEqual([made.key.keyId]);
    expect(keys).toHaveLength(2);
    expect(listed.out).not.toContain(made.secret.slice(-43));
    expect(await cli.words('keys', 'list')).toContain('revoked 20');
    const wrong = await cli.here(['keys', 'create', '--name', 'x', '--scope', 'root']);
    expect(wrong).toMatchObject({ exitCode: 1, out: '' });
    expect(wrong.error).toContain('invalid_request: scopes: expected usage:write');
  });

  it('given secrets of portal tokens, then those in the database are rotated, and those in settings are not', async () => {
    expect(await cli.json('keys', 'rotate-portal-secret')).toEqual({ rotated: true });
    const secret = 'x'.repeat(32);
    const refused = await cli.here(['keys', 'rotate-portal-secret'], { ...cli.env, PERENNIAL_SECRET: secret });
    expect(refused.exitCode).toBe(1);
    expect(refused.error).toContain('PERENNIAL_SECRET');
    expect(refused.error).not.toContain(secret);
  });
});

describe('links to the pages', () => {
  const origin = 'https://billing.example';

  it('given an operator, when they ask for links, then each opens what it says, for as long as it says', async () => {
    const { keys, portalTokens, operatorSessions } = cli.engine.perennial;
    const accountId = cli.engine.name('linked');
    await cli.json('signup', accountId, '--owner', accountId, '--catalog', 'codspeed');
    const placed = { ...cli.env, PERENNIAL_PUBLIC_URL: origin };
    const portal = await cli.here(['portal', accountId, '--as', accountId, '--role', 'admin', '--json'], placed);
    const { url } = JSON.parse(portal.out) as { url: string };
    expect(url.startsWith(`${origin}/portal/#token=`)).toBe(true);
    expect(await portalTokens.find(url.split('#token=')[1] ?? '')).toMatchObject({
      kind: 'live',
      claims: { accountId, memberId: accountId, role: 'admin' },
    });
    const { secret } = await keys.create({ name: 'me', scopes: ['operator'] });
    const signedIn = await cli.here(['sign-in'], { ...placed, PERENNIAL_KEY: secret });
    expect(signedIn).toMatchObject({ exitCode: 0, error: '' });
    expect(signedIn.out).not.toContain(secret.slice(-43));
    const code = /#code=(\S+)/.exec(signedIn.out)?.[1] ?? '';
    expect(await operatorSessions.open('sign-in', code)).toMatchObject({ kind: 'live', sealed: { key: secret } });
  });

  it('given no place, no key, one without the scope, or nobody of that name, then it says what is missing', async () => {
    const { secret } = await cli.engine.perennial.keys.create({ name: 'weak', scopes: ['accounts:read'] });
    const placed = { ...cli.env, PERENNIAL_PUBLIC_URL: origin };
    expect((await cli.here(['sign-in'])).error).toContain('PAGES_UNKNOWN');
    expect((await cli.here(['sign-in'], placed)).error).toContain('NO_OPERATOR_KEY: There is no key');
    const weak = await cli.here(['sign-in'], { ...placed, PERENNIAL_KEY: secret });
    expect(weak).toMatchObject({ exitCode: 2, out: '' });
    expect(weak.error).not.toContain(secret.slice(-43));
    expect((await cli.here(['portal', 'nobody', '--as', 'x'], placed)).error).toContain('unknown_account');
    expect((await cli.here(['portal', 'nobody', '--as', 'x', '--role', 'king'], placed)).error).toContain(
      'role: expected',
    );
  });
});
