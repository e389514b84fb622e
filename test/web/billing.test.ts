import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import {
  type AccountOnClock,
  signUpOnClock,
  subscribedToCredits,
  subscribedToPro,
} from '../engine/engine-under-test.ts';
import { openBrowser } from './browser-under-test.ts';
import { expectAccessible, expectThisLookAccessible } from './every-look.ts';
import { pagesForTests } from './pages-under-test.ts';

const browser = openBrowser();
const pages = pagesForTests();

type Look = Parameters<typeof browser.page>[0];

async function open({ accountId }: AccountOnClock, role: 'admin' | 'member' = 'admin', look: Look = {}): Promise<Page> {
  const page = await browser.page({ ...look, baseUrl: pages.url });
  await page.goto(await pages.portalLink(accountId, role));
  await page.getByRole('heading', { level: 1, name: 'Billing' }).waitFor();
  return page;
}

/** The sandbox's page for a card, with one of its cards; back on ours. */
async function saveCard(page: Page, card: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Card' }).selectOption(card);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { level: 1, name: 'Billing' }).waitFor();
}

/** Looks again until it is there: what Stripe tells takes a moment. */
async function sees(page: Page, text: string | RegExp): Promise<void> {
  await expect
    .poll(
      async () => {
        if ((await page.getByText(text).count()) > 0) return true;
        await page.reload();
        await page.getByRole('heading', { level: 2 }).first().waitFor();
        return (await page.getByText(text).count()) > 0;
      },
      { timeout: 30_000, interval: 500 },
    )
    .toBe(true);
}

const invoicesOf = async ({ accountId }: AccountOnClock) => (await pages.engine.perennial.status(accountId)).invoices;

const enabledIn = async ({ accountId }: AccountOnClock) => {
  const members = await pages.engine.perennial.read.members(accountId, { after: null, count: 100 });
  return members.filter(({ state }) => state === 'enabled').map(({ member }) => member);
};

/** Somebody has a first run: with a seat that is free they are enabled (SEA-2). */
async function comes({ accountId }: AccountOnClock, id: string): Promise<void> {
  const sender = { id, login: id };
  await pages.engine.perennial.checkAccess(accountId, { kind: 'run', sender, visibility: 'private' });
}

async function owingPro(card: string): Promise<AccountOnClock> {
  const account = await subscribedToPro(pages.engine, { now: '2027-01-01T00:00:00Z', seats: 2, interval: 'month' });
  await pages.engine.perennial.addPaymentMethod(account.accountId, card);
  await account.advance('2027-02-01T00:00:00Z');
  return account;
}

