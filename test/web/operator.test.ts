import { readFileSync } from 'node:fs';

import type { Locator, Page } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';

import { parseCatalogYaml } from '../../billing/catalog/load-catalog.ts';
import { signInLink } from '../../client/credentials/sign-in-link.ts';
import {
  type AccountOnClock,
  instant,
  signUpOnClock,
  subscribedToCredits,
  subscribedToPro,
} from '../engine/engine-under-test.ts';
import { openBrowser } from './browser-under-test.ts';
import { expectAccessible } from './every-look.ts';
import { pagesForTests } from './pages-under-test.ts';

// A story is looked at by axe many times, on machines that do other things, too.
vi.setConfig({ testTimeout: 240_000 });

const browser = openBrowser();
const pages = pagesForTests();

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

/** Seats of a catalog that is nobody else's, so that another version of it changes nobody else's price. */
async function publishSeatsAt(cents: number): Promise<void> {
  const yaml = readFileSync(new URL('../../catalogs/codspeed.yaml', import.meta.url), 'utf8')
    .replace(/^name: .*$/m, 'name: seats')
    .replace('seats: { month: 2000', `seats: { month: ${String(cents)}`);
  await pages.engine.perennial.publishCatalog(parseCatalogYaml(yaml, 'seats.yaml'));
}

/** Three of them, from January 2027 on. */
async function soldSeatsAt(cents: number): Promise<Pick<AccountOnClock, 'accountId' | 'advance'>> {
  await publishSeatsAt(cents);
  const { perennial, name } = pages.engine;
  const accountId = name('seats');
  await perennial.createTestClock({ clockId: accountId, now: instant('2027-01-01T00:00:00Z') });
  await perennial.signUp({ accountId, ownerId: 'ada', catalog: 'seats', testClockId: accountId });
  await perennial.addPaymentMethod(accountId, 'pm_card_visa');
  await perennial.execute(accountId, { type: 'subscribe', plan: 'pro', interval: 'month', seats: 3 });
  return { accountId, advance: (to) => perennial.advanceTestClock(accountId, instant(to)) };
}

