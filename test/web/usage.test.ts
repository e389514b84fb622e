import { readFile } from 'node:fs/promises';

import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import { type AccountOnClock, signUpOnClock, subscribedToCredits } from '../engine/engine-under-test.ts';
import { openBrowser } from './browser-under-test.ts';
import { expectAccessible } from './every-look.ts';
import { pagesForTests } from './pages-under-test.ts';

const browser = openBrowser();
const pages = pagesForTests();

async function open(
  { accountId }: AccountOnClock,
  { role = 'admin', query = '' }: { readonly role?: 'admin' | 'member'; readonly query?: string } = {},
): Promise<Page> {
  const page = await browser.page({ baseUrl: pages.url });
  await page.goto(await pages.portalLink(accountId, role));
  await page.getByRole('heading', { level: 1, name: 'Billing' }).waitFor();
  await page.goto(`/portal/${accountId}/usage${query}`);
  await page.getByRole('heading', { level: 1, name: 'Usage' }).waitFor();
  return page;
}

/** The small pack, 2,500 credits, and some 600 beyond it, of several people, features and models. */
async function busyWorkspace(): Promise<AccountOnClock> {
  const account = await subscribedToCredits(pages.engine, { now: '2027-01-01T00:00:00Z', capCents: 5_000 });
  await account.advance('2027-01-20T12:00:00Z');
  const events = Array.from({ length: 24 }, (_, index) => ({
    account: account.accountId,
    id: `event ${String(index)}`,
    feature: (['review', 'ask', 'improve'] as const)[index % 3] ?? 'review',
    quantity: 1 + (index % 2),
    ...(index % 4 === 3 ? {} : { member: ['ada', 'grace', 'tony'][index % 4] ?? 'ada' }),
    ...(index % 3 === 0 ? {} : { model: 'example-large' }),
    occurredAt: `2027-01-${String(3 + (index % 15)).padStart(2, '0')}T10:00:00Z`,
  }));
  const results = await pages.engine.perennial.recordUsageBatch(events as never);
  expect(results.map(({ status }) => status)).toEqual(events.map(() => 'accepted'));
  return account;
}

interface Sums {
  readonly events: number;
  readonly included: number;
  readonly overage: number;
  readonly trial: number;
}

async function sumsOfLedger({ accountId }: AccountOnClock): Promise<Sums> {
  const { rows } = await pages.engine.db.raw<{ rows: Record<keyof Sums, number | string>[] }>(
    `select count(*) as events, sum(included_units) as included, sum(overage_units) as overage, sum(trial_units) as trial
      from usage_events where account_id = ?`,
    [accountId],
  );
  const [row] = rows;
  return {
    ...{ events: Number(row?.events), included: Number(row?.included) },
    ...{ overage: Number(row?.overage), trial: Number(row?.trial) },
  };
}

/** A figure of the table's last row, as a person reads it. */
function totalOf(page: Page, figure: string): Promise<string | null> {
  return page.getByTestId('usage-total').locator(`[data-figure="${figure}"]`).textContent();
}

const number = (value: number): string => value.toLocaleString('en-US');