describe('the Billing page of an admin', () => {
  it('TRI-4 given a trial without a card, when an admin adds one on Stripe’s page and subscribes now, then the first payment is the one shown', async () => {
    const account = await signUpOnClock(pages.engine, { catalog: 'qodo', now: '2027-01-01T00:00:00Z' });
    await account.advance('2027-01-10T12:00:00Z');
    const page = await open(account);
    expect(await page.getByTestId('trial-left').textContent()).toBe('4 days left');
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Add a card' }).click();
    await saveCard(page, 'pm_card_visa');
    await sees(page, 'Visa ending in 4242');
    const dialog = page.getByRole('dialog', { name: 'Subscribe' });
    await dialog.getByRole('radio', { name: /^Now/ }).click();
    await expect.poll(() => dialog.getByTestId('due-now').textContent()).toBe('$30.00');
    await expectThisLookAccessible(browser, page);
    await dialog.getByRole('button', { name: 'Subscribe' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('heading', { level: 2, name: 'Pro Teams' }).waitFor();
    expect(await invoicesOf(account)).toMatchObject([{ status: 'paid', total: 3000 }]);
  });

  it('CRE-8 given a cap that is reached, when it is raised, then the page says before what it means, and use goes on at once', async () => {
    const account = await subscribedToCredits(pages.engine, { now: '2027-01-01T00:00:00Z', capCents: 1200 });
    const use = (id: string, credits: number) =>
      pages.engine.perennial.recordUsage(account.accountId, { id, feature: 'review', credits });
    await use('all', 3500);
    await expect(use('more', 10)).rejects.toMatchObject({ code: 'spending_cap_reached' });
    const page = await open(account);
    const banner = page.getByRole('alert').filter({ hasText: 'Spending cap reached' });
    await banner.getByRole('button', { name: 'Change cap' }).click();
    const dialog = page.getByRole('dialog', { name: 'Spending cap' });
    await dialog.getByRole('textbox').fill('24');
    await dialog.getByText('Enough for 2,000 credits').waitFor();
    await dialog.getByRole('button', { name: 'Set cap' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await banner.waitFor({ state: 'detached' });
    await use('more', 10);
  });

  it('CRE-8 MON-1 given a browser that writes decimals with a comma, then a cap is what is typed, and what could be two amounts is refused', async () => {
    const account = await subscribedToCredits(pages.engine, { now: '2027-01-01T00:00:00Z', capCents: 1200 });
    const capIn = async (look: Look): Promise<Locator> => {
      const page = await open(account, 'admin', look);
      await page.getByRole('button', { name: 'Change cap' }).click();
      return page.getByRole('dialog', { name: 'Spending cap' });
    };
    const german = await capIn({ locale: 'de-DE' });
    const [field, save] = [german.getByRole('textbox'), german.getByRole('button', { name: 'Set cap' })];
    await field.fill('1,250');
    await german.getByText('This can be read two ways. Enter 1250.00 or 1.25.').waitFor();
    expect(await save.isDisabled()).toBe(true);
    await expectThisLookAccessible(browser, german.page());
    await field.fill('50,00');
    await expect.poll(() => german.getByTestId('echo').textContent()).toBe('= $50.00');
    await german.getByText('The most you can pay for overage this cycle: $50.00.').waitFor();
    await save.click();
    await german.waitFor({ state: 'hidden' });
    expect((await pages.engine.perennial.status(account.accountId)).meters['credits']?.capCents).toBe(5000);
    const english = await capIn({});
    await english.getByRole('textbox').fill('50,00');
    await english.getByText('Use a point: 50.00').waitFor();
    expect(await english.getByRole('button', { name: 'Set cap' }).isDisabled()).toBe(true);
  });

  it('INV-5 given a card that declined, when another is saved on Stripe’s page, then the banner goes, and what was owed is paid', async () => {
    const account = await owingPro('pm_card_chargeCustomerFail');
    const page = await open(account, 'admin', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
    const banner = page.getByRole('alert').filter({ hasText: 'is unpaid' });
    await banner.getByText(/Your bank declined the card\. We’ll try again on Feb 2, 2027/).waitFor();
    await expectThisLookAccessible(browser, page);
    await banner.getByRole('button', { name: 'Change card' }).click();
    await saveCard(page, 'pm_card_mastercard');
    await sees(page, 'Mastercard ending in 4444');
    await expect.poll(async () => (await invoicesOf(account)).at(-1)?.status, { timeout: 20_000 }).toBe('paid');
    await sees(page, /^Active$/);
    expect(await page.getByText('is unpaid').count()).toBe(0);
  });

  it('INV-5 given a payment that is owed, then the plan can be left and not changed, and the page says why; once it is paid, it can', async () => {
    const account = await owingPro('pm_card_chargeCustomerFail');
    const page = await open(account);
    const change = page.getByRole('button', { name: 'Change plan' });
    const why = page.getByText(/^You can change plans once the open invoice is paid/);
    await why.waitFor();
    expect(await change.isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'Change to Free' }).isEnabled()).toBe(true);
    await pages.engine.perennial.addPaymentMethod(account.accountId, 'pm_card_visa');
    await why.waitFor({ state: 'detached' });
    await change.click();
    await page.getByRole('dialog', { name: 'Change plan' }).getByTestId('due-now').waitFor();
  });

  it('INV-6 given a card that wants its owner to confirm, when they do on Stripe’s page, then the invoice is paid', async () => {
    const account = await owingPro('pm_card_authenticationRequired');
    const page = await open(account);
    await page.getByText(/Your bank wants you to confirm/).waitFor();
    const opening = page.context().waitForEvent('page');
    await page.getByRole('button', { name: 'Confirm at your bank' }).click();
    const bank = await opening;
    await bank.getByRole('link', { name: 'Authenticate and pay' }).click();
    await bank.getByRole('button', { name: 'Complete' }).click();
    await bank.getByRole('heading', { name: 'Authenticated' }).waitFor();
    await sees(page, /^Active$/);
    expect((await invoicesOf(account)).at(-1)?.status).toBe('paid');
  });

  it('SBI-9 given a month, when an admin changes to a year, then the invoice is the one that was previewed', async () => {
    const account = await subscribedToPro(pages.engine, { now: '2027-01-01T00:00:00Z', seats: 2, interval: 'month' });
    await account.advance('2027-01-16T12:00:00Z');
    const page = await open(account);
    await page.getByRole('button', { name: 'Change plan' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change plan' });
    // 2 × 180 usd, less half of January: 2 × 10.
    await expect.poll(() => dialog.getByTestId('due-now').textContent()).toBe('$340.00');
    await dialog.getByRole('button', { name: 'Change', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('yearly', { exact: true }).waitFor();
    expect((await invoicesOf(account)).at(-1)).toMatchObject({ purpose: 'plan-change', status: 'paid', total: 34_000 });
  });

  it('SBI-10 given more people than the free plan has places, when an admin changes to it and says who stays, then they stay, and no one else', async () => {
    const account = await subscribedToPro(pages.engine, { now: '2027-01-01T00:00:00Z', seats: 7, interval: 'month' });
    for (const id of ['ada', 'bob', 'cid', 'dan', 'eve', 'fay', 'gus']) await comes(account, id);
    const page = await open(account);
    await page.getByRole('button', { name: 'Change to Free' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change to Free' });
    const staying = ['cid', 'dan', 'eve', 'fay', 'gus'];
    for (const login of staying) await dialog.getByRole('checkbox', { name: login }).check();
    expect(await dialog.getByRole('checkbox', { name: 'ada' }).isDisabled()).toBe(true);
    await expect.poll(() => dialog.getByTestId('due-now').textContent()).toBe('Nothing is charged now.');
    expect(await dialog.getByTestId('next-invoice').textContent()).toBe('No upcoming invoice.');
    await dialog.getByRole('button', { name: 'Change at the end of the cycle' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('Your plan changes on Feb 1, 2027 UTC to: Free.').waitFor();
    await page.getByText('No upcoming invoice.').waitFor();
    await account.advance('2027-02-01T00:00:00Z');
    await page.getByRole('heading', { level: 2, name: 'Free' }).waitFor();
    expect(await enabledIn(account)).toEqual(staying);
    expect(await invoicesOf(account)).toHaveLength(1);
  });

  it('CRE-19 given a subscription, when it is canceled and taken back, then it says until when it runs, and renews as if nothing had been', async () => {
    const account = await subscribedToCredits(pages.engine, { now: '2027-01-01T00:00:00Z', capCents: 0 });
    const page = await open(account);
    await page.getByRole('button', { name: 'Cancel subscription' }).click();
    const leave = page.getByRole('dialog', { name: 'Cancel the subscription' });
    await leave.getByText(/Your subscription runs until Feb 1, 2027 UTC/).waitFor();
    await expect.poll(() => leave.getByTestId('next-invoice').textContent()).toBe('No upcoming invoice.');
    await leave.getByRole('button', { name: 'Cancel subscription' }).click();
    await leave.waitFor({ state: 'hidden' });
    await page.getByText('Your subscription ends on Feb 1, 2027 UTC').waitFor();
    await page.getByText('No upcoming charges.').waitFor();
    expect(await page.getByRole('button', { name: 'Cancel subscription' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    const back = page.getByRole('dialog', { name: 'Undo the scheduled change' });
    await expect.poll(() => back.getByTestId('next-invoice').textContent()).toBe('$30.00');
    await back.getByRole('button', { name: 'Undo' }).click();
    await back.waitFor({ state: 'hidden' });
    await page.getByText('Next: $30.00 on Feb 1, 2027 UTC.').waitFor();
    expect(await page.getByText('A change is scheduled').count()).toBe(0);
    await account.advance('2027-02-01T00:00:00Z');
    expect((await invoicesOf(account)).map(({ total }) => total)).toEqual([3000, 3000]);
  });

  it('SBI-9 given a change that is confirmed, then no preview is asked for any more, and no refusal flashes', async () => {
    const account = await subscribedToPro(pages.engine, { now: '2027-01-01T00:00:00Z', seats: 2, interval: 'month' });
    const page = await open(account);
    await page.getByRole('button', { name: 'Change plan' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change plan' });
    await dialog.getByTestId('due-now').waitFor();
    // The answer is slow: meanwhile the page hears from the server that the account has changed.
    await page.route(/\/subscription$/, async (route) => {
      const response = await route.fetch();
      await new Promise((resolve) => setTimeout(resolve, 2500));
      await route.fulfill({ response });
    });
    const previews: number[] = [];
    page.on('response', (response) => {
      if (response.url().endsWith('/preview')) previews.push(response.status());
    });
    await dialog.getByRole('button', { name: 'Change', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(previews).toEqual([]);
  });

  it('given billing contacts, when an admin edits them, then what is no address is refused, and each is written once', async () => {
    const account = await signUpOnClock(pages.engine, { catalog: 'codspeed', now: '2027-01-01T00:00:00Z' });
    const page = await open(account);
    await page.getByText('No billing contacts yet.').waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog', { name: 'Billing contacts' });
    const addresses = dialog.getByRole('textbox', { name: /^Email addresses/ });
    await addresses.fill('billing@example.com\nnobody');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog
      .getByRole('alert')
      .getByText(/nobody/)
      .waitFor();
    await addresses.fill('billing@example.com, cfo@example.com\nbilling@example.com');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('cfo@example.com').waitFor();
    const { billingContacts } = await pages.engine.perennial.read.view(account.accountId);
    expect(billingContacts).toEqual(['billing@example.com', 'cfo@example.com']);
  });

  it('CRE-8 given use after ten days, then the forecast is it times 3.1, at the overage’s price, to the cap, and the invoice’s other lines', async () => {
    const account = await subscribedToCredits(pages.engine, { now: '2027-01-01T00:00:00Z', capCents: 5000 });
    await account.advance('2027-01-11T00:00:00Z');
    const use = (id: string, credits: number) =>
      pages.engine.perennial.recordUsage(account.accountId, { id, feature: 'review', credits });
    await use('first', 2000);
    const page = await open(account);
    // 2,000 × 31 ÷ 10; less 2,500, at 30 usd for 2,500; and the pack's 30 usd.
    await page.getByText('At today’s pace, you’ll use about 6,200 credits by Feb 1, 2027 UTC.').waitFor();
    await page.getByText('That includes 3,700 credits of overage: about $44.40.').waitFor();
    await page.getByText('The next invoice would then be about $74.40.').waitFor();
    await use('second', 1000);
    // 3,000 × 3.1; 6,800 beyond, were it not for the cap of 50 usd. 6 usd have accrued, and are on the next invoice already.
    await page
      .getByText('That includes 6,800 credits of overage: about $81.60. The cap limits it to $50.00.')
      .waitFor();
    await page.getByText('The next invoice would then be about $80.00.').waitFor();
    const upcoming = await pages.engine.perennial.upcomingInvoice(account.accountId);
    expect(upcoming?.total).toBe(3600);
    await page.getByText('Next: $36.00 on Feb 1, 2027 UTC.').waitFor();
  });

  it('BUD-1 given minutes beyond the allowance, then they and their cost so far stand under it, as on the next invoice', async () => {
    const account = await subscribedToPro(pages.engine, { now: '2027-01-01T00:00:00Z', seats: 1, interval: 'month' });
    const { accountId } = account;
    await pages.engine.perennial.execute(accountId, { type: 'setCap', meter: 'macro_minutes', capCents: 5000 });
    const use = { id: 'run', feature: 'macro-run', quantity: 700 };
    expect(await pages.engine.perennial.recordUsage(accountId, use)).toMatchObject({ included: 600, overage: 100 });
    const page = await open(account);
    await page.getByText('100 minutes of overage: $3.20 so far.').waitFor();
    expect((await pages.engine.perennial.upcomingInvoice(accountId))?.lines).toContainEqual(
      expect.objectContaining({ kind: 'overage', amount: 320 }),
    );
  });
});

describe('Billing and Budgets of a member', () => {
  it('SEA-17 given a member, when they look at either page, then no amount is on it, none is asked for, and nothing can be changed', async () => {
    const account = await subscribedToPro(pages.engine, { now: '2027-01-01T00:00:00Z', seats: 2, interval: 'month' });
    const { accountId } = account;
    await pages.engine.perennial.execute(accountId, { type: 'setCap', meter: 'macro_minutes', capCents: 5000 });
    await pages.engine.perennial.recordUsage(accountId, { id: 'run', feature: 'macro-run', quantity: 700 });
    const page = await open(account, 'member');
    const refused: string[] = [];
    page.on('response', (response) => {
      if (response.status() === 403) refused.push(response.url());
    });
    for (const name of ['Billing', 'Budgets']) {
      await page.getByRole('navigation').getByRole('link', { name }).click();
      await page.getByRole('heading', { level: 1, name }).waitFor();
      await page.getByText('600 minutes').first().waitFor();
      const main = page.getByRole('main');
      expect(await main.innerText()).not.toMatch(/[$€£¥]|USD/i);
      expect(await main.getByRole('button').count()).toBe(0);
      await expectAccessible(browser, page);
    }
    expect(refused).toEqual([]);
  });
});

describe('the Budgets page of an admin', () => {
  it('BUD-2 given use beyond what is included, when a budget is set and removed, then jobs are refused at it, and run again', async () => {
    const account = await subscribedToPro(pages.engine, { now: '2027-01-01T00:00:00Z', seats: 1, interval: 'year' });
    const { accountId } = account;
    await pages.engine.perennial.recordUsage(accountId, { id: 'run', feature: 'macro-run', quantity: 700 });
    const page = await open(account, 'admin', { viewport: { width: 390, height: 844 } });
    await page.goto(`/portal/${encodeURIComponent(accountId)}/budgets`);
    await page.getByText('New jobs run.').waitFor();
    await page.getByRole('button', { name: 'Set a budget' }).click();
    const dialog = page.getByRole('dialog', { name: 'Monthly budget' });
    await dialog.getByRole('textbox').fill('3.20');
    await dialog.getByText('Enough for 100 minutes').waitFor();
    await expectThisLookAccessible(browser, page);
    await dialog.getByRole('button', { name: 'Set budget' }).click();
    await page.getByText('New jobs are refused.').waitFor();
    await expectThisLookAccessible(browser, page);
    await page.getByRole('button', { name: 'Change budget' }).click();
    await dialog.getByRole('button', { name: 'Remove budget' }).click();
    await page.getByText('New jobs run.').waitFor();
    expect(await page.getByText(/^reached /).count()).toBe(4);
  });
});
