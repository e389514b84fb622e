import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type AccountOnClock, signUpOnClock } from '../engine/engine-under-test.ts';
import { openBrowser } from './browser-under-test.ts';
import { type CuttableLine, openLine } from '../cuttable-line.ts';
import { pagesForTests } from './pages-under-test.ts';

/** A product of another site: `localhost` is one beside `127.0.0.1`. It shows in a frame what its address names. */
interface Product {
  readonly origin: string;
  readonly server: Server;
}

const browser = openBrowser();
let [product, stranger]: Product[] = [];

beforeAll(async () => {
  [product, stranger] = await Promise.all([openProduct(), openProduct()]);
});

const pages = pagesForTests(() => ({ frameOrigins: [product!.origin] }));

afterAll(() => {
  for (const each of [product, stranger]) each?.server.close();
});

async function openProduct(): Promise<Product> {
  const server = createServer((request, response) => {
    const shown = decodeURIComponent(request.url?.split('?shows=')[1] ?? '');
    response.setHeader('content-type', 'text/html');
    response.end(
      `<!doctype html><html lang="en"><title>A product</title><iframe title="Billing" width="1200" height="700" src="${shown}"></iframe></html>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return { origin: `http://localhost:${String((server.address() as AddressInfo).port)}`, server };
}

async function shownBy({ origin }: Product, address: string): Promise<{ page: Page; frame: FrameLocator }> {
  const page = await browser.page();
  await page.goto(`${origin}/?shows=${encodeURIComponent(address)}`);
  return { page, frame: page.frameLocator('iframe') };
}

/** The tab beside the frame, which has no session. */
async function cardPage(page: Page, frame: FrameLocator): Promise<Page> {
  const opening = page.context().waitForEvent('page');
  await frame.getByRole('button', { name: 'Add a card' }).click();
  return opening;
}

describe('the pages in a frame of a product', () => {
  it('given a site that may show them, when an admin works in its frame, then it is all there, without a cookie, to the next reload', async () => {
    const account = await signUpOnClock(pages.engine, { catalog: 'codspeed', now: '2027-01-01T00:00:00Z' });
    const link = await pages.portalLink(account.accountId, 'admin');
    const { page, frame } = await shownBy(product!, link);
    await frame.getByRole('heading', { level: 1, name: 'Billing' }).waitFor();
    expect(
      page
        .frames()
        .map((each) => each.url())
        .join(' '),
    ).not.toMatch(/token=.*token=/);
    const asked: Record<string, string>[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/v1/')) asked.push(request.headers());
    });
    await frame.getByRole('button', { name: 'Edit' }).click();
    await frame.getByRole('textbox', { name: /^Email addresses/ }).fill('ada@example.com');
    await frame.getByRole('button', { name: 'Save' }).click();
    await frame.getByRole('dialog').waitFor({ state: 'hidden' });
    await frame.getByText('ada@example.com').waitFor();
    const left = await cardPage(page, frame);
    await left.getByRole('link', { name: 'Back, without a card' }).click();
    await left.getByRole('heading', { level: 1, name: 'Your session has ended.' }).waitFor();
    const card = await cardPage(page, frame);
    await card.getByRole('combobox', { name: 'Card' }).selectOption('pm_card_visa');
    await card.getByRole('button', { name: 'Save' }).click();
    await card.getByRole('heading', { level: 1, name: 'Your card is saved.' }).waitFor();
    await frame.getByText('Visa ending in 4242').waitFor();
    await frame.getByRole('link', { name: 'Members' }).click();
    await frame.getByRole('heading', { level: 1, name: 'Members' }).waitFor();
    expect(asked.length).toBeGreaterThan(2);
    for (const headers of asked) {
      expect(headers['authorization']).toMatch(/^Bearer /);
      expect(headers['cookie']).toBeUndefined();
    }
    expect(await page.context().cookies()).toEqual([]);
    const shown = page.frames().find((each) => each.url().startsWith(pages.url));
    await shown?.goto(shown.url());
    await frame.getByText('Your session has ended.').waitFor();
  });

  it('given a site that may not, or the operator’s pages, then the browser shows nothing', async () => {
    const account = await signUpOnClock(pages.engine, { catalog: 'codspeed', now: '2027-01-01T00:00:00Z' });
    const link = await pages.portalLink(account.accountId, 'admin');
    browser.expectError(/frame-ancestors|ERR_BLOCKED_BY_RESPONSE|Framing/);
    for (const [by, address] of [
      [stranger!, link],
      [product!, `${pages.url}/operator/`],
    ] as const) {
      const { page, frame } = await shownBy(by, address);
      await expect.poll(() => page.frames()[1]?.url()).toMatch(/^chrome-error:/);
      expect(await frame.getByRole('heading', { level: 1 }).count()).toBe(0);
    }
  });
});

describe('the pages on a line that breaks down', () => {
  it('given a line that is cut, then the page says so; when it is mended, what changed meanwhile is there, without a reload', async () => {
    const account = await signUpOnClock(pages.engine, { catalog: 'codspeed', now: '2027-01-01T00:00:00Z' });
    const { page, line } = await overLine(account);
    const lost = page.getByRole('status').filter({ hasText: 'Connection lost.' });
    browser.expectError(/net::ERR_/);
    const dialog = page.getByRole('dialog', { name: 'Billing contacts' });
    await page.getByRole('button', { name: 'Edit' }).click();
    // Its code has come, so that only the line is missing.
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    line.cut();
    await lost.waitFor();
    await contactsBecome(account, 'meanwhile@example.com');
    expect(await page.getByText('No billing contacts yet.').count()).toBe(1);
    await page.getByRole('button', { name: 'Edit' }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByRole('alert').getByText('The server isn’t responding.').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    line.mend();
    await page.getByText('meanwhile@example.com').waitFor();
    await lost.waitFor({ state: 'detached' });
    await contactsBecome(account, 'live@example.com');
    await page.getByText('live@example.com').waitFor({ timeout: 2_000 });
    await page.context().setOffline(true);
    await lost.waitFor({ timeout: 2_000 });
    await contactsBecome(account, 'offline@example.com');
    await page.context().setOffline(false);
    await page.getByText('offline@example.com').waitFor({ timeout: 2_000 });
    await line.close();
  });

  it('given a session that is over meanwhile, then the page says that, and does not try for ever', async () => {
    const account = await signUpOnClock(pages.engine, { catalog: 'codspeed', now: '2027-01-01T00:00:00Z' });
    const { page, line } = await overLine(account);
    browser.expectError(/net::ERR_/);
    line.cut();
    await page.getByText('Connection lost.').waitFor();
    await page.context().clearCookies();
    line.mend();
    await page.getByText('Your session has ended.').waitFor();
    expect(await page.getByText('Connection lost.').count()).toBe(0);
    await line.close();
  });
});

async function overLine({ accountId }: AccountOnClock): Promise<{ page: Page; line: CuttableLine }> {
  const line = await openLine(pages.url);
  const page = await browser.page();
  await page.goto((await pages.portalLink(accountId, 'admin')).replace(pages.url, line.url));
  await page.getByText('No billing contacts yet.').waitFor();
  return { page, line };
}

async function contactsBecome({ accountId }: AccountOnClock, email: string): Promise<void> {
  await pages.engine.perennial.execute(accountId, { type: 'setBillingContacts', emails: [email] });
}
