import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ApiContext } from '../../server/context/api.ts';
import { startApi } from '../../server/server.ts';
import type { Perennial } from '../../client/perennial.ts';

const pagesDirectory = mkdtempSync(join(tmpdir(), 'perennial pages '));
let url: string;
let close: () => Promise<void>;

/** Pages ask nothing of what the API works with. */
async function serve(options: Partial<ApiContext>): Promise<{ url: string; close: () => Promise<void> }> {
  const nothing: unknown = {};
  const context: ApiContext = {
    perennial: nothing as Perennial,
    authenticate: () => Promise.reject(new Error('not asked')),
    isSandbox: true,
    stripe: { apiKey: 'sk_test_never_asked', apiBase: null },
    logger: pino({ enabled: false }),
    ...options,
  };
  return startApi(context, { host: '127.0.0.1', port: 0 });
}

beforeAll(async () => {
  mkdirSync(join(pagesDirectory, 'assets'));
  writeFileSync(join(pagesDirectory, 'index.html'), '<!doctype html><title>Perennial</title>');
  writeFileSync(join(pagesDirectory, 'assets', 'main-abc123.js'), 'document.title = "x";');
  writeFileSync(join(pagesDirectory, 'assets', 'main-abc123.js.gz'), gzipSync('document.title = "small";'));
  writeFileSync(join(pagesDirectory, 'secret.txt'), 'hidden');
  ({ url, close } = await serve({ pagesDirectory }));
});

afterAll(async () => {
  await close();
  rmSync(pagesDirectory, { recursive: true });
});

/** The policy, by directive. */
function policyOf({ headers }: Response): Readonly<Record<string, string>> {
  const directives = (headers.get('content-security-policy') ?? '').split(';');
  return Object.fromEntries(
    directives.map((each): [string, string] => {
      const [name = '', ...values] = each.split(' ');
      return [name, values.join(' ')];
    }),
  );
}

describe('the pages', () => {
  it('given any path under /portal and /operator, then it is the same document, asked for again each time', async () => {
    for (const path of ['/portal', '/portal/', '/portal/billing', '/operator/', '/operator/accounts/acme.com?x=1']) {
      const answer = await fetch(url + path);
      expect({ path, status: answer.status, type: answer.headers.get('content-type') }).toEqual({
        ...{ path, status: 200, type: 'text/html; charset=utf-8' },
      });
      expect(answer.headers.get('cache-control')).toBe('no-cache');
      expect(await answer.text()).toContain('<title>Perennial');
    }
    const start = await fetch(`${url}/`, { redirect: 'manual' });
    expect([start.status, start.headers.get('location')]).toEqual([302, '/operator/']);
  });

  it('given assets, then they are kept for a year, and nothing else of the directory is served', async () => {
    const asset = await fetch(`${url}/assets/main-abc123.js`);
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(asset.headers.get('content-type')).toContain('javascript');
    // Who takes it compressed is given what was compressed when the pages were built.
    expect([asset.headers.get('content-encoding'), await asset.text()]).toEqual(['gzip', 'document.title = "small";']);
    const plain = await fetch(`${url}/assets/main-abc123.js`, { headers: { 'accept-encoding': 'identity' } });
    expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, 'document.title = "x";']);
    for (const path of [
      '/assets/none.js',
      '/assets/',
      '/assets/../secret.txt',
      '/assets/%2e%2e/secret.txt',
      '/secret.txt',
    ]) {
      const answer = await fetch(url + path);
      expect({ path, status: answer.status }).toEqual({ path, status: 404 });
      expect(answer.headers.get('content-type')).toContain('problem+json');
    }
    expect((await fetch(`${url}/portal/billing`, { method: 'POST' })).status).toBe(405);
  });

  it('given the pages, then their policy lets in no script but theirs, and nobody may frame an operator’s', async () => {
    const [portal, operator] = [await fetch(`${url}/portal/`), await fetch(`${url}/operator/`)];
    expect(policyOf(portal)).toEqual({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self' 'unsafe-inline'",
      'img-src': "'self' data:",
      'font-src': "'self'",
      'connect-src': "'self'",
      'base-uri': "'none'",
      'form-action': "'self'",
      'frame-ancestors': "'self'",
    });
    expect(policyOf(operator)).toEqual({ ...policyOf(portal), 'frame-ancestors': "'none'" });
    for (const { headers } of [portal, operator]) {
      expect(headers.get('x-frame-options')).toBeNull();
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect((await fetch(`${url}/healthz`)).headers.get('x-frame-options')).toBe('SAMEORIGIN');
  });

  it('given origins that may frame them, then a customer’s pages name these, and an operator’s still nobody', async () => {
    const framed = await serve({ pagesDirectory, frameOrigins: ['https://app.example', 'https://www.example'] });
    try {
      const portal = policyOf(await fetch(`${framed.url}/portal/billing`));
      expect(portal['frame-ancestors']).toBe('https://app.example https://www.example');
      expect(policyOf(await fetch(`${framed.url}/operator/`))['frame-ancestors']).toBe("'none'");
    } finally {
      await framed.close();
    }
  });

  it('given an installation without pages, then their paths say how to build them', async () => {
    const bare = await serve({});
    try {
      const answer = await fetch(`${bare.url}/operator/accounts`);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({
        code: 'not_found',
        detail: expect.stringContaining('npm run build'),
      });
    } finally {
      await bare.close();
    }
  });
});
