import type { Locator, Page } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';

import { type AccountOnClock, signUpOnClock, subscribedToPro } from '../engine/engine-under-test.ts';
import { openBrowser } from './browser-under-test.ts';
import { expectAccessible, expectThisLookAccessible } from './every-look.ts';
import { pagesForTests } from './pages-under-test.ts';

// What is looked at by axe many times takes its time on machines that do other things, too.
vi.setConfig({ testTimeout: 240_000 });

const browser = openBrowser();
const pages = pagesForTests();

async function open({ accountId }: AccountOnClock, role: 'admin' | 'member' = 'admin'): Promise<Page> {
  const page = await browser.page({ baseUrl: pages.url });
  await page.goto(await pages.portalLink(accountId, role));
  await page.getByRole('link', { name: 'Members' }).click();
  await page.getByRole('heading', { level: 1, name: 'Members' }).waitFor();
  await page.getByRole('table', { name: 'Members' }).waitFor();
  return page;
}

/** On Pro, with as many seats as asked for; the people have come, in order. */
async function organization(
  interval: 'month' | 'year',
  { seats, people }: { readonly seats: number; readonly people: readonly string[] },
): Promise<AccountOnClock> {
  const account = await subscribedToPro(pages.engine, { now: '2027-01-01T00:00:00Z', seats, interval });
  for (const id of people) await comes(account, id);
  return account;
}

async function comes({ accountId }: AccountOnClock, id: string): Promise<void> {
  const sender = { id, login: id };
  // Refused where no seat is free: then they are on the list all the same (SEA-8).
  await pages.engine.perennial.checkAccess(accountId, { kind: 'run', sender, visibility: 'private' }).catch(() => null);
}

const invoicesOf = async ({ accountId }: AccountOnClock) => (await pages.engine.perennial.status(accountId)).invoices;

function rowOf(page: Page, login: string): Locator {
  return page.getByRole('row').filter({ hasText: login });
}

/** Opens a dialog by its button, and gives it when its amounts are there. */
async function ask(page: Page, button: string, title: string): Promise<Locator> {
  await page.getByRole('button', { name: button, exact: true }).click();
  return page.getByRole('dialog', { name: title });
}

