import type { Instant } from '../billing/calendar/instant.ts';
import { addDays } from '../billing/calendar/instant.ts';
import type { Catalog } from '../billing/catalog/catalog.ts';
import type { Account, Facts, Invoice, Line, Member, MeterCycle, Seat, Subscription } from '../billing/facts/facts.ts';
import { Refusal } from '../billing/refusal.ts';
import { loadCatalog } from './catalogs.ts';
import { loadPendingCreditNotes } from './credit-notes.ts';
import { type Database, isTransaction, readConsistently, type Transaction } from './database.ts';
import type { AccountPlace, AccountRow, MeterCycleRow, SubscriptionRow } from './tables.ts';

export interface LoadedAccount {
  readonly facts: Facts;
  readonly catalog: Catalog;
  /** Counts the decisions that were written about it. */
  readonly version: number;
  readonly place: AccountPlace;
}

/** `none`: just read. `shared`: no command comes in between. `exclusive`: to change billing facts. */
export type AccountLock = 'none' | 'shared' | 'exclusive';

/** How long a closed cycle of use stays at hand: late events reach back 35 days (CRE-12). */
const CLOSED_CYCLE_DAYS = 70;

/** All facts of an account, as one consistent whole, which stays true while a lock is held. @throws Refusal `unknown_account`. */
export async function loadAccount(
  db: Database | Transaction,
  accountId: string,
  lock: AccountLock = 'none',
): Promise<LoadedAccount> {
  const found = await findAccount(db, accountId, lock);
  if (found === null) throw unknownAccount(accountId);
  return found;
}

export async function findAccount(
  db: Database | Transaction,
  accountId: string,
  lock: AccountLock,
): Promise<LoadedAccount | null> {
  if (lock === 'none') return readConsistently(db, (snapshot) => readAccount(snapshot, accountId));
  if (!isTransaction(db)) throw new Error('a lock lasts as long as a transaction, and there is none');
  await lockAccount(db, accountId, lock);
  return readAccount(db, accountId);
}

/** Where an account lives, without its facts; and whether it is closed, for then nobody may be at home. */
type Place = AccountPlace & Pick<AccountRow, 'closedAt'>;

/** @throws Refusal `unknown_account`. */
export async function loadPlace(db: Database | Transaction, accountId: string): Promise<Place> {
  const columns = ['testClockId', 'clockOffsetSeconds', 'stripeCustomerId', 'closedAt'];
  const place = await db('accounts').where({ accountId }).first<Place | undefined>(columns);
  if (place === undefined) throw unknownAccount(accountId);
  return place;
}

/** The catalog that an account is on, and in which version (CAT-2). @throws Refusal `unknown_account`. */
export async function loadCatalogVersion(
  db: Database | Transaction,
  accountId: string,
): Promise<Pick<Account, 'catalogName' | 'catalogVersion'>> {
  const row = await db('accounts')
    .where({ accountId })
    .first<Pick<Account, 'catalogName' | 'catalogVersion'> | undefined>('catalogName', 'catalogVersion');
  if (row === undefined) throw unknownAccount(accountId);
  return row;
}

export function unknownAccount(accountId: string): Refusal {
  return new Refusal({ code: 'unknown_account', message: `There is no account "${accountId}".`, field: 'account' });
}

async function readAccount(db: Database | Transaction, accountId: string): Promise<LoadedAccount | null> {
  const row = await db('accounts').where({ accountId }).first<AccountRow | undefined>();
  if (row === undefined) return null;
  const { testClockId, clockOffsetSeconds, stripeCustomerId, version, nextDueAt: _due, head: _head, ...account } = row;
  const catalog = await loadCatalogs(db, account);
  const facts: Facts = {
    account,
    subscription: await loadSubscription(db, accountId),
    seats: await loadSeats(db, accountId),
    members: await loadMembers(db, accountId),
    meterCycles: await loadMeterCycles(db, accountId, account.settledThrough),
    pendingLines: await loadPendingLines(db, accountId),
    liveInvoices: await loadLiveInvoices(db, accountId),
    pendingCreditNotes: await loadPendingCreditNotes(db, accountId),
  };
  return { facts, catalog, version, place: { testClockId, clockOffsetSeconds, stripeCustomerId } };
}

/** The version that an account is on, with the one that it moves to, if any (CAT-2). */
async function loadCatalogs(
  db: Database | Transaction,
  { catalogName, catalogVersion, nextCatalogVersion: version }: Account,
): Promise<Catalog> {
  const catalog = await loadCatalog(db, catalogName, catalogVersion);
  if (version === null) return catalog;
  return { ...catalog, successor: { version, catalog: await loadCatalog(db, catalogName, version) } };
}

/** One of the numbers that say what an advisory lock is about; the other is a hash of the account's id. */
export const ACCOUNT_LOCKS = 1;

/**
 * Holds an account until the transaction ends. Not by locking its row: Postgres lets new sharers pass those who wait to lock a row
 * exclusively, so an account in constant use would never get to its own boundary. Advisory locks are given in the order they are asked
 * for. Two accounts with one hash only wait for each other.
 */
export async function lockAccount(trx: Transaction, accountId: string, lock: 'shared' | 'exclusive'): Promise<void> {
  const take = lock === 'exclusive' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared';
  await trx.raw(`select ${take}(?, hashtext(?))`, [ACCOUNT_LOCKS, accountId]);
}

