import { describe, expect, it } from 'vitest';

import { readSettings, SettingsError } from '../../settings/settings.ts';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('settings', () => {
  it('given an empty environment, when read, then nothing is replaced and the usual names hold', () => {
    expect(readSettings({})).toMatchObject({
      temporal: { address: null, namespace: 'default' },
      databaseUrl: null,
      stripe: { apiKey: null, apiBase: null, webhookSecrets: [] },
      directory: '.perennial',
    });
  });

  it('given every variable, when read, then each arrives where it belongs', () => {
    const settings = readSettings({
      TEMPORAL_ADDRESS: 'temporal.example:7233',
      TEMPORAL_NAMESPACE: 'billing',
      TEMPORAL_UI_URL: 'http://temporal.example:8233',
      PERENNIAL_TEMPORAL_SERVER: '/opt/temporal server',
      DATABASE_URL: 'postgres://me:p%40ss@db.example:5432/billing?sslmode=require',
      DATABASE_OWNER_URL: 'postgres://owner:p%40ss@db.example:5432/billing',
      STRIPE_API_KEY: 'sk_test_51abc',
      STRIPE_API_BASE: 'http://127.0.0.1:12111/',
      STRIPE_WEBHOOK_SECRET: 'whsec_new,whsec_old',
      PERENNIAL_SMTP_URL: 'smtp://me:secret@mail.example:587',
      PERENNIAL_MAIL_FROM: 'Billing <billing@example.com>',
      PERENNIAL_POSTGRES_PORT: '5433',
    });
    expect(settings.stripe.webhookSecrets).toEqual(['whsec_new', 'whsec_old']);
    expect(settings.mail).toEqual({
      smtpUrl: 'smtp://me:secret@mail.example:587',
      from: 'Billing <billing@example.com>',
    });
    expect(problemsOf({ PERENNIAL_SMTP_URL: 'smtp://mail.example' })).toEqual([
      expect.stringContaining('PERENNIAL_MAIL_FROM: is not set'),
    ]);
    expect(settings.temporal).toEqual({
      address: 'temporal.example:7233',
      namespace: 'billing',
      uiUrl: 'http://temporal.example:8233',
      serverBinary: '/opt/temporal server',
    });
    expect(settings.databaseUrl).toContain('db.example');
    expect(settings.databaseOwnerUrl).toContain('owner');
    expect(settings.stripe.apiBase).toBe('http://127.0.0.1:12111');
    expect(settings.ports.postgres).toBe(5433);
  });

  it.each([
    ['TEMPORAL_ADDRESS', 'https://temporal.example:7233', 'host:port'],
    ['TEMPORAL_ADDRESS', 'temporal.example', 'host:port'],
    ['TEMPORAL_NAMESPACE', 'a b', 'a namespace'],
    ['TEMPORAL_UI_URL', 'localhost', 'an address like http://'],
    ['STRIPE_API_BASE', 'http://127.0.0.1:12111/v1', 'an origin without a path'],
    ['PERENNIAL_TEMPORAL_PORT', '70000', 'a port between 1 and 65535'],
    ['PERENNIAL_SANDBOX_PORT', '12k', 'a port between 1 and 65535'],
  ])('given %s=%s, when read, then it is named, shown, and what was expected is said', (name, value, expected) => {
    expect(problemsOf({ [name]: value })).toEqual([expect.stringContaining(expected)]);
    expect(problemsOf({ [name]: value })[0]).toContain(`${name}: "${value}"`);
  });

  it.each([
    ['DATABASE_URL', 'mysql://root:hunter2@db/x', 'postgres://'],
    ['DATABASE_URL', 'postgres://root:hunter2@db', 'postgres://'],
    ['STRIPE_API_KEY', 'pk_test_hunter2', 'sk_test_'],
    ['STRIPE_WEBHOOK_SECRET', 'hunter2', 'whsec_'],
  ])('given a wrong %s, when read, then it is named but its secret is not repeated', (name, value, expected) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toEqual([expect.stringContaining(expected)]);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('given several wrong values, when read, then one error names them all', () => {
    const problems = problemsOf({ TEMPORAL_ADDRESS: 'x', DATABASE_URL: 'x', PERENNIAL_POSTGRES_PORT: '0' });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'TEMPORAL_ADDRESS',
      'DATABASE_URL',
      'PERENNIAL_POSTGRES_PORT',
    ]);
  });

  it('given an empty value, when read, then it counts as not set', () => {
    expect(readSettings({ TEMPORAL_ADDRESS: '', DATABASE_URL: '' }).temporal.address).toBeNull();
  });

  it('given origins that may frame the pages, then each is one as browsers write it', () => {
    const read = readSettings({ PERENNIAL_FRAME_ORIGINS: 'https://app.example, http://127.0.0.1:8080' });
    expect(read.api.frameOrigins).toEqual(['https://app.example', 'http://127.0.0.1:8080']);
    for (const value of ['*', 'app.example', 'https://app.example/', 'https://a.example;script-src *', 'null', ',']) {
      expect(problemsOf({ PERENNIAL_FRAME_ORIGINS: value })).toEqual([expect.stringContaining('origins with commas')]);
    }
  });

  it('given settings of the API, then they are read, and a secret that is none is not repeated', () => {
    const old = 'o'.repeat(32);
    const { api } = readSettings({
      PERENNIAL_SECRET: `${'n'.repeat(40)},${old}`,
      PERENNIAL_PUBLIC_URL: 'https://billing.example/',
      PERENNIAL_RETURN_ORIGINS: 'https://app.example, http://localhost:5173',
      PERENNIAL_RATE_LIMIT: '0',
    });
    expect(api).toEqual({
      portalSecrets: ['n'.repeat(40), old],
      publicUrl: 'https://billing.example',
      frameOrigins: [],
      key: null,
      returnOrigins: ['https://app.example', 'http://localhost:5173'],
      requestsPerMinute: { default: 0, usage: null, portal: null },
    });
    expect(readSettings({}).api).toMatchObject({ portalSecrets: [], returnOrigins: [] });
    for (const value of ['app.example', 'https://app.example/pages', 'https://*.example?', 'ftp://app.example']) {
      expect(problemsOf({ PERENNIAL_RETURN_ORIGINS: value })).toHaveLength(1);
    }
    for (const value of ['hunter2', `${old},`, `${old},${old},${old}`, `${old} ${old}`]) {
      expect(problemsOf({ PERENNIAL_SECRET: value })).toEqual([
        'PERENNIAL_SECRET: its value (not shown) is not a secret of 32 characters or more; two with a comma between while it is rotated.',
      ]);
    }
    expect(problemsOf({ PERENNIAL_USAGE_RATE_LIMIT: '-1' })).toEqual([expect.stringContaining('requests a minute')]);
  });
});
