import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';

import { findBrowser } from '../../stack/browser/find-browser.ts';
import { accessibilityProblems } from './accessibility-problems.ts';

export interface PageOptions {
  /** Default 1280 × 800. */
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Default light. */
  readonly colorScheme?: 'light' | 'dark';
  /** Of the browser; default en-US. */
  readonly locale?: string;
  /** Where relative addresses begin. */
  readonly baseUrl?: string;
}

export interface BrowserUnderTest {
  /** A page in a context of its own, like somebody's first visit; closed when the test ends. */
  page: (options?: PageOptions) => Promise<Page>;
  /** An error in the console that belongs to the test, for as long as it runs. */
  expectError: (pattern: RegExp) => void;
  /** What axe (WCAG 2.2 AA) has against a page, or a part of it, in a line each. */
  accessibilityProblems: (page: Page, part?: string) => Promise<readonly string[]>;
}

const TIMEOUT_MS = 15_000;
/** The browser's own remark about an answer of the API that is a refusal: refusals are answers. */
const REFUSED = /^Failed to load resource: the server responded with a status of 4\d\d/;
const ASKED = /\/(v1\/|(portal|operator)\/session$)/;

/**
 * A real browser for the tests of a file: call it once, outside of them. Whatever a page says on the console as an error, throws, or tries
 * against its policy fails the test in which it was opened.
 */
export function openBrowser(): BrowserUnderTest {
  let browser: Browser | null = null;
  const contexts: BrowserContext[] = [];
  const problems: string[] = [];
  const expected: RegExp[] = [];
  beforeAll(async () => {
    const { executablePath, env } = await findBrowser();
    browser = await chromium.launch({
      executablePath,
      env: { ...definedOf(process.env), ...env },
      // Who runs it as root, as containers do, has no other choice; what it opens is ours.
      chromiumSandbox: process.getuid?.() !== 0,
      args: ['--font-render-hinting=none', '--disable-dev-shm-usage'],
    });
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    const [found, allowed] = [problems.splice(0), expected.splice(0)];
    expect(found.filter((problem) => !allowed.some((pattern) => pattern.test(problem)))).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
  });
  return {
    page: async ({
      viewport = { width: 1280, height: 800 },
      colorScheme = 'light',
      locale = 'en-US',
      baseUrl,
    } = {}) => {
      if (browser === null) throw new Error('openBrowser() is called outside of tests, before they run');
      const context = await browser.newContext({
        ...{ viewport, colorScheme, locale, timezoneId: 'Europe/Berlin', reducedMotion: 'reduce' },
        ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
      });
      contexts.push(context);
      context.setDefaultTimeout(TIMEOUT_MS);
      await context.addInitScript(tellViolations);
      const page = await context.newPage();
      listen(page, problems);
      return page;
    },
    expectError: (pattern) => expected.push(pattern),
    accessibilityProblems,
  };
}

function listen(page: Page, problems: string[]): void {
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const { url } = message.location();
    if (REFUSED.test(message.text()) && ASKED.test(url.split('?')[0] ?? '')) return;
    problems.push(`${message.text()} (${url})`);
  });
  page.on('pageerror', (error) => problems.push(`${error.name}: ${error.message}`));
  page.on('crash', () => problems.push('the page has crashed'));
}

/** Runs in the page. Not every violation is on the console by itself. */
function tellViolations(): void {
  const { document, console } = globalThis as unknown as {
    document: { addEventListener: (name: string, told: (event: Record<string, string>) => void) => void };
    console: { error: (text: string) => void };
  };
  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`violates ${String(event['violatedDirective'])}: ${String(event['blockedURI'])}`);
  });
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