async function loadSubscription(db: Database | Transaction, accountId: string): Promise<Subscription | null> {
  const row = await db('subscriptions').where({ accountId }).first<SubscriptionRow | undefined>();
  if (row === undefined) return null;
  const { accountId: _account, cycleStart, cycleEnd, ...subscription } = row;
  return { ...subscription, cycle: { start: cycleStart, end: cycleEnd } };
}

async function loadSeats(db: Database | Transaction, accountId: string): Promise<readonly Seat[]> {
  const columns = ['seatNumber', 'addedAt', 'endedAt', 'memberId', 'removalRequestedAt'];
  return await db('seats').where({ accountId, endedAt: null }).orderBy('seatNumber').select<Seat[]>(columns);
}

async function loadMembers(db: Database | Transaction, accountId: string): Promise<readonly Member[]> {
  const columns = ['memberId', 'login', 'role', 'state', 'reason', 'createdAt', 'enabledAt', 'stateSince'];
  return await db('members').where({ accountId }).orderBy(['createdAt', 'memberId']).select<Member[]>(columns);
}

export function meterCycleFromRow(row: MeterCycleRow): MeterCycle {
  const { accountId: _account, cycleStart, cycleEnd, ...cycle } = row;
  return { ...cycle, start: cycleStart, end: cycleEnd };
}

async function loadMeterCycles(
  db: Database | Transaction,
  accountId: string,
  settledThrough: Instant,
): Promise<readonly MeterCycle[]> {
  const rows = await db('meterCycles')
    .where({ accountId })
    .where((open) => {
      void open
        .whereNull('closedAt')
        .orWhereRaw('billed_overage_units <> overage_units')
        .orWhere('cycleEnd', '>', addDays(settledThrough, -CLOSED_CYCLE_DAYS));
    })
    .orderBy(['meter', 'cycleStart']);
  return rows.map(meterCycleFromRow);
}

const LINE_COLUMNS = ['lineId', 'kind', 'quantity', 'amount', 'periodStart', 'periodEnd', 'description', 'explanation'];

async function loadPendingLines(db: Database | Transaction, accountId: string): Promise<readonly Line[]> {
  return await db('invoiceLines')
    .where({ accountId, invoiceId: null })
    .orderBy(['position', 'lineId'])
    .select<Line[]>(LINE_COLUMNS);
}

/** The lines of some of an account's invoices, each invoice's in their order, in one query. */
async function loadLinesOf(
  db: Database | Transaction,
  accountId: string,
  invoices: readonly { readonly invoiceId: string }[],
): Promise<(invoiceId: string) => readonly Line[]> {
  const lines = new Map(invoices.map(({ invoiceId }): [string, Line[]] => [invoiceId, []]));
  if (invoices.length === 0) return () => [];
  const rows = await db('invoiceLines')
    .where({ accountId })
    .whereIn('invoiceId', [...lines.keys()])
    .orderBy(['position', 'lineId'])
    .select<(Line & { invoiceId: string })[]>([...LINE_COLUMNS, 'invoiceId']);
  for (const { invoiceId, ...line } of rows) lines.get(invoiceId)?.push(line);
  return (invoiceId) => lines.get(invoiceId) ?? [];
}

type InvoiceRow = Omit<Invoice, 'lines'>;

const INVOICE_COLUMNS = [
  ...['invoiceId', 'number', 'purpose', 'status', 'currency', 'issuedAt', 'periodStart', 'periodEnd', 'total'],
  ...['dueAt', 'attempts', 'nextAttemptAt', 'paidAt', 'seatNumbers', 'keptSeats', 'commandIds'],
];

async function loadLiveInvoices(db: Database | Transaction, accountId: string): Promise<readonly Invoice[]> {
  const rows = await db('invoices')
    .where({ accountId })
    .whereIn('status', ['draft', 'open'])
    .orderBy(['issuedAt', 'invoiceId'])
    .select<InvoiceRow[]>(INVOICE_COLUMNS);
  const linesOf = await loadLinesOf(db, accountId, rows);
  return rows.map((row) => ({ ...row, lines: linesOf(row.invoiceId) }));
}

/** Every invoice, or those with given ids, with its lines, oldest first, and what Stripe knows of it. */
export async function loadInvoices(
  db: Database | Transaction,
  accountId: string,
  only?: readonly string[],
): Promise<readonly (Invoice & { stripe: { id: string; status: string; total: number } | null })[]> {
  const stripeColumns = ['stripeInvoiceId', 'stripeStatus', 'stripeTotal'];
  const rows = await db('invoices')
    .where({ accountId })
    .where((those) => {
      if (only !== undefined) void those.whereIn('invoiceId', only);
    })
    .orderBy(['issuedAt', 'number'])
    .select<
      (InvoiceRow & {
        stripeInvoiceId: string | null;
        stripeStatus: string | null;
        stripeTotal: number | null;
      })[]
    >([...INVOICE_COLUMNS, ...stripeColumns]);
  const linesOf = await loadLinesOf(db, accountId, rows);
  return rows.map(({ stripeInvoiceId, stripeStatus, stripeTotal, ...invoice }) => ({
    ...invoice,
    lines: linesOf(invoice.invoiceId),
    stripe:
      stripeInvoiceId === null
        ? null
        : { id: stripeInvoiceId, status: stripeStatus ?? 'unknown', total: stripeTotal ?? 0 },
  }));
}
