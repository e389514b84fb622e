import { Client, Connection } from '@temporalio/client';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry';
import type Stripe from 'stripe';

import type { Command } from '../billing/model/command.ts';
import { assertId, parseCommand } from '../billing/commands/command-shape.ts';
import type { UsageAnswer } from '../billing/usage/decide-events.ts';
import { describeAccount } from '../billing/views/describe.ts';
import type { AccountDocument, InvoiceDocument } from '../billing/model/document.ts';
import { previewCommand, projectTo, upcomingInvoice } from '../billing/views/project.ts';
import type { Instant } from '../billing/calendar/instant.ts';
import type { Catalog } from '../billing/catalog/catalog.ts';
import { withoutExpired } from '../billing/usage/holds.ts';
import type { Invoice } from '../billing/model/facts.ts';
import { Refusal } from '../billing/refusal.ts';
import { catalogInForce } from '../billing/model/catalog-in-force.ts';
import type { Cut } from '../db/account/account-pages.ts';
import { CatalogCache, newestCatalogs, publishCatalog } from '../db/account/catalogs.ts';
import { loadCreditNotes } from '../db/account/credit-notes.ts';
import { openDatabase, openPool, readConsistently } from '../db/database.ts';
import { openHolds } from '../db/usage/held-use.ts';
import { type AccountListing, listAccounts, loadAudit, loadNotices } from '../db/account/list-accounts.ts';
import { loadAccount, type LoadedAccount, loadInvoices, loadPlace } from '../db/account/load-account.ts';
import { AccessReader } from '../db/access/read-access.ts';
import { withGivenUp } from '../db/account/given-up.ts';
import { UsageRecorder } from '../db/usage/record-usage.ts';
import {
  accountsOnClock,
  createTestClock,
  moveTestClock,
  testClockNow,
  testClockPage,
  type TestClockRow,
} from '../db/account/test-clocks.ts';
import { DEFAULT_TASK_QUEUE } from '../settings/settings.ts';
import { accessChecks, usageBatchEvents } from '../telemetry/metrics.ts';
import { advanceTo } from '../workflows/account/account-messages.ts';
import { AccountChanges } from './queries/account-changes.ts';
import { accountNow } from './queries/account-now.ts';
import { AccountReader } from './queries/account-view.ts';
import { answersWithin } from './context/answers-within.ts';
import type { Border } from './context/border.ts';
import { CatalogMigrations } from './operations/catalog-migrations.ts';
import { type AccessAnswer, type AccessQuestion, checkAccess } from './access/check-access.ts';
import { InstallationSecrets } from './credentials/installation-secrets.ts';
import { openPortalSession, type PortalSessionInput } from './credentials/open-portal-session.ts';
import { OperatorSessions } from './credentials/operator-sessions.ts';
import { type PortalClaims, PortalTokens } from './credentials/portal-tokens.ts';
import { ServerKeys } from './credentials/server-keys.ts';
import { SignInCodes } from './credentials/sign-in-codes.ts';
import { Deadlines } from './context/deadlines.ts';
import {
  type CommandAnswer,
  type CommandOptions,
  executeCommand,
  type SignUpInput,
  signUp,
} from './commands/execute-command.ts';
import { IdempotentRequests } from './commands/idempotent-requests.ts';
import { receiveStripeEvent, type StripeDelivery } from './operations/stripe-events.ts';
import {
  capture,
  type CaptureAnswer,
  type CaptureInput,
  hold,
  type HoldAnswer,
  type HoldInput,
  release,
  reverseUsage,
} from './holds/held-use.ts';
import { creditNoteDocument, invoiceDocument } from './queries/invoice-document.ts';
import {
  type AccountEvent,
  type EventOfUse,
  type EventResult,
  recordEvent,
  recordEvents,
} from './usage/record-events.ts';
import { openPaymentMethodSession, type PaymentMethodSessionInput } from './commands/payment-method-session.ts';
import { askAccount } from './commands/reach-account.ts';
import { Reconciliations } from './operations/reconciliations.ts';
import { UpdateGate } from './context/update-gate.ts';
import { Webhooks } from './operations/webhooks.ts';

export interface ConnectOptions {
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly databaseUrl: string;
  /** Default `perennial`. */
  readonly taskQueue?: string;
  readonly stripe: { readonly apiKey: string; readonly apiBase: string | null };
  /** Stands in for the accounts' own clocks at the border (durable timers played on other dates). */
  readonly now?: (accountId: string) => Promise<Instant>;
  /** What portal tokens are signed and operators' sessions sealed with, the first; all are good for reading. Without any, secrets kept in the database. */
  readonly portalSecrets?: readonly string[];
}

