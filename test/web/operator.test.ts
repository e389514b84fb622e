import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type AccountOnClock, signUpOnClock, subscribedToPro } from '../engine/engine-under-test.ts';
import { openBrowser } from './browser-under-test.ts';
import { expectAccessible } from './every-look.ts';
import { openPages, type PagesUnderTest } from './pages-under-test.ts';

// A story is looked at by axe many times, on machines that do other things, too.
vi.setConfig({ testTimeout: 240_000 });

const browser = openBrowser();
let pages: PagesUnderTest;

beforeAll(async () => {
  pages = await openPages();
});

afterAll(async () => {
  await pages.close();
});

/** Signs in with a server key, as one does where no link was made. */
async function signedIn(): Promise<Page> {
  const page = await browser.page({ baseUrl: pages.url });
  await page.goto('/operator/');
  await page.getByLabel('Server key').fill(pages.key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Accounts' }).waitFor();
  return page;
}

const overviewOf = (account: string): string => `/operator/accounts/${encodeURIComponent(account)}`;

function organization(stem: string): Promise<AccountOnClock> {
  return subscribedToPro(pages.engine, { now: '2027-01-31T00:00:00Z', seats: 3, interval: 'month', stem });
}

async function pastDue(stem: string): Promise<AccountOnClock> {
  const account = await organization(stem);
  await pages.engine.perennial.addPaymentMethod(account.accountId, 'pm_card_chargeCustomerFail');
  await account.advance('2027-02-28T00:00:00Z');
  return account;
}

describe('operators', () => {
  it('INV-5 given a renewal that is not paid, when an operator signs in, then its account is the first, and its payment can be recorded', async () => {
    const { accountId } = await pastDue('late');
    const page = await signedIn();
    await page.getByRole('textbox', { name: 'Search' }).fill(accountId.toUpperCase());
    const first = page.getByRole('table', { name: 'Accounts' }).getByRole('row').nth(1);
    await first.getByText('Past due').waitFor();
    expect(await first.innerText()).toContain('$60.00');
    await page.getByRole('textbox', { name: 'Search' }).fill('');
    await first.getByText('Past due').waitFor();
    await expectAccessible(browser, page);
    await first.getByRole('link', { name: accountId }).click();
    await page.getByRole('heading', { level: 1, name: accountId }).waitFor();
    await page.getByRole('table', { name: 'Commands' }).waitFor();
    await expectAccessible(browser, page);
    await page.getByRole('button', { name: /^Record the payment/ }).click();
    const dialog = page.getByRole('dialog', { name: /^Record the payment/ });
    await dialog.getByLabel('Reference').fill('transfer 12');
    await expectAccessible(browser, page);
    await dialog.getByRole('button', { name: 'Record it' }).click();
    await page.getByText('Nothing is open.').waitFor();
    expect((await pages.engine.perennial.status(accountId)).phase).toBe('active');
  });

  it('INV-7 given a paid invoice, when money of it is given back, then never more than was paid, and the invoice shows the credit note', async () => {
    const { accountId } = await organization('credited');
    const page = await signedIn();
    await page.goto(overviewOf(accountId));
    await page.getByRole('button', { name: 'Give money back' }).click();
    const dialog = page.getByRole('dialog', { name: 'Give money of a paid invoice back' });
    const amount = dialog.getByRole('textbox', { name: /^Give back of/ });
    await amount.fill('60.01');
    await dialog.getByLabel('Reason').fill('Down for a day');
    await dialog.getByText('At most $60.00').first().waitFor();
    expect(await dialog.getByRole('button', { name: /^Give back/ }).isDisabled()).toBe(true);
    await expectAccessible(browser, page);
    await amount.fill('20.00');
    await dialog.getByRole('button', { name: 'Give back $20.00' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.goto(`${overviewOf(accountId)}/invoices/${accountId}-0001`);
    const notes = page.getByRole('table', { name: 'Credit notes' });
    await notes.getByText('Refunded').waitFor();
    expect(await notes.innerText()).toContain('Down for a day');
    await expectAccessible(browser, page);
    const { creditNotes } = await pages.engine.perennial.status(accountId);
    expect(creditNotes).toEqual([expect.objectContaining({ total: 2000, destination: 'card' })]);
  });

  it('CRE-18 given a trial, when a contract is set with an invoice due later, then it is in force and shown, CAT-3', async () => {
    const { accountId } = await signUpOnClock(pages.engine, { catalog: 'qodo', now: '2027-01-01T00:00:00Z' });
    const page = await signedIn();
    await page.goto(overviewOf(accountId));
    await page.getByRole('button', { name: 'Set a contract' }).click();
    const dialog = page.getByRole('dialog', { name: 'Enterprise contract' });
    await dialog.getByLabel('Price per interval (usd)').fill('12000.00');
    await dialog.getByLabel('Included per month (credits)').fill('50000');
    await dialog.getByLabel('Overage goes on, at a price').check();
    await dialog.getByLabel('Price (usd)', { exact: false }).last().fill('0.01');
    await dialog.getByLabel('Ceiling of overage a month (usd)').fill('500');
    await dialog.getByLabel('Sent as an invoice, instead of charging the card').check();
    await dialog.getByLabel('Attributes').fill('support: 24 × 7\ndeployment: single-tenant');
    await dialog.getByLabel('Begin now').check();
    await expectAccessible(browser, page);
    await dialog.getByRole('button', { name: 'Set the contract' }).click();
    const shown = page.getByRole('region', { name: 'Contract' });
    await shown.getByText('24 × 7').waitFor();
    expect(await shown.innerText()).toContain('By invoice, due 30 days after its issue');
    const { phase, invoices } = await pages.engine.perennial.status(accountId);
    expect([phase, invoices[0]?.total, invoices[0]?.dueAt]).toEqual(['active', 1_200_000, '2027-01-31T00:00:00Z']);
  });

  it('AUD-3 given sound books, when they are compared, then it is said that nothing differs', async () => {
    const { accountId } = await organization('sound');
    const page = await signedIn();
    await page.goto(overviewOf(accountId));
    await page.getByRole('button', { name: 'Compare them now' }).click();
    await page.getByText('They agree: ledger, invoices and Stripe say the same.').waitFor();
    await page.getByRole('link', { name: 'Reconciliation' }).click();
    await page.getByRole('button', { name: 'Compare the books' }).click();
    await page.getByText('Nothing differs').waitFor({ timeout: 60_000 });
    await expectAccessible(browser, page);
  });

  it('TRI-6 given a clock, when somebody is signed up on it and closed for good, then only after its id is typed', async () => {
    await pages.engine.perennial.createTestClock({ clockId: 'shop', now: '2027-01-01T00:00:00Z' as never });
    const page = await signedIn();
    await page.getByRole('button', { name: 'Sign up an account' }).click();
    const signUp = page.getByRole('dialog', { name: 'Sign up an account' });
    await signUp.getByLabel('Account id').fill('corner-shop');
    await signUp.getByLabel('Owner id').fill('eve');
    await signUp.getByRole('combobox', { name: 'Clock' }).click();
    await page.getByRole('option', { name: 'shop' }).click();
    await expectAccessible(browser, page);
    await signUp.getByRole('button', { name: 'Sign up' }).click();
    await page.getByRole('heading', { level: 1, name: 'corner-shop' }).waitFor();
    await page.getByRole('button', { name: 'Close the account' }).click();
    const close = page.getByRole('dialog', { name: 'Close the account for good' });
    const confirm = close.getByRole('button', { name: 'Close for good' });
    expect(await confirm.isDisabled()).toBe(true);
    await close.getByRole('textbox').fill('corner-shop');
    await expectAccessible(browser, page);
    await confirm.click();
    await page.getByText('Canceled').waitFor();
    expect((await pages.engine.perennial.status('corner-shop')).closedAt).toBe('2027-01-01T00:00:00Z');
  });
});
