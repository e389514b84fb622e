import { readFile } from 'node:fs/promises';

import type { Locator, Page } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';

import { subscribedToPro } from '../engine/engine-under-test.ts';
import { openBrowser } from './browser-under-test.ts';
import { expectAccessible } from './every-look.ts';
import { pagesForTests } from './pages-under-test.ts';

// A story is looked at by axe many times, on machines that do other things, too.
vi.setConfig({ testTimeout: 240_000 });

const browser = openBrowser();
const pages = pagesForTests();

async function operatorAt(path: string): Promise<Page> {
  const page = await browser.page({ baseUrl: pages.url });
  await page.goto(path);
  await page.getByLabel('Server key').fill(pages.key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  return page;
}

/** Longer than any year takes on a busy machine. */
const YEAR_MS = 120_000;

describe('time machine', () => {
  it('CAL-2 given an account from Jan 31, when a year is played, then its invoices appear, each at its boundary', async () => {
    const input = { now: '2027-01-31T00:00:00Z', seats: 2, interval: 'month', stem: 'year' } as const;
    const { accountId, clockId } = await subscribedToPro(pages.engine, input);
    const page = await operatorAt(`/operator/time-machine?clock=${encodeURIComponent(clockId)}`);
    await page.getByRole('heading', { name: 'It is Jan 31, 2027, 00:00 UTC' }).waitFor();
    await page.getByRole('button', { name: 'To the next event' }).click();
    await page.getByRole('heading', { name: 'It is Feb 28, 2027, 00:00 UTC' }).waitFor();
    await page.getByRole('button', { name: 'Run a year' }).click();
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await page.getByRole('heading', { name: 'It is Feb 28, 2028, 00:00 UTC' }).waitFor({ timeout: YEAR_MS });
    const invoices = page.getByRole('table', { name: 'Invoices' });
    await invoices.getByText(`${accountId}-0013`).waitFor();
    for (const issued of ['Feb 28, 2027 UTC', 'Mar 31, 2027 UTC', 'Apr 30, 2027 UTC', 'Jan 31, 2028 UTC'])
      expect(await invoices.innerText()).toContain(issued);
    await page.getByText(`Invoice ${accountId}-0013 for $40.00 was paid.`).waitFor();
    await expectAccessible(browser, page);
  });

  it('given a slider, when it is moved with the keyboard, then the clock goes as far as it says', async () => {
    await pages.engine.perennial.createTestClock({ clockId: 'keys', now: '2027-03-01T00:00:00Z' as never });
    const page = await operatorAt('/operator/time-machine?clock=keys');
    const slider = page.getByRole('slider', { name: 'How far to advance' });
    await slider.focus();
    for (let day = 0; day < 3; day += 1) await slider.press('ArrowRight');
    await page.getByRole('button', { name: 'Advance to Mar 4, 2027 UTC' }).click();
    await page.getByRole('heading', { name: 'It is Mar 4, 2027, 00:00 UTC' }).waitFor();
  });
});

describe('comparison of catalogs', () => {
  it('given monthly and yearly seats, when both are played, then each month and the difference are as the catalog says', async () => {
    const page = await operatorAt('/operator/compare');
    await page.getByRole('heading', { level: 1, name: 'Compare catalogs' }).waitFor();
    const choice = (side: string, label: string): Locator =>
      page.getByRole('region', { name: side }).getByRole('combobox', { name: label });
    // The first two that are sold, so that there is something to play.
    await expect.poll(() => choice('Catalog A', 'Catalog').inputValue()).toBe('codspeed');
    expect(await choice('Catalog B', 'Catalog').inputValue()).toBe('qodo');
    await choice('Catalog B', 'Catalog').selectOption('codspeed');
    await choice('Catalog B', 'Interval').selectOption('Yearly');
    await page.getByRole('textbox', { name: 'Months' }).fill('2');
    await page.getByRole('textbox', { name: 'Seats' }).fill('3');
    await page.getByRole('textbox', { name: 'macro-run, uses per month' }).fill('700');
    await expectAccessible(browser, page);
    await page.getByRole('button', { name: 'Run comparison' }).click();
    const result = page.getByRole('table', { name: 'Cost' });
    await result.waitFor({ timeout: YEAR_MS });
    const rows = (await result.getByRole('row').allInnerTexts()).map((row) => row.replaceAll(/\s+/g, ' '));
    // 3 × 20 usd a month, 3 × 180 a year; 100 minutes beyond the 600 at 0.32 usd for 10.
    expect(rows.slice(1)).toEqual([
      expect.stringContaining('$63.20 $543.20 +$480.00'),
      expect.stringContaining('$63.20 $3.20 -$60.00'),
      expect.stringContaining('$126.40 $546.40 +$420.00'),
    ]);
    await page.getByText('Catalog A is $420.00 cheaper over this period.').waitFor();
    await expectAccessible(browser, page);
  });

  it('given a catalog that is pasted, when it is broken, then it says where; mended, a year of it is played and stopped, and then a month', async () => {
    const yaml = await readFile(new URL('../../catalogs/codspeed.yaml', import.meta.url), 'utf8');
    const page = await operatorAt('/operator/compare');
    const side = (name: string): Locator => page.getByRole('region', { name });
    const catalogOf = (name: string): Locator => side(name).getByRole('combobox', { name: 'Catalog', exact: true });
    await catalogOf('Catalog A').selectOption('codspeed');
    await catalogOf('Catalog B').selectOption('Paste YAML…');
    const pasted = side('Catalog B').getByRole('textbox', { name: 'Catalog YAML' });
    const publish = side('Catalog B').getByRole('button', { name: 'Publish' });
    await pasted.fill('name: broken\nplans: [');
    await publish.click();
    await side('Catalog B')
      .getByRole('alert')
      .getByText(/^catalog:2:\d+: expected well-formed YAML/)
      .waitFor();
    await pasted.fill(yaml.replace('seats: { month: 2000', 'seats: { month: -5'));
    await publish.click();
    await side('Catalog B')
      .getByRole('alert')
      .getByText(/^catalog:30:21: plans\.pro\.seats\.month: .*found -5/)
      .waitFor();
    await expectAccessible(browser, page);
    await pasted.fill(yaml.replace('seats: { month: 2000', 'seats: { month: 1500'));
    await publish.click();
    await side('Catalog B').getByRole('combobox', { name: 'Plan' }).waitFor();
    await page.getByRole('textbox', { name: 'Seats' }).fill('3');
    await page.getByRole('button', { name: 'Run comparison' }).click();
    await page.getByText(/^Running: step [2-9] of 26/).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped. Results so far are shown.').waitFor();
    await page.getByRole('table', { name: 'Cost' }).waitFor();
    await page.getByRole('textbox', { name: 'Months' }).fill('1');
    await page.getByRole('button', { name: 'Run comparison' }).click();
    await page.getByText('Catalog B is $15.00 cheaper over this period.').waitFor({ timeout: YEAR_MS });
    expect(await page.getByText('Stopped.').count()).toBe(0);
  });
});