async function act(page: Page, login: string, item: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${login}` }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

const focusedIn = async (one: Locator): Promise<boolean> => (await one.and(one.page().locator(':focus')).count()) === 1;

const amount = (dialog: Locator, which: 'due-now' | 'next-invoice') =>
  expect.poll(() => dialog.getByTestId(which).textContent(), { timeout: 10_000 });

describe('the Members page of an admin', () => {
  it('SBI-2 given a monthly plan, when seats are added, then the preview says what the next invoice is, and that is what is issued', async () => {
    const account = await organization('month', { seats: 2, people: ['ada', 'bob'] });
    await account.advance('2027-01-16T12:00:00Z');
    const page = await open(account);
    const dialog = await ask(page, 'Add seats', 'Add seats');
    await dialog.getByRole('textbox', { name: 'Number of seats' }).fill('3');
    // 5 seats for February, and half of January for three: 5 × 20 + 3 × 10.
    await amount(dialog, 'next-invoice').toBe('$130.00');
    expect(await dialog.getByTestId('due-now').textContent()).toBe('Nothing is charged now.');
    await dialog.getByRole('button', { name: 'Add 3 seats' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('2 of 5 seats in use.').waitFor();
    await account.advance('2027-02-01T00:00:00Z');
    expect((await invoicesOf(account)).at(-1)).toMatchObject({ status: 'paid', total: 13_000 });
  });

  it('SBI-3 given a yearly plan, when a seat is added, then what is charged now is the invoice that was previewed', async () => {
    const account = await organization('year', { seats: 1, people: ['ada'] });
    await account.advance('2027-07-02T12:00:00Z');
    const page = await open(account);
    const dialog = await ask(page, 'Add seats', 'Add seats');
    // Half a year is left: 180 ÷ 2.
    await amount(dialog, 'due-now').toBe('$90.00');
    await amount(dialog, 'next-invoice').toBe('$360.00');
    await dialog.getByRole('button', { name: 'Add 1 seat' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect((await invoicesOf(account)).at(-1)).toMatchObject({ purpose: 'seats', status: 'paid', total: 9_000 });
  });

  it('SBI-5 given a member’s seat that is removed, then the page says before and after until when they keep it', async () => {
    const account = await organization('month', { seats: 2, people: ['ada', 'bob'] });
    const page = await open(account);
    await act(page, 'bob', 'Remove seat');
    const dialog = page.getByRole('dialog', { name: 'Remove seats' });
    await dialog.getByText(/until Feb 1, 2027 UTC\. They won’t renew, and nothing is refunded/).waitFor();
    await amount(dialog, 'next-invoice').toBe('$20.00');
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    await rowOf(page, 'bob').getByText('Seat ends on Feb 1, 2027 UTC').waitFor();
    await account.advance('2027-02-01T00:00:00Z');
    await rowOf(page, 'bob').getByText('Seat removed').waitFor();
  });

  it('SEA-12, SEA-13 given a member, when they are disabled and enabled again, then it is free; several who need seats have one price', async () => {
    const account = await organization('month', { seats: 2, people: ['ada', 'bob'] });
    await account.advance('2027-01-16T12:00:00Z');
    const page = await open(account);
    await act(page, 'bob', 'Disable');
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await rowOf(page, 'bob').getByText('Disabled by an admin').waitFor();
    await page.getByText('1 of 2 seats in use.').waitFor();
    await act(page, 'bob', 'Enable');
    const again = page.getByRole('dialog', { name: 'Enable bob' });
    await amount(again, 'next-invoice').toBe('$40.00');
    await again.getByRole('button', { name: 'Enable' }).click();
    await rowOf(page, 'bob').getByText('Enabled').waitFor();

    for (const id of ['cid', 'dan']) await comes(account, id);
    for (const login of ['cid', 'dan']) await page.getByRole('checkbox', { name: `Select ${login}` }).check();
    await page.getByRole('button', { name: 'Enable 2' }).click();
    const both = page.getByRole('dialog', { name: 'Enable 2 members' });
    // 4 seats for February, and half of January for two.
    await amount(both, 'next-invoice').toBe('$100.00');
    await both.getByRole('button', { name: 'Enable' }).click();
    await both.waitFor({ state: 'hidden' });
    await rowOf(page, 'dan').getByText('Enabled').waitFor();
    expect((await pages.engine.perennial.upcomingInvoice(account.accountId))?.total).toBe(10_000);
  });

  it('SEA-17 given the last admin among those who are to be disabled, then it is refused in the server’s words, and the others are', async () => {
    const account = await organization('month', { seats: 2, people: ['bob', 'ada'] });
    await pages.engine.perennial.execute(account.accountId, { type: 'setRole', memberId: 'ada', role: 'admin' });
    const page = await open(account);
    await page.getByRole('checkbox', { name: 'Select all listed members' }).check();
    await page.getByRole('button', { name: 'Disable 2' }).click();
    const dialog = page.getByRole('dialog', { name: 'Disable 2 members' });
    await dialog.getByRole('button', { name: 'Disable' }).click();
    await dialog.getByText('ada is the only enabled admin.').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await rowOf(page, 'bob').getByText('Disabled by an admin').waitFor();
    await rowOf(page, 'ada').getByText('Enabled').waitFor();
  });

  it('SEA-7 given automatic allocation, when a newcomer’s run comes in over another client, then the seat is there within 2 s', async () => {
    const account = await organization('month', { seats: 1, people: ['ada'] });
    const page = await open(account);
    const dialog = await ask(page, 'Turn on', 'Turn on automatic allocation');
    await dialog.getByText('Each seat costs $20.00 per month').waitFor();
    await dialog.getByRole('textbox', { name: 'Ceiling' }).fill('2');
    await dialog.getByRole('button', { name: 'Turn on' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('Up to 2 seats total.').waitFor();
    const other = await pages.engine.connect();
    const sender = { id: 'zoe', login: 'zoe' };
    await other.checkAccess(account.accountId, { kind: 'run', sender, visibility: 'private' });
    await rowOf(page, 'zoe').getByText('Enabled').waitFor({ timeout: 2_000 });
    await page.getByText('2 of 2 seats in use.').waitFor({ timeout: 2_000 });
  });

  it('SEA-2 given somebody who is invited, then they are on the list without a seat, and found by name and by state', async () => {
    const account = await organization('month', { seats: 3, people: ['ada', 'bob'] });
    const page = await open(account);
    const dialog = await ask(page, 'Invite a member', 'Invite a member');
    await dialog.getByRole('textbox', { name: 'ID' }).fill('github:7');
    await dialog.getByRole('textbox', { name: 'Login' }).fill('frances');
    await dialog.getByText('Admin', { exact: true }).click();
    await dialog.getByRole('button', { name: 'Invite' }).click();
    await rowOf(page, 'frances').getByText('Invited').waitFor();
    await page.getByText('2 of 3 seats in use.').waitFor();
    await page.getByRole('textbox', { name: 'Search members' }).fill('github');
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    expect(await rowOf(page, 'frances').textContent()).toContain('Admin');
  });
});

describe('the Members page of somebody else', () => {
  it('SEA-17 given a member whom an admin has disabled, then they see why and whom to ask, no amount and no button, and ask for none', async () => {
    const account = await organization('month', { seats: 2, people: ['ada', 'bob'] });
    const { perennial } = pages.engine;
    await perennial.execute(account.accountId, { type: 'setRole', memberId: 'ada', role: 'admin' });
    await perennial.execute(account.accountId, { type: 'disableMember', memberId: 'bob' });
    const page = await browser.page({ baseUrl: pages.url });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(await pages.portalLink(account.accountId, 'member'));
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByText('An admin disabled your access.').waitFor();
    await page.getByText('Ask ada.').waitFor();
    expect(await page.locator('body').textContent()).not.toMatch(/[$€]|usd/i);
    expect(await page.getByRole('main').getByRole('button').count()).toBe(0);
    const forAdmins = /catalog|preview|invoices|audit|payment-method/;
    expect(asked.filter((path) => path.startsWith('/v1/') && forAdmins.test(path))).toEqual([]);
    await expectAccessible(browser, page);
  });

  it('SEA-9 SEA-17 given members who may not run, each for a reason of their own, then every page that speaks of running says it, and whom to ask', async () => {
    const account = await organization('month', { seats: 3, people: ['ken', 'tony'] });
    const { accountId } = account;
    const { perennial } = pages.engine;
    const admin = { id: 'ada', login: 'linus' };
    await perennial.checkAccess(accountId, { kind: 'run', sender: admin, visibility: 'private' });
    await perennial.execute(accountId, { type: 'setRole', memberId: 'ada', role: 'admin' });
    await comes(account, 'edith');
    await perennial.execute(accountId, { type: 'removeSeats', memberId: 'tony' });
    await account.advance('2027-02-01T00:00:00Z');
    await perennial.execute(accountId, { type: 'disableMember', memberId: 'ken' });
    await perennial.execute(accountId, { type: 'addMember', memberId: 'ivy' });
    const expected = [
      ['edith', 'You don’t have a seat.', 'Ask linus.'],
      ['tony', 'Your seat was removed.', 'Ask linus.'],
      ['ken', 'An admin disabled your access.', 'Ask linus.'],
      ['ivy', 'You’re invited.', 'You join with your first private run'],
    ] as const;
    for (const [id, title, whom] of expected) {
      const page = await browser.page({ baseUrl: pages.url });
      await page.goto(`/portal/#token=${await pages.portalToken(accountId, id, 'member')}`);
      for (const name of ['Billing', 'Members', 'Budgets']) {
        await page.getByRole('navigation').getByRole('link', { name }).click();
        await page.getByRole('heading', { level: 1, name }).waitFor();
        const own = page.getByTestId('own-access');
        await own.getByText(title).waitFor();
        await own.getByText(whom).waitFor();
        expect(await page.getByRole('main').innerText(), `${id} on ${name}`).not.toMatch(
          /You can run|You have access|jobs run\./,
        );
      }
      if (id === 'ken' || id === 'ivy') await expectThisLookAccessible(browser, page);
    }
  });

  it('SEA-5, CRE-1 given the free plan, then its places are counted; given a workspace without seats, then the page says so', async () => {
    const free = await signUpOnClock(pages.engine, { catalog: 'codspeed', now: '2027-01-01T00:00:00Z' });
    for (const id of ['ada', 'bob', 'cid']) await comes(free, id);
    const page = await open(free);
    await page.getByText('3 of 5 member spots in use.').waitFor();
    const workspace = await signUpOnClock(pages.engine, { catalog: 'qodo', now: '2027-01-01T00:00:00Z' });
    await pages.engine.perennial.execute(workspace.accountId, { type: 'addMember', memberId: 'ada' });
    const other = await open(workspace);
    await other.getByText('Members are unlimited').waitFor();
    expect(await other.getByRole('button', { name: 'Add seats' }).count()).toBe(0);
  });
});

