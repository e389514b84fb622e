import type { Page } from 'playwright-core';
import { expect } from 'vitest';

import type { BrowserUnderTest } from './browser-under-test.ts';

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
/** Each look differs from the one before in one thing: to change it takes longer than to look. */
const LOOKS = [
  { viewport: DESK, colorScheme: 'light' },
  { viewport: DESK, colorScheme: 'dark' },
  { viewport: PHONE, colorScheme: 'dark' },
  { viewport: PHONE, colorScheme: 'light' },
] as const;
/** For what is still being drawn. */
const SETTLED_MS = 10_000;
/** Runs in the page: what changes its colours or its place has done so, and is drawn. */
const DRAWN = `(async () => {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  await Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => null)));
})()`;

/**
 * What a page or a part of it shows now is looked at by axe on a desk and on a phone, in light and dark; then it is on a desk and in light
 * again.
 */
export async function expectAccessible(browser: BrowserUnderTest, page: Page, part?: string): Promise<void> {
  for (const { viewport, colorScheme } of LOOKS) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' });
    await expectThisLookAccessible(browser, page, part);
  }
  await page.setViewportSize(DESK);
}

/** The same of the look that the page has, once what is still being drawn is there. */
export async function expectThisLookAccessible(browser: BrowserUnderTest, page: Page, part?: string): Promise<void> {
  await page.evaluate(DRAWN);
  const look = `${page.url()} at ${String(page.viewportSize()?.width)} px`;
  await expect
    .poll(() => browser.accessibilityProblems(page, part), { timeout: SETTLED_MS, message: look })
    .toEqual([]);
}
