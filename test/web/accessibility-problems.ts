import axe, { type AxeResults, type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const OPTIONS: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
  // Only what asks for style sheets of other sites wants them loaded.
  preload: false,
};

/** What axe (WCAG 2.2 AA) has against a page, or a part of it, in a line each. It stays in the page, which is looked at many times. */
export async function accessibilityProblems(page: Page, part = 'html'): Promise<readonly string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(`${axe.source}; null`);
  const run = `axe.run(${JSON.stringify(part)}, ${JSON.stringify(OPTIONS)})`;
  const { violations } = await page.evaluate<AxeResults>(run);
  return violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ html }) => html).join('; ')})`);
}
