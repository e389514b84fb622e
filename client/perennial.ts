import { Client, Connection } from '@temporalio/client';
import { v7 as uuid } from 'uuid';

import { accountWorkflowId, advanceTo } from '../workflows/account/account-messages.ts';
import type { Command } from '../billing/account/command.ts';
import { parseCommand } from '../billing/account/command-shape.ts';
import { describeAccount } from '../billing/account/describe.ts';
import type { AccountDocument, InvoiceDocument } from '../billing/account/document.ts';
import { previewSeats, projectTo, type SeatPreview } from '../billing/account/project.ts';
import { type Instant, instantFromEpochMs } from '../billing/calendar/instant.ts';
import type { Catalog } from '../billing/catalog/catalog.ts';
import { publishCatalog } from '../db/catalogs.ts';
import { type Database, openDatabase, readConsistently } from '../db/database.ts';
import { type AccountListing, listAccounts, loadAudit, loadNotices } from '../db/list-accounts.ts';
import { loadAccount, loadInvoices, loadPlace } from '../db/load-account.ts';
import { accountsOnClock, createTestClock, moveTestClock, testClockNow } from '../db/test-clocks.ts';
import type { Border } from './border.ts';
import { type AccessAnswer, type AccessQuestion, checkAccess } from './check-access.ts';
import { type CommandAnswer, executeCommand, type SignUpInput, signUp } from './execute-command.ts';
import { type EventOfUse, recordEvent, type UsageAnswer } from './record-event.ts';
import { refusingUpdates } from './refusing-updates.ts';

export interface ConnectOptions {
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly databaseUrl: string;
  /** Default `perennial`. */
  readonly taskQueue?: string;
  readonly stripe: { readonly apiKey: string; readonly apiBase: string | null };
  /** Stands in for the accounts' own clocks at the border (durable timers played on other dates). */
  readonly now?: (accountId: string) => Promise<Instant>;
}

const DEFAULT_TASK_QUEUE = 'perennial';

/**
 * The typed way in. Commands go through the account's workflow and are applied once, whatever is repeated; usage, access and reading go to
 * Postgres. Every method throws a Refusal, with a stable code, for what the rules do not allow.
 */
export class Perennial {
  readonly #border: Border;
  readonly #connection: Connection;

  private constructor(border: Border, connection: Connection) {
    this.#border = border;
    this.#connection = connection;
  }

  static async connect(options: ConnectOptions): Promise<Perennial> {
    const connection = await Connection.connect({ address: options.temporalAddress });
    const client = new Client({ connection, namespace: options.namespace });
    const db = openDatabase(options.databaseUrl);
    const now = options.now ?? ((accountId) => accountNow(db, accountId));
    return new Perennial({ client, db, taskQueue: options.taskQueue ?? DEFAULT_TASK_QUEUE, now, givenNow: options.now ?? null }, connection);
  }

  async close(): Promise<void> {
    await this.#connection.close();
    await this.#border.db.destroy();
  }

  /** CAT-2: the same content again is the same version, other content is the next one. */
  publishCatalog(catalog: Catalog): Promise<{ name: string; version: number }> {
    return publishCatalog(this.#border.db, catalog);
  }

  /** The instant it is for an account: on its test clock, or on the wall. */
  now(accountId: string): Promise<Instant> {
    return this.#border.now(accountId);
  }

  /** Starts the account's workflow; its trial begins, or its free plan. @throws Refusal `account_exists`, `unknown_catalog`. */
  signUp(input: SignUpInput): Promise<CommandAnswer> {
    return signUp(this.#border, input);
  }

  /** Asks for one command and waits until it, and the payment it may cause, is done. @throws Refusal as the command's rule says. */
  execute(accountId: string, command: Command, options: { commandId?: string; actor?: string } = {}): Promise<CommandAnswer> {
    return executeCommand(this.#border, accountId, command, options);
  }

  /** Stripe's `pm_…` of a card. @throws Refusal `card_declined`. */
  addPaymentMethod(accountId: string, paymentMethodId: string): Promise<CommandAnswer> {
    return this.execute(accountId, { type: 'setPaymentMethod', paymentMethodId });
  }

  /** May this run, or this visit to the dashboard, happen? @throws Refusal naming the reason (AUD-1). */
  checkAccess(accountId: string, question: AccessQuestion): Promise<AccessAnswer> {
    return checkAccess(this.#border, accountId, question);
  }

  /** Records one event of use, or refuses it whole. */
  recordUsage(accountId: string, event: EventOfUse): Promise<UsageAnswer> {
    return recordEvent(this.#border, accountId, event);
  }

  /** What more seats would cost, now and on the next invoice: exactly what adding them is going to cost. */
  async previewSeats(accountId: string, count: number): Promise<SeatPreview> {
    parseCommand('addSeats', { count });
    const { facts, catalog } = await loadAccount(this.#border.db, accountId);
    return previewSeats(facts, catalog, count, await this.now(accountId));
  }

  /** Everything there is to say about an account. @throws Refusal `unknown_account`. */
  async status(accountId: string): Promise<AccountDocument> {
    const { facts, catalog, ...records } = await readConsistently(this.#border.db, async (snapshot) => ({
      ...(await loadAccount(snapshot, accountId)),
      invoices: (await loadInvoices(snapshot, accountId)).map(invoiceDocument),
      notices: await loadNotices(snapshot, accountId),
      audit: await loadAudit(snapshot, accountId),
    }));
    // After the facts, which are never ahead of the clock then.
    const now = await this.now(accountId);
    const { place: _place, ...shown } = records;
    return { ...describeAccount(projectTo(facts, catalog, now), catalog, now), ...shown };
  }

  accounts(limit = 100): Promise<readonly AccountListing[]> {
    return listAccounts(this.#border.db, limit);
  }

  createTestClock({ clockId, now }: { clockId: string; now: Instant }): Promise<void> {
    return createTestClock(this.#border.db, clockId, now);
  }

  /** Moves a test clock and waits until all its accounts have worked off what is due. @throws Refusal `date_before_clock`. */
  async advanceTestClock(clockId: string, to: Instant): Promise<void> {
    const { db, client } = this.#border;
    await moveTestClock(db, clockId, to);
    const accountIds = await accountsOnClock(db, clockId);
    await Promise.all(
      accountIds.map((accountId) =>
        refusingUpdates(() =>
          client.workflow
            .getHandle(accountWorkflowId(accountId))
            .executeUpdate(advanceTo, { args: [to], updateId: `advance ${to} ${uuid()}` }),
        ),
      ),
    );
  }
}

async function accountNow(db: Database, accountId: string): Promise<Instant> {
  const place = await loadPlace(db, accountId);
  if (place.testClockId !== null) return testClockNow(db, place.testClockId);
  return instantFromEpochMs(Date.now() + place.clockOffsetSeconds * 1000);
}

function invoiceDocument(invoice: Awaited<ReturnType<typeof loadInvoices>>[number]): InvoiceDocument {
  const { number, purpose, issuedAt, periodStart, periodEnd, currency, total, status, lines, stripe } = invoice;
  return {
    ...{ number, purpose, issuedAt, periodStart, periodEnd, currency, total, status },
    // In order of time, as all lists of the document: what the old cycle still owes, then what the new one costs in advance.
    lines: lines.map(({ lineId: _lineId, ...line }) => line).sort((a, b) => compareText(a.periodStart, b.periodStart)),
    stripe,
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