describe('a dialog, whose code comes when it is opened', () => {
  it('given only a keyboard, then it is in the dialog, and back where it was when the dialog is closed', async () => {
    const page = await open(await organization('month', { seats: 2, people: ['ada', 'bob'] }));
    const add = page.getByRole('button', { name: 'Add seats' });
    for (const close of ['Escape', 'Enter']) {
      await add.focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Add seats' });
      await expect.poll(() => focusedIn(dialog.getByRole('textbox', { name: 'Number of seats' }))).toBe(true);
      if (close === 'Enter') await dialog.getByRole('button', { name: 'Cancel' }).focus();
      await page.keyboard.press(close);
      await dialog.waitFor({ state: 'detached' });
      await expect.poll(() => focusedIn(add)).toBe(true);
    }
    const actions = page.getByRole('button', { name: 'Actions for bob' });
    await actions.focus();
    await page.keyboard.press('Enter');
    const items = page.getByRole('menuitem');
    await expect.poll(() => focusedIn(items.first())).toBe(true);
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => focusedIn(items.last())).toBe(true);
    await page.keyboard.press('Escape');
    await expect.poll(() => focusedIn(actions)).toBe(true);
    await page.keyboard.press('Enter');
    await expect.poll(() => focusedIn(items.first())).toBe(true);
    await page.keyboard.press('d');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Disable bob' }).getByRole('button', { name: 'Disable' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => focusedIn(actions)).toBe(true);
  });

  it('given a menu that has just opened, when an item is chosen before the browser says that it is open, then that one keeps the focus', async () => {
    const page = await open(await organization('month', { seats: 2, people: ['ada'] }));
    await page.evaluate(`{
      document.querySelector('[aria-label="Actions for ada"]').click();
      document.querySelector('[role="menu"]:popover-open [role="menuitem"]:last-child').focus();
    }`);
    await page.locator('[aria-label="Actions for ada"][aria-expanded="true"]').waitFor();
    expect(await focusedIn(page.getByRole('menuitem').last())).toBe(true);
  });

  it('given its code does not arrive, then the page says so, and has all of it when it is tried again and somebody answers', async () => {
    const page = await open(await organization('month', { seats: 2, people: ['ada'] }));
    const invite = page.getByRole('button', { name: 'Invite a member' });
    const code = /\/assets\/invite-.*\.js$/;
    browser.expectError(/Failed to load resource: net::ERR_FAILED/);
    await page.route(code, (route) => route.abort());
    await invite.click();
    const failed = page.getByRole('dialog', { name: 'This couldn’t be opened.' });
    await failed.getByRole('alert').waitFor();
    await expectAccessible(browser, page);
    await page.keyboard.press('Escape');
    await failed.waitFor({ state: 'detached' });
    await expect.poll(() => focusedIn(invite)).toBe(true);
    await page.keyboard.press('Enter');
    await page.route('**/members', (route) => route.abort());
    await failed.getByRole('button', { name: 'Try again' }).click();
    await page.unroute(code);
    await page.unroute('**/members');
    await failed.getByRole('button', { name: 'Try again' }).click();
    await failed.waitFor({ state: 'detached' });
    await invite.click();
    const dialog = page.getByRole('dialog', { name: 'Invite a member' });
    await expect.poll(() => focusedIn(dialog.getByRole('textbox', { name: 'ID' }))).toBe(true);
  });

  it('given its code is slow, then Escape takes the opening back, and nothing opens later by itself', async () => {
    const page = await open(await organization('month', { seats: 2, people: ['ada'] }));
    let arrive: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (arrive = resolve));
    await page.route(/\/assets\/invite-.*\.js$/, async (route) => {
      await held;
      await route.continue();
    });
    const invite = page.getByRole('button', { name: 'Invite a member' });
    await invite.click();
    await page.getByRole('dialog', { name: 'Loading…' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await expect.poll(() => focusedIn(invite)).toBe(true);
    const arrived = page.waitForResponse(/\/assets\/invite-/);
    arrive();
    await arrived;
    expect(await page.getByRole('dialog').count()).toBe(0);
    await invite.click();
    await page.getByRole('dialog', { name: 'Invite a member' }).waitFor();
  });
});

describe('the Members page, to everybody’s eyes', () => {
  it('given members in every state, then axe finds nothing, on a desk and a phone, in light and dark', async () => {
    const account = await organization('month', { seats: 3, people: ['ada', 'bob', 'cid', 'dan'] });
    const { perennial } = pages.engine;
    await perennial.execute(account.accountId, { type: 'disableMember', memberId: 'bob' });
    await perennial.execute(account.accountId, { type: 'removeSeats', memberId: 'cid' });
    await perennial.execute(account.accountId, { type: 'addMember', memberId: 'eve' });
    const page = await open(account);
    await expectAccessible(browser, page);
  });
});
