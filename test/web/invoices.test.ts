import { readFile } from 'node:fs/promises';

import { describe, expect, it, vi } from 'vitest';

import { subscribedToCredits, subscribedToPro } from '../engine/engine-under-test.ts';
import { openBrowser } from './browser-under-test.ts';
import { expectAccessible } from './every-look.ts';
import { pagesForTests } from './pages-under-test.ts';

// A story is looked at by axe many times, on machines that do other things, too.
vi.setConfig({ testTimeout: 240_000 });

const browser = openBrowser();
const pages = pagesForTests();

describe('invoices', () => {
  it('INV-6 given a renewal that was declined, when an admin pays it with another card, then it is paid at once, and on paper', async () => {
    const { perennial } = pages.engine;
    const account = await subscribedToPro(pages.engine, {
      ...{ now: '2027-01-31T00:00:00Z', seats: 2, interval: 'month', stem: 'declined' },
    });
    const { accountId } = account;
    await perennial.addPaymentMethod(accountId, 'pm_card_chargeCustomerFail');
    await account.advance('2027-02-28T00:00:00Z');
    const page = await browser.page({ baseUrl: pages.url });
    await page.goto(await pages.portalLink(accountId, 'admin'));
    await page.getByRole('link', { name: 'Invoices', exact: true }).click();
    await page.getByText('$40.00 is open on one invoice.').waitFor();
    await expectAccessible(browser, page);
    await page.getByRole('button', { name: `Pay ${accountId}-0002 now` }).click();
    const dialog = page.getByRole('dialog');
    await expect.poll(() => dialog.getByTestId('due-now').innerText()).toBe('$40.00');
    await dialog.getByRole('button', { name: 'Pay' }).click();
    await dialog.getByText('payment_failed').waitFor();
    await expectAccessible(browser, page);
    await perennial.addPaymentMethod(accountId, 'pm_card_visa');
    await page.reload();
    await page.getByText('Nothing is owed.').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: `Download ${accountId}-0002 as PDF` }).click();
    const file = await (await download).path();
    expect((await readFile(file)).subarray(0, 5).toString()).toBe('%PDF-');
    await page.getByRole('link', { name: `${accountId}-0002` }).click();
    await page.getByText(`The payment for invoice ${accountId}-0002 failed: declined.`).first().waitFor();
    await page
      .getByRole('button', { name: /^Why\?/ })
      .first()
      .click();
    await page.getByRole('dialog').getByText('Rule').waitFor();
  });

  it('AUD-2 given changes, when an admin looks at the activity, then each is a sentence, with what was before and after', async () => {
    const { accountId } = await subscribedToPro(pages.engine, {
      ...{ now: '2027-01-31T00:00:00Z', seats: 2, interval: 'month', stem: 'active' },
    });
    const { perennial } = pages.engine;
    await perennial.execute(accountId, { type: 'setCap', meter: 'macro_minutes', capCents: 5000 }, { actor: 'ada' });
    const page = await browser.page({ baseUrl: pages.url });
    await page.goto(await pages.portalLink(accountId, 'admin'));
    await page.getByRole('link', { name: 'Activity' }).click();
    const sentence = 'The cap on macro minutes was set to $50.00.';
    await page.getByRole('button', { name: `Details: ${sentence}` }).click();
    const row = page.getByRole('row').filter({ hasText: 'Cap' });
    expect((await row.innerText()).replaceAll(/\s+/g, ' ')).toBe('Cap none $50.00');
    await expectAccessible(browser, page);
  });

  it('CRE-15 SEA-17 given use past shares of base and cap, then the activity tells an admin what was spent of how much and in which cycle, a member no amount', async () => {
    const { accountId } = await subscribedToCredits(pages.engine, { now: '2027-01-01T00:00:00Z', capCents: 1_200 });
    await pages.engine.perennial.recordUsage(accountId, { feature: 'ask', credits: 3_000 });
    const read = async (role: 'admin' | 'member'): Promise<string> => {
      const page = await browser.page({ baseUrl: pages.url });
      await page.goto(await pages.portalLink(accountId, role));
      await page.getByRole('link', { name: 'Activity' }).click();
      if (role === 'admin') await page.getByRole('tab', { name: 'Notices' }).click();
      await page.getByText('50% of the overage cap used').waitFor();
      await expectAccessible(browser, page);
      return page.getByRole('main').innerText();
    };
    const period = 'in the cycle of Jan 1, 2027 – Feb 1, 2027 UTC.';
    const toAdmin = await read('admin');
    expect(toAdmin).toContain(`50% of the overage cap used: $6.00 of $12.00, ${period}`);
    expect(toAdmin).toContain(`90% of the included credits used: 2,500 of 2,500, ${period}`);
    const toMember = await read('member');
    expect(toMember).toContain(`50% of the overage cap used, ${period}`);
    expect(toMember).not.toContain('$');
  });

  it('SEA-17 given a member, when they look, then invoices are neither offered nor asked for, and the activity has notices only', async () => {
    const { accountId } = await subscribedToPro(pages.engine, {
      ...{ now: '2027-01-31T00:00:00Z', seats: 2, interval: 'month', stem: 'member' },
    });
    const page = await browser.page({ baseUrl: pages.url });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(await pages.portalLink(accountId, 'member'));
    await page.getByRole('link', { name: 'Activity' }).click();
    await page.getByText('No notices yet.').waitFor();
    expect(await page.getByRole('link', { name: 'Invoices', exact: true }).count()).toBe(0);
    await expectAccessible(browser, page);
    await page.goto(`/portal/${encodeURIComponent(accountId)}/invoices`);
    await page.getByText('You don’t have access to this page.').waitFor();
    await expectAccessible(browser, page);
    expect(asked.filter((path) => /\/v1\/.*(invoices|audit|credit-notes)/.test(path))).toEqual([]);
  });
});