/** What a command would cost. Invoices that are not issued yet are drafts. */
export interface CommandPreview {
  /** What is charged at once. */
  readonly dueNowCents: number;
  /** The whole next invoice, as it is issued if nothing more happens (INV-3). */
  readonly nextInvoiceCents: number;
  readonly dueNow: InvoiceDocument | null;
  readonly nextInvoice: InvoiceDocument | null;
}

/** For the batches under way, and for what one of them may need beside it. */
const USAGE_CONNECTIONS = 8;

/**
 * The typed way in. Commands go through the account's workflow and are applied once, whatever is repeated; usage, access and reading go to
 * Postgres. Every method throws a Refusal, with a stable code, for what the rules do not allow.
 */
export class Perennial {
  readonly keys: ServerKeys;
  readonly portalTokens: PortalTokens;
  readonly operatorSessions: OperatorSessions;
  readonly signInCodes: SignInCodes;
  readonly requests: IdempotentRequests;
  /** Accounts and their lists, a page at a time. */
  readonly read: AccountReader;
  /** Whether the books agree (AUD-3). */
  readonly reconciliations: Reconciliations;
  /** Moving all accounts of a catalog to another version (CAT-2). */
  readonly catalogMigrations: CatalogMigrations;
  /** Who wants to be told when an account has changed. */
  readonly changes: AccountChanges;
  readonly #border: Border;
  readonly #connection: Connection;
  readonly #deadlines: Deadlines;
  /** Where events are sent, and what became of them. */
  readonly webhooks: Webhooks;

  private constructor(border: Border, connection: Connection, portalSecrets: readonly string[]) {
    this.#border = border;
    this.webhooks = new Webhooks(border.db);
    this.#connection = connection;
    this.#deadlines = new Deadlines(connection);
    this.keys = new ServerKeys(border.db);
    const secrets = new InstallationSecrets(border.db, { secrets: portalSecrets });
    this.portalTokens = new PortalTokens(secrets);
    this.operatorSessions = new OperatorSessions(secrets);
    this.signInCodes = new SignInCodes(border.db);
    this.requests = new IdempotentRequests(border.db);
    this.read = new AccountReader(border);
    this.reconciliations = new Reconciliations(border);
    this.catalogMigrations = new CatalogMigrations(border);
    this.changes = new AccountChanges(border.db);
  }

  /** Without Stripe: whoever needs it brings it along. */
  static async connect(options: Omit<ConnectOptions, 'stripe'>): Promise<Perennial> {
    const connection = await Connection.connect({ address: options.temporalAddress });
    // Carries the caller's trace along, where there is one.
    const interceptors = { workflow: [new OpenTelemetryWorkflowClientInterceptor()] };
    const client = new Client({ connection, namespace: options.namespace, interceptors });
    const db = openDatabase(options.databaseUrl);
    const now = options.now ?? ((accountId) => accountNow(db, accountId));
    return new Perennial(
      {
        client,
        db,
        usage: new UsageRecorder({
          db,
          pool: openPool(options.databaseUrl, USAGE_CONNECTIONS),
          givenNow: options.now ?? null,
          onBatch: (events) => {
            usageBatchEvents.observe(events);
          },
        }),
        access: new AccessReader(options.databaseUrl),
        catalogs: new CatalogCache(db),
        gate: new UpdateGate(),
        taskQueue: options.taskQueue ?? DEFAULT_TASK_QUEUE,
        now,
        givenNow: options.now ?? null,
      },
      connection,
      options.portalSecrets ?? [],
    );
  }

