import { readdirSync, readFileSync } from 'node:fs';

import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';

import {
  type AccountOnClock,
  signUpOnClock,
  subscribedToCredits,
  subscribedToPro,
} from '../engine/engine-under-test.ts';
import { openBrowser } from './browser-under-test.ts';
import { type DialogToOpen, EVERY_PAGE, type Situation } from './every-dialog.ts';
import { expectAccessible } from './every-look.ts';
import { pagesForTests } from './pages-under-test.ts';

// A page is looked at by axe many times, on machines that do other things, too.
vi.setConfig({ testTimeout: 240_000 });

const WEB = new URL('../../web/', import.meta.url);
/** What dialogs are made of, and no dialog by themselves. */
const PIECES = /^components\/(confirm-|dialog|lazy-dialog|refused-dialog|set-cap)/;
const IS_DIALOG = /<(Modal|Dialog|ConfirmCost|ConfirmAct|SetCap|RefusedDialog)\b/;

const browser = openBrowser();
const pages = pagesForTests();
let accounts: Readonly<Record<Exclude<Situation, 'member' | 'operator' | 'nobody'>, AccountOnClock>>;

beforeAll(async () => {
  const [organization, workspace, trial, withCard, late] = await Promise.all([
    teamOfSome(),
    leavingWorkspace(),
    signUpOnClock(pages.engine, { catalog: 'qodo', now: '2027-01-01T00:00:00Z', stem: 'trial' }),
    signUpOnClock(pages.engine, { catalog: 'qodo', now: '2027-01-01T00:00:00Z', stem: 'carded' }),
    lateWithItsPayment(),
  ]);
  await pages.engine.perennial.addPaymentMethod(withCard.accountId, 'pm_card_visa');
  accounts = { organization, workspace, trial, 'trial with a card': withCard, 'past due': late };
});

async function teamOfSome(): Promise<AccountOnClock> {
  const team = await subscribedToPro(pages.engine, { now: '2027-01-01T00:00:00Z', seats: 3, interval: 'month' });
  const { perennial } = pages.engine;
  for (const id of ['bob', 'cid', 'dora']) {
    const sender = { id, login: id };
    await perennial.checkAccess(team.accountId, { kind: 'run', sender, visibility: 'private' });
  }
  await perennial.execute(team.accountId, { type: 'disableMember', memberId: 'dora' });
  await perennial.recordUsage(team.accountId, { id: 'run', feature: 'macro-run', quantity: 700 });
  return team;
}

async function leavingWorkspace(): Promise<AccountOnClock> {
  const workspace = await subscribedToCredits(pages.engine, { now: '2027-01-01T00:00:00Z', capCents: 5000 });
  await pages.engine.perennial.recordUsage(workspace.accountId, { id: 'use', feature: 'review', credits: 2600 });
  await pages.engine.perennial.execute(workspace.accountId, { type: 'cancel' });
  return workspace;
}

async function lateWithItsPayment(): Promise<AccountOnClock> {
  const terms = { now: '2027-01-01T00:00:00Z', seats: 2, interval: 'month', stem: 'late' } as const;
  const late = await subscribedToPro(pages.engine, terms);
  await pages.engine.perennial.addPaymentMethod(late.accountId, 'pm_card_chargeCustomerFail');
  await late.advance('2027-02-01T00:00:00Z');
  return late;
}

/** Somebody who has come, and what comes before the paths of their pages. */
async function comeTo(situation: Situation): Promise<{ readonly page: Page; readonly base: string }> {
  const page = await browser.page({ baseUrl: pages.url });
  if (situation === 'nobody') return { page, base: '' };
  if (situation === 'operator') {
    await page.goto('/operator/');
    await page.getByLabel('Server key').fill(pages.key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Accounts' }).waitFor();
    return { page, base: '/operator' };
  }
  const { accountId } = accounts[situation === 'member' ? 'organization' : situation];
  await page.goto(await pages.portalLink(accountId, situation === 'member' ? 'member' : 'admin'));
  await page.getByRole('heading', { level: 1, name: 'Billing' }).waitFor();
  return { page, base: `/portal/${encodeURIComponent(accountId)}` };
}

/** As a link within the pages leads there; who is nobody comes from elsewhere each time. */
async function goTo(page: Page, base: string, path: string): Promise<void> {
  if (base === '') await page.goto(path);
  else await page.evaluate(`history.pushState(null, '', ${JSON.stringify(base + path)})`);
}

function withIds(path: string): string {
  return path.replace(/\{(.*)\}/, (_, situation: keyof typeof accounts) =>
    encodeURIComponent(accounts[situation].accountId),
  );
}

/** With the keyboard alone: open it, go around in it, leave it, and be where one was. */
async function expectOperable(page: Page, { button, item, title, refused }: DialogToOpen, look: () => Promise<void>) {
  const opener = page.getByRole(
    'button',
    typeof button === 'string' ? { name: button, exact: true } : { name: button },
  );
  if (refused !== undefined) await page.route(refused, (route) => route.fulfill({ status: 404, json: {} }));
  await opener.first().focus();
  await page.keyboard.press('Enter');
  if (item !== undefined) {
    await page.getByRole('menuitem', { name: item }).focus();
    await page.keyboard.press('Enter');
  }
  const dialog = page.getByRole('dialog', { name: title });
  await dialog.waitFor();
  const within = focusIn(page, dialog);
  await within.waitFor();
  await isThere(dialog);
  for (const key of ['Tab', 'Tab', 'Tab', 'Shift+Tab', 'Shift+Tab', 'Shift+Tab', 'Shift+Tab', 'Shift+Tab']) {
    await page.keyboard.press(key);
  }
  expect(await within.count(), `focus stays in ${String(title)}`).toBe(1);
  await look();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await opener.first().and(page.locator(':focus')).waitFor();
}

/** All of it: nothing that is still asked for. */
async function isThere(part: Locator): Promise<void> {
  await part.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
}

function focusIn(page: Page, dialog: Locator): Locator {
  return dialog.and(page.locator(':focus')).or(dialog.locator(':focus'));
}

describe('every page and every dialog', () => {
  it('given what is in web/, then each page and each dialog is in the list', () => {
    const files = readdirSync(WEB, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tsx'));
    const isLookedAt = (file: string): boolean =>
      /(-page|sign-in|not-found|portal-frame)\.tsx$/.test(file) ||
      (IS_DIALOG.test(readFileSync(new URL(file, WEB), 'utf8')) && !PIECES.test(file));
    const listed = Object.values(EVERY_PAGE)
      .flat()
      .flatMap(({ file, dialogs }) => [file, ...dialogs.map((dialog) => dialog.file)]);
    expect([...new Set(listed)].sort()).toEqual(files.filter(isLookedAt).sort());
  });

  it.each(Object.entries(EVERY_PAGE))(
    'given %s, then axe finds nothing on its pages and dialogs, in no look, and the keyboard is enough',
    async (situation, list) => {
      const { page, base } = await comeTo(situation as Situation);
      for (const { path, heading, dialogs } of list) {
        await goTo(page, base, withIds(path));
        await page.getByRole('heading', { level: 1, name: heading }).waitFor();
        await isThere(page.getByRole('main'));
        // Where it rests, a row or a figure is pointed at: that has to be readable, too.
        await page.mouse.move(640, 400);
        await expectAccessible(browser, page);
        for (const dialog of dialogs) {
          await expectOperable(page, dialog, () => expectAccessible(browser, page, '[role="dialog"]'));
        }
      }
    },
  );
});
