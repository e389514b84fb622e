import type { Page } from 'playwright-core';
import { expect } from 'vitest';

import type { BrowserUnderTest } from './browser-under-test.ts';

const VIEWPORTS = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
] as const;
const SCHEMES = ['light', 'dark'] as const;
/** For what is still being drawn, in the colours before or half faded in. */
const SETTLED_MS = 10_000;

/**
 * What a page or a part of it shows now is looked at by axe on a desk and on a phone, in light and dark; then it is on a desk and in light
 * again.
 */
export async function expectAccessible(browser: BrowserUnderTest, page: Page, part?: string): Promise<void> {
  for (const viewport of VIEWPORTS) {
    for (const colorScheme of SCHEMES) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' });
      const look = `${page.url()} at ${String(viewport.width)} px, ${colorScheme}`;
      await expect
        .poll(() => browser.accessibilityProblems(page, part), { timeout: SETTLED_MS, message: look })
        .toEqual([]);
    }
  }
  await page.setViewportSize(VIEWPORTS[0]);
  await page.emulateMedia({ colorScheme: 'light' });
}