  /** Keeps a webhook of Stripe, for a worker to work off. @throws Refusal `invalid_request` unless Stripe signed it, and lately. */
  receiveStripeEvent(delivery: StripeDelivery): Promise<void> {
    return receiveStripeEvent(this.#border.db, delivery);
  }

  /** What does not answer within so many milliseconds: nothing of the API works without either. */
  async away(timeoutMs: number): Promise<readonly ('postgres' | 'temporal')[]> {
    const { db } = this.#border;
    const connection = this.#connection;
    const [hasPostgres, hasTemporal] = await Promise.all([
      answersWithin(timeoutMs, () => db.raw('select 1')),
      answersWithin(timeoutMs, () =>
        this.#deadlines.within(timeoutMs, () => connection.workflowService.getSystemInfo({})),
      ),
    ]);
    return [...(hasPostgres ? [] : (['postgres'] as const)), ...(hasTemporal ? [] : (['temporal'] as const))];
  }

  /**
   * Waits no longer than so many milliseconds for whatever `act` asks of Temporal, then throws. What was asked may still be done: by a
   * worker that comes back, for example.
   */
  within<Result>(timeoutMs: number, act: () => Promise<Result>): Promise<Result> {
    return this.#deadlines.within(timeoutMs, act);
  }

  async close(): Promise<void> {
    await this.changes.close();
    await this.#connection.close();
    await this.#border.usage.close();
    await this.#border.access.close();
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

  /** Stripe's page on which the account's card is saved. @throws Refusal `unknown_account`, `account_closed`; what Stripe answers. */
  openPaymentMethodSession(stripe: Stripe, input: PaymentMethodSessionInput): Promise<{ readonly url: string }> {
    return openPaymentMethodSession(this.#border.db, stripe, input);
  }

  /** Starts the account's workflow; its trial begins, or its free plan. @throws Refusal `account_exists`, `unknown_catalog`. */
  signUp(input: SignUpInput): Promise<CommandAnswer> {
    return signUp(this.#border, input);
  }

  /** Asks for one command and waits until it, and the payment it may cause, is done. @throws Refusal as the command's rule says. */
  execute(accountId: string, command: Command, options: CommandOptions = {}): Promise<CommandAnswer> {
    return executeCommand(this.#border, accountId, command, options);
  }

  /** Stripe's `pm_…` of a card. @throws Refusal `card_declined`. */
  addPaymentMethod(accountId: string, paymentMethodId: string): Promise<CommandAnswer> {
    return this.execute(accountId, { type: 'setPaymentMethod', paymentMethodId });
  }

  /** May this run, or this visit to the dashboard, happen? @throws Refusal naming the reason (AUD-1). */
  async checkAccess(accountId: string, question: AccessQuestion): Promise<AccessAnswer> {
    try {
      const answer = await checkAccess(this.#border, accountId, question);
      accessChecks.inc({ answer: 'allowed' });
      return answer;
    } catch (error) {
      if (error instanceof Refusal) accessChecks.inc({ answer: error.code });
      throw error;
    }
  }

  /**
   * Records up to 1,000 events of many accounts; each is answered on its own, in order, and one that is refused hurts no other. What is
   * acknowledged is committed. Where Postgres does not answer it throws; the same events may then be sent again (CRE-11).
   * @throws Refusal `invalid_request` where it is not a list of at most 1,000.
   */
  recordUsageBatch(events: readonly AccountEvent[]): Promise<readonly EventResult[]> {
    return recordEvents(this.#border, events);
  }

  /** Records one event of use, or refuses it whole. */
  recordUsage(accountId: string, event: EventOfUse): Promise<UsageAnswer> {
    return recordEvent(this.#border, accountId, event);
  }

  /** Reserves what work may use before it starts (CRE-13). @throws Refusal where it does not fit; the same id again gets the first answer. */
  hold(accountId: string, input: HoldInput): Promise<HoldAnswer> {
    return hold(this.#border, accountId, input);
  }

  /** Takes what the work has used of its hold; the rest is released. @throws Refusal `unknown_hold`, `hold_not_open`. */
  capture(accountId: string, input: CaptureInput): Promise<CaptureAnswer> {
    return capture(this.#border, accountId, input);
  }

  /** Gives all of a hold back. @throws Refusal `unknown_hold`, `hold_not_open`. */
  release(
    accountId: string,
    input: { readonly id: string },
  ): Promise<{ readonly id: string; readonly meter: string; readonly released: number }> {
    return release(this.#border, accountId, input);
  }

  /** Gives back what an event took that failed, or a hold's capture (CRE-14). @throws Refusal `unknown_event`. */
  reverseUsage(
    accountId: string,
    input: { readonly id: string; readonly actor?: string },
  ): Promise<UsageAnswer & { readonly id: string }> {
    return reverseUsage(this.#border, accountId, input);
  }

  /**
   * What a command would cost, now and on the next invoice: exactly what it is going to cost (invariant 11). Changes nothing.
   * @throws Refusal for the reasons that the command itself would be refused.
   */
  async preview(accountId: string, command: Command): Promise<CommandPreview> {
    parseCommand(command.type, command);
    const { facts: present, catalog, now } = await this.#present(accountId);
    const isPayment = command.type === 'recordPayment';
    const facts = isPayment ? await withGivenUp(this.#border.db, present, command.number) : present;
    const { dueNow, nextInvoice, ...cents } = previewCommand(facts, catalog, command, now);
    return { ...cents, dueNow: draftDocument(dueNow), nextInvoice: draftDocument(nextInvoice) };
  }

  previewSeats(accountId: string, count: number): Promise<CommandPreview> {
    return this.preview(accountId, { type: 'addSeats', count });
  }

  /** The next invoice as it is issued if nothing more happens (INV-3); null where none is coming. @throws Refusal `unknown_account`. */
  async upcomingInvoice(accountId: string): Promise<InvoiceDocument | null> {
    const { facts, catalog, now } = await this.#present(accountId);
    return draftDocument(upcomingInvoice(projectTo(facts, catalog, now), catalog));
  }

  /** Everything there is to say about an account. @throws Refusal `unknown_account`. */
  async status(accountId: string): Promise<AccountDocument> {
    const { facts, catalog, ...records } = await readConsistently(this.#border.db, async (snapshot) => ({
      ...(await loadAccount(snapshot, accountId)),
      invoices: (await loadInvoices(snapshot, accountId)).map((invoice) => invoiceDocument(invoice, invoice.stripe)),
      creditNotes: (await loadCreditNotes(snapshot, { accountId })).map(creditNoteDocument),
      notices: await loadNotices(snapshot, accountId),
      audit: await loadAudit(snapshot, accountId),
      holds: await openHolds(snapshot, accountId),
    }));
    // After the facts, which are never ahead of the clock then.
    const now = await this.now(accountId);
    const { place: _place, version: _version, holds, ...shown } = records;
    const meterCycles = withoutExpired(facts.meterCycles, holds, now);
    const present = projectTo({ ...facts, meterCycles }, catalog, now);
    return { ...describeAccount(present, catalogInForce(present, catalog), now), ...shown };
  }

  /** At most so many, by name. @throws Refusal `invalid_request` for a limit that is no positive whole number. */
  async accounts(limit = 100): Promise<readonly AccountListing[]> {
    if (!Number.isSafeInteger(limit) || limit < 1) {
      const message = `limit: expected a whole number, 1 or more, found ${String(limit)}.`;
      throw new Refusal({ code: 'invalid_request', message, field: 'limit' });
    }
    return listAccounts(this.#border.db, limit);
  }

  /** Who a portal token is to be for; `portalTokens` signs it. @throws Refusal `unknown_member`, `member_not_admin`. */
  openPortalSession(input: PortalSessionInput): Promise<PortalClaims> {
    return openPortalSession(this.#border, this.portalTokens, input);
  }

  async createTestClock({ clockId, now }: { clockId: string; now: Instant }): Promise<void> {
    assertId('clockId', clockId);
    return createTestClock(this.#border.db, clockId, now);
  }

  /** @throws Refusal `unknown_test_clock`. */
  async testClock(clockId: string): Promise<{ readonly now: Instant; readonly accountIds: readonly string[] }> {
    const { db } = this.#border;
    return { now: await testClockNow(db, clockId), accountIds: await accountsOnClock(db, clockId) };
  }

  /** By id. */
  testClocks(cut: Cut<readonly [string]>): Promise<readonly TestClockRow[]> {
    return testClockPage(this.#border.db, cut);
  }

  /** The newest version of every catalog that is served, by name. */
  catalogs(): Promise<readonly { readonly version: number; readonly catalog: Catalog }[]> {
    return newestCatalogs(this.#border.db);
  }

  /** Moves a test clock and waits until all its accounts have worked off what is due. @throws Refusal `date_before_clock`. */
  async advanceTestClock(clockId: string, to: Instant): Promise<void> {
    const { db } = this.#border;
    await moveTestClock(db, clockId, to);
    const accountIds = await accountsOnClock(db, clockId);
    await Promise.all(accountIds.map((accountId) => this.#advanceAccount(accountId, to)));
  }

  async #advanceAccount(accountId: string, to: Instant): Promise<void> {
    const { db } = this.#border;
    try {
      await askAccount(this.#border, accountId, advanceTo, [to]);
    } catch (error) {
      // Nothing is left to wait for in an account that is closed and settled.
      const isGone = error instanceof Refusal && error.code === 'unknown_account';
      if (!isGone || (await loadPlace(db, accountId)).closedAt === null) throw error;
    }
  }

  async #present(accountId: string): Promise<Pick<LoadedAccount, 'facts' | 'catalog'> & { readonly now: Instant }> {
    const now = await this.now(accountId);
    const { facts, catalog } = await readConsistently(this.#border.db, (snapshot) => loadAccount(snapshot, accountId));
    return { facts, catalog, now };
  }
}

function draftDocument(invoice: Invoice | null): InvoiceDocument | null {
  return invoice === null ? null : { ...invoiceDocument(invoice, null), status: 'draft' };
}
