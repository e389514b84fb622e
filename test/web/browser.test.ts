import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { BrowserNotFound, findBrowser } from '../../stack/browser/find-browser.ts';
import { openSecuredApi, type SecuredApi } from '../server/secured-api.ts';
import { openBrowser } from './browser-under-test.ts';

const browser = openBrowser();
const pagesDirectory = mkdtempSync(join(tmpdir(), 'perennial pages '));
const SCRIPT = `
const told = [];
const post = (path, body) => fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const code = new URLSearchParams(location.hash.slice(1)).get('code');
if (code !== null) told.push((await post('/operator/session', { code })).status);
told.push((await fetch('/v1/accounts')).status);
told.push((await fetch('/v1/accounts', { headers: { 'x-perennial-session': 'operator' } })).status);
told.push(document.cookie === '' ? 'no cookie to read' : document.cookie);
document.querySelector('main').textContent = told.join(', ');
`;
let api: SecuredApi;

beforeAll(async () => {
  mkdirSync(join(pagesDirectory, 'assets'));
  writeFileSync(join(pagesDirectory, 'assets', 'main.js'), SCRIPT);
  writeFileSync(
    join(pagesDirectory, 'index.html'),
    '<!doctype html><html lang="en"><title>Perennial</title><script type="module" src="/assets/main.js"></script><main>…</main></html>',
  );
  api = await openSecuredApi({ pagesDirectory });
});

afterAll(async () => {
  await api.close();
  rmSync(pagesDirectory, { recursive: true });
});

describe('a page in a real browser', () => {
  it('given a sign-in link, when an operator opens it, then the page is signed in, and its script sees no cookie', async () => {
    const page = await browser.page({ baseUrl: api.url });
    const { operatorSessions } = api.engine.perennial;
    const expiresAtSeconds = operatorSessions.endOf('sign-in');
    const code = await operatorSessions.seal('sign-in', { key: api.key, expiresAtSeconds });
    await page.goto(`/operator/#code=${code}`);
    await page.getByText('204, 401, 200, no cookie to read').waitFor();
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ name: 'perennial_operator', httpOnly: true, sameSite: 'Strict', path: '/' });
    await page.goto('/operator/accounts/acme.com');
    await page.getByText('401, 200, no cookie to read').waitFor();
  });

  it('given a phone in the dark, then the page is told so, and what is against its policy is found out', async () => {
    const page = await browser.page({
      baseUrl: api.url,
      viewport: { width: 390, height: 844 },
      colorScheme: 'dark',
    });
    await page.goto('/portal/');
    expect(await page.evaluate('[innerWidth, matchMedia("(prefers-color-scheme: dark)").matches]')).toEqual([
      390,
      true,
    ]);
    browser.expectError(/script-src|violates/);
    const isRun = await page.evaluate(`new Promise((resolve) => {
      const script = document.createElement('script');
      script.textContent = 'window.isRun = true';
      document.addEventListener('securitypolicyviolation', () => setTimeout(() => resolve(window.isRun === true), 50));
      document.head.append(script);
    })`);
    expect(isRun).toBe(false);
  });
});

describe('finding a browser', () => {
  it('given nothing is installed, then it is the one that npm brings, or the message says what to do', async () => {
    const found = await findBrowser({ ...process.env, PATH: '', PERENNIAL_BROWSER: undefined });
    expect(existsSync(found.executablePath)).toBe(true);
    const named = findBrowser({ ...process.env, PERENNIAL_BROWSER: '/nowhere/chrome' });
    await expect(named).rejects.toThrow(BrowserNotFound);
    await expect(named).rejects.toThrow('PERENNIAL_BROWSER is /nowhere/chrome');
  });
});