describe('the Usage page', () => {
  it('CRE-20 given use of many kinds, then by feature, member and model the totals are the ledger’s, and the cost is the invoice’s', async () => {
    const account = await busyWorkspace();
    const ledger = await sumsOfLedger(account);
    expect(ledger.overage).toBeGreaterThan(0);
    const upcoming = await pages.engine.perennial.upcomingInvoice(account.accountId);
    const overage = upcoming?.lines.find(({ kind }) => kind === 'overage')?.amount ?? 0;
    const page = await open(account);
    for (const key of ['Feature', 'Member', 'Model']) {
      await page.getByRole('radiogroup', { name: 'By' }).getByText(key).click();
      await page.getByRole('columnheader', { name: key, exact: true }).waitFor();
      await expect.poll(() => totalOf(page, 'events')).toBe(number(ledger.events));
      expect(await totalOf(page, 'included')).toBe(number(ledger.included));
      expect(await totalOf(page, 'overage')).toBe(number(ledger.overage));
      expect(await totalOf(page, 'all')).toBe(number(ledger.included + ledger.overage));
      expect(await totalOf(page, 'cost')).toBe(`$${(overage / 100).toFixed(2)}`);
    }
    await page.getByRole('radiogroup', { name: 'By' }).getByText('Member').click();
    await page.getByRole('row').filter({ hasText: 'No member' }).waitFor();
    await page.getByRole('radiogroup', { name: 'Table view' }).getByText('By day').click();
    await page.getByRole('columnheader', { name: 'Day (UTC)' }).waitFor();
    expect(await totalOf(page, 'events')).toBe(number(ledger.events));
  });

  it('CRE-20 given a range in the address, then it is that one, can be changed, and what is downloaded adds up', async () => {
    const account = await busyWorkspace();
    const page = await open(account, { query: '?from=2027-01-03&to=2027-01-05' });
    await expect.poll(() => totalOf(page, 'events')).toBe('6');
    await page.getByLabel('To (UTC)').fill('2027-01-17');
    await expect.poll(() => totalOf(page, 'events')).toBe('24');
    expect(new URL(page.url()).searchParams.get('to')).toBe('2027-01-17');
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download CSV' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe(`usage-${account.accountId}-2027-01-03-2027-01-17.csv`);
    const [head = '', ...lines] = (await readFile(await download.path(), 'utf8')).trim().split('\n');
    const column = head.split(',').indexOf('events');
    expect(lines.reduce((sum, line) => sum + Number(line.split(',')[column]), 0)).toBe(24);
    await page.getByRole('radiogroup', { name: 'Range' }).getByText('7 days').click();
    await page.getByText('Jan 14, 2027 – Jan 20, 2027 UTC').waitFor();
  });

  it('CRE-20 MON-5 given an invoice’s line of use, where cycles begin within a day, then what its why leads to is that use and no other', async () => {
    const account = await subscribedToCredits(pages.engine, { now: '2027-01-15T14:00:00Z', capCents: 100_000 });
    const { accountId } = account;
    const use = (id: string, credits: number) =>
      pages.engine.perennial.recordUsage(accountId, { id, feature: 'ask', credits });
    await account.advance('2027-02-15T11:00:00Z');
    await use('before the boundary', 2_600);
    await account.advance('2027-02-15T20:00:00Z');
    await use('after it', 2_507);
    const page = await open(account);
    await page.goto(`/portal/${accountId}/invoices/${accountId}-0002`);
    await page.getByRole('button', { name: /^Why\? 100 credits beyond/ }).click();
    const why = page.getByRole('dialog', { name: 'Why this amount' });
    await why.getByRole('link', { name: /^See the usage/ }).click();
    await expect.poll(() => totalOf(page, 'overage')).toBe('100');
    expect(await totalOf(page, 'events')).toBe('1');
    // The small pack: 3,000 cents for 2,500 credits.
    expect(await totalOf(page, 'cost')).toBe('$1.20');
    await page.getByLabel('From (UTC)').fill('2027-01-14');
    await expect.poll(() => totalOf(page, 'events')).toBe('2');
  });

  it('TRI-2 given a trial, then its use is shown as free, at a bar too, and new use appears by itself', async () => {
    const account = await signUpOnClock(pages.engine, { catalog: 'qodo', now: '2027-01-01T00:00:00Z' });
    await account.advance('2027-01-05T12:00:00Z');
    const page = await open(account);
    await page.getByRole('heading', { name: 'No usage in this period' }).waitFor();
    await pages.engine.perennial.recordUsage(account.accountId, { id: 'one', feature: 'review', member: 'ada' });
    await expect.poll(() => page.getByTestId('usage-total').count(), { timeout: 2_000 }).toBe(1);
    expect(await totalOf(page, 'trial')).toBe('139 free');
    expect(await totalOf(page, 'cost')).toBe('$0.00');
    const bar = page.locator('.recharts-bar-rectangle path').first();
    await bar.hover();
    await page.getByText('139 credits · free, in the trial').waitFor();
  });

  it('SEA-17 given a member, then quantities are there, and no amount', async () => {
    const account = await busyWorkspace();
    const page = await open(account, { role: 'member' });
    await expect.poll(() => totalOf(page, 'events')).toBe('24');
    expect(await page.locator('body').textContent()).not.toMatch(/[$€]|usd|cost/i);
    await expectAccessible(browser, page);
  });

  it('given use and each view of it, then axe finds nothing, on a desk and a phone, in light and dark', async () => {
    const account = await busyWorkspace();
    const page = await open(account, { query: '?from=2027-01-01&to=2027-01-20&table=days&by=member' });
    await page.locator('.recharts-bar-rectangle').first().waitFor({ state: 'attached' });
    await expectAccessible(browser, page);
    const empty = await open(account, { query: '?from=2026-01-01&to=2026-01-20' });
    await empty.getByRole('heading', { name: 'No usage in this period' }).waitFor();
    await expectAccessible(browser, empty);
  });
});