/** Previews that were refused: after an act is done nobody should have asked for one. */
function refusedPreviews(page: Page): readonly string[] {
  const found: string[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/preview') && response.status() >= 400) found.push(response.url());
  });
  return found;
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
    await first.getByRole('link', { name: accountId }).click();
    await page.getByRole('heading', { level: 1, name: accountId }).waitFor();
    await page.getByRole('table', { name: 'Commands' }).waitFor();
    await page.getByRole('button', { name: /^Record the payment/ }).click();
    const dialog = page.getByRole('dialog', { name: /^Record the payment/ });
    await dialog.getByLabel('Reference').fill('transfer 12');
    await dialog.getByRole('button', { name: 'Record payment' }).click();
    await page.getByText('No open invoices.').waitFor();
    expect((await pages.engine.perennial.status(accountId)).phase).toBe('active');
  });

  it('INV-7 given a paid invoice, when money of it is given back, then never more than was paid, and the invoice shows the credit note', async () => {
    const { accountId } = await organization('credited');
    const page = await signedIn();
    await page.goto(overviewOf(accountId));
    await page.getByRole('button', { name: 'Issue a credit note' }).click();
    const dialog = page.getByRole('dialog', { name: 'Issue a credit note' });
    const amount = dialog.getByRole('textbox', { name: /^Amount to credit/ });
    await amount.fill('60.01');
    await dialog.getByLabel('Reason').fill('Down for a day');
    await dialog.getByText('At most $60.00').first().waitFor();
    expect(await dialog.getByRole('button', { name: /^Credit \$/ }).isDisabled()).toBe(true);
    await expectAccessible(browser, page);
    await amount.fill('20.00');
    await dialog.getByRole('button', { name: 'Credit $20.00' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.goto(`${overviewOf(accountId)}/invoices/${accountId}-0001`);
    const notes = page.getByRole('table', { name: 'Credit notes' });
    await notes.getByText('Refunded').waitFor();
    expect(await notes.innerText()).toContain('Down for a day');
    await expectAccessible(browser, page);
    await page.goto(overviewOf(accountId));
    await page.getByRole('button', { name: 'Issue a credit note' }).click();
    await amount.fill('15.00');
    await dialog.getByLabel('Reason').fill('And slow for another');
    await dialog.getByText('Next invoice', { exact: true }).click();
    await dialog.getByRole('button', { name: 'Credit $15.00' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('region', { name: 'Money' }).getByText('$45.00').waitFor();
    const { creditNotes } = await pages.engine.perennial.status(accountId);
    const given = creditNotes.map(({ total, destination }) => [destination, total]);
    expect(given).toEqual([
      ['card', 2000],
      ['balance', 1500],
    ]);
  });

  it('CRE-18 given a trial, when a contract is set with an invoice due later, then it is in force and shown, CAT-3', async () => {
    const { accountId } = await signUpOnClock(pages.engine, { catalog: 'qodo', now: '2027-01-01T00:00:00Z' });
    const page = await signedIn();
    await page.goto(overviewOf(accountId));
    await page.getByRole('button', { name: 'Set a contract' }).click();
    const dialog = page.getByRole('dialog', { name: 'Enterprise contract' });
    await dialog.getByLabel('Price per interval (usd)').fill('12000.00');
    await dialog.getByLabel('Included per month (credits)').fill('50000');
    await dialog.getByLabel('Allow overage at a price').check();
    await dialog.getByLabel('Price (usd)', { exact: false }).last().fill('0.01');
    await dialog.getByLabel('Monthly overage cap (usd)').fill('500');
    await dialog.getByLabel('Send an invoice instead of charging the card').check();
    await dialog.getByLabel('Attributes').fill('support: 24 × 7\ndeployment: single-tenant');
    await dialog.getByLabel('Start now').check();
    await dialog.getByText('Invoiced now, due Jan 31, 2027').waitFor();
    expect(await dialog.getByTestId('due-now').textContent()).toBe('$12,000.00');
    await dialog.getByText('Next invoice, Jan 1, 2028').waitFor();
    await expectAccessible(browser, page);
    await dialog.getByRole('button', { name: 'Set contract' }).click();
    const shown = page.getByRole('region', { name: 'Contract' });
    await shown.getByText('24 × 7').waitFor();
    expect(await shown.innerText()).toContain('By invoice, net 30 days');
    const { phase, invoices } = await pages.engine.perennial.status(accountId);
    expect([phase, invoices[0]?.total, invoices[0]?.dueAt]).toEqual(['active', 1_200_000, '2027-01-31T00:00:00Z']);
  });

  it('CRE-18 MON-1 given a running month, when a contract’s price is typed, then the charge is in the question before it is made, and a comma is no price', async () => {
    const { accountId } = await organization('priced');
    const page = await signedIn();
    const refused = refusedPreviews(page);
    await page.goto(overviewOf(accountId));
    await page.getByRole('button', { name: 'Set a contract' }).click();
    const dialog = page.getByRole('dialog', { name: 'Enterprise contract' });
    const set = dialog.getByRole('button', { name: 'Set contract' });
    const price = dialog.getByLabel('Price per interval (usd)');
    await price.fill('1250,00');
    await dialog.getByText('Use a point: 1250.00').waitFor();
    expect(await set.isDisabled()).toBe(true);
    await price.fill('1,250.00');
    await dialog.getByLabel('Start now').check();
    // Nothing of January 31 is used: all of the $60.00 comes back.
    await expect.poll(() => dialog.getByTestId('due-now').textContent()).toBe('$1,190.00');
    await dialog.getByText('-$60.00').waitFor();
    await dialog.getByText(/^Next invoice, [A-Z][a-z]{2} \d+, 202\d/).waitFor();
    await set.click();
    await dialog.waitFor({ state: 'hidden' });
    const { invoices } = await pages.engine.perennial.status(accountId);
    expect(invoices.at(-1)).toMatchObject({ total: 119_000, status: 'paid' });
    expect(refused).toEqual([]);
  });

  it('CRE-19 given overage that is not billed yet, when an account is closed, then the question has the final charge', async () => {
    const { accountId } = await subscribedToCredits(pages.engine, { now: '2027-01-01T00:00:00Z', capCents: 5000 });
    await pages.engine.perennial.recordUsage(accountId, { id: 'over', feature: 'ask', credits: 2_600 });
    const page = await signedIn();
    const refused = refusedPreviews(page);
    await page.goto(overviewOf(accountId));
    await page.getByRole('button', { name: 'Close the account' }).click();
    const dialog = page.getByRole('dialog', { name: 'Close the account permanently' });
    await expect.poll(() => dialog.getByTestId('due-now').textContent()).toBe('$1.20');
    await dialog.getByText('No upcoming invoice.').waitFor();
    const close = dialog.getByRole('button', { name: 'Close permanently' });
    expect(await close.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill(accountId);
    await close.click();
    await page.getByText('Canceled').waitFor();
    expect((await pages.engine.perennial.status(accountId)).invoices.at(-1)).toMatchObject({
      total: 120,
      status: 'paid',
    });
    expect(refused).toEqual([]);
  });

  it('AUD-3 given sound books, when they are compared, then it is said that nothing differs', async () => {
    const { accountId } = await organization('sound');
    const page = await signedIn();
    await page.goto(overviewOf(accountId));
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByText('Ledger, invoices and Stripe agree.').waitFor();
    await page.getByRole('link', { name: 'Reconciliation' }).click();
    await page.getByRole('button', { name: 'Run reconciliation' }).click();
    await page.getByText('No differences').waitFor({ timeout: 60_000 });
    await expectAccessible(browser, page);
  });

  it('TRI-6 given a clock, when somebody is signed up on it and closed for good, then only after its id is typed', async () => {
    await pages.engine.perennial.createTestClock({ clockId: 'shop', now: instant('2027-01-01T00:00:00Z') });
    const page = await signedIn();
    await page.getByRole('button', { name: 'Sign up an account' }).click();
    const signUp = page.getByRole('dialog', { name: 'Sign up an account' });
    await signUp.getByLabel('Account ID').fill('corner-shop');
    await signUp.getByLabel('Owner ID').fill('eve');
    await signUp.getByRole('combobox', { name: 'Clock' }).click();
    await page.getByRole('option', { name: 'shop' }).click();
    await signUp.getByRole('button', { name: 'Sign up' }).click();
    await page.getByRole('heading', { level: 1, name: 'corner-shop' }).waitFor();
    await page.getByRole('button', { name: 'Close the account' }).click();
    const close = page.getByRole('dialog', { name: 'Close the account permanently' });
    const confirm = close.getByRole('button', { name: 'Close permanently' });
    expect(await confirm.isDisabled()).toBe(true);
    await close.getByRole('textbox').fill('corner-shop');
    await confirm.click();
    await page.getByText('Canceled').waitFor();
    expect((await pages.engine.perennial.status('corner-shop')).closedAt).toBe('2027-01-01T00:00:00Z');
  });

  it('given a sign-in link, when it is followed, then it signs in once: again where it did, it goes on; elsewhere it says why not', async () => {
    const link = await signInLink(pages.engine.perennial, { origin: pages.url, key: pages.key });
    const page = await browser.page();
    await page.goto(link);
    await page.getByRole('heading', { level: 1, name: 'Accounts' }).waitFor();
    expect(page.url()).not.toContain('code=');
    await page.goto('about:blank');
    await page.goto(link);
    await page.getByRole('heading', { level: 1, name: 'Accounts' }).waitFor();
    const other = await browser.page();
    await other.goto(link);
    await other.getByRole('alert').getByText('This sign-in link was already used.').waitFor();
    await other.goto(`${pages.url}/operator/`);
    await other.getByRole('heading', { level: 1, name: 'Operator sign-in' }).waitFor();
    expect(await other.getByRole('alert').count()).toBe(0);
  });

  it('TRI-8 given a trial that has ended, when an operator extends it, then use is free again until the day that is shown', async () => {
    const account = await signUpOnClock(pages.engine, { catalog: 'qodo', now: '2027-01-01T00:00:00Z', stem: 'ended' });
    await account.advance('2027-01-20T00:00:00Z');
    const page = await signedIn();
    await page.goto(overviewOf(account.accountId));
    const glance = page.getByRole('region', { name: 'At a glance' });
    await glance.getByText('Blocked', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Extend the trial' }).click();
    const dialog = page.getByRole('dialog', { name: 'Extend the trial' });
    await dialog.getByRole('textbox', { name: 'Additional days' }).fill('5');
    await dialog.getByRole('button', { name: 'Extend' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await glance.getByText('Trial', { exact: true }).waitFor();
    await glance.getByText('Jan 25, 2027, 00:00 UTC').waitFor();
    const used = await pages.engine.perennial.recordUsage(account.accountId, { id: 'again', feature: 'review' });
    expect(used).toMatchObject({ trial: 139 });
  });

  it('CAT-2 given a newer version of a catalog, when an account is moved to it, then at the end of what is paid, and not to one that is not there', async () => {
    const { accountId, advance } = await soldSeatsAt(2000);
    await publishSeatsAt(5000);
    const page = await signedIn();
    await page.goto(overviewOf(accountId));
    await page.getByText('catalog seats, version 1').waitFor();
    await page.getByRole('button', { name: 'Move to another version' }).click();
    const dialog = page.getByRole('dialog', { name: 'Move to another catalog version' });
    await dialog.getByRole('textbox', { name: 'Version' }).fill('9');
    await dialog.getByRole('button', { name: 'Move account' }).click();
    await dialog
      .getByRole('alert')
      .getByText(/version 9/)
      .waitFor();
    await dialog.getByRole('textbox', { name: 'Version' }).fill('');
    await dialog.getByRole('button', { name: 'Move account' }).click();
    await dialog.waitFor({ state: 'hidden' });
    const glance = page.getByRole('region', { name: 'At a glance' });
    await glance.getByText('pro, catalog version 2, Feb 1, 2027, 00:00 UTC').waitFor();
    await page.getByRole('region', { name: 'Money' }).getByText('$150.00').waitFor();
    await advance('2027-02-01T00:00:00Z');
    await page.getByText('catalog seats, version 2').waitFor();
    expect((await pages.engine.perennial.status(accountId)).invoices.map(({ total }) => total)).toEqual([6000, 15_000]);
  });

  it('AUD-2 given a member and an admin, when an operator opens the pages as them, then they see what those see, and acts are support’s', async () => {
    const { accountId } = await organization('seen');
    const { perennial } = pages.engine;
    await perennial.checkAccess(accountId, { kind: 'run', sender: { id: 'bob', login: 'bob' }, visibility: 'private' });
    const page = await signedIn();
    await page.goto(overviewOf(accountId));
    const openAs = async (choose: (dialog: Locator) => Promise<void>): Promise<Page> => {
      await page.getByRole('button', { name: 'Open as a customer' }).click();
      const dialog = page.getByRole('dialog', { name: 'Open as a customer' });
      await choose(dialog);
      const opening = page.context().waitForEvent('page');
      await dialog.getByRole('button', { name: 'Open in a new tab' }).click();
      const tab = await opening;
      await tab.getByRole('heading', { level: 1, name: 'Billing' }).waitFor();
      await dialog.waitFor({ state: 'hidden' });
      return tab;
    };
    const asMember = await openAs(async (dialog) => {
      await dialog.getByRole('combobox', { name: 'Person' }).click();
      await page.getByRole('option', { name: 'bob' }).click();
      await dialog.getByText('Member', { exact: true }).click();
    });
    await asMember.getByText('bob · Member').waitFor();
    expect(await asMember.getByRole('main').innerText()).not.toMatch(/[$€]/);
    const asAdmin = await openAs(() => Promise.resolve());
    await asAdmin.getByRole('button', { name: 'Edit' }).click();
    await asAdmin.getByRole('textbox', { name: /^Email addresses/ }).fill('support@example.com');
    await asAdmin.getByRole('button', { name: 'Save' }).click();
    await asAdmin.getByRole('dialog').waitFor({ state: 'hidden' });
    expect((await perennial.status(accountId)).audit.at(-1)).toMatchObject({ actor: `support:owner of ${accountId}` });
  });
});
