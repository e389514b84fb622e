import type { Instant } from '../../billing/calendar/instant.ts';
import type { AuditEntry, Invoice, Notice } from '../../billing/model/facts.ts';
import type { Phase } from '../../billing/model/phase.ts';
import type { AnsweredCommand } from './commands.ts';
import { loadCreditNotes, type StoredCreditNote } from './credit-notes.ts';
import type { Database, Transaction } from '../database.ts';
import type { AccountOverview } from './list-accounts.ts';
import { IS_INVOICE, loadInvoices } from './load-account.ts';

/** Where a page begins and how much is read for it. A place is the sort key of the last item before it: what comes new moves nothing. */
export interface Cut<Place> {
  readonly after: Place | null;
  readonly count: number;
}

export interface AccountFilter {
  readonly phase?: Phase | undefined;
  readonly plan?: string | undefined;
  /** Part of the account's or its owner's id, whatever the case. */
  readonly search?: string | undefined;
}

/** The place of an account in the list: 0 for those whose payment is past due, then the id, by its bytes. */
export type AccountPlaceInList = readonly [rank: number, accountId: string];

/** Like the index `accounts_past_due_first`. */
const RANK = `(case when accounts.phase = 'past_due' then 0 else 1 end)`;
const BY_NEED = `${RANK}, accounts.account_id collate "C"`;

/** Past due first, then by id. Phase and plan are those of the last decision about the account. */
export async function accountPage(
  db: Database,
  { phase, plan, search }: AccountFilter,
  { after, count }: Cut<AccountPlaceInList>,
): Promise<readonly AccountOverview[]> {
  const seats = db.raw(
    '(select count(*) from seats s where s.account_id = accounts.account_id and s.ended_at is null) as seats',
  );
  const openCents = db.raw(
    `(select coalesce(sum(total), 0)::bigint from invoices i where i.account_id = accounts.account_id and i.status = 'open') as open_cents`,
  );
  const query = db('accounts')
    .leftJoin('subscriptions', 'subscriptions.accountId', 'accounts.accountId')
    .orderByRaw(BY_NEED)
    .limit(count)
    .select<AccountOverview[]>([
      ...['accounts.accountId', 'accounts.catalogName as catalog', 'phase', 'plan', 'interval', 'ownerId'],
      ...['testClockId', 'closedAt', 'nextDueAt', 'currency', seats, openCents],
    ]);
  if (after !== null) void query.whereRaw(`(${BY_NEED}) > (?, ?)`, [...after]);
  if (phase !== undefined) void query.where({ phase });
  if (plan !== undefined) void query.where({ plan });
  if (search !== undefined) {
    void query.whereRaw('(strpos(lower(accounts.account_id), lower(?)) > 0 or strpos(lower(owner_id), lower(?)) > 0)', [
      search,
      search,
    ]);
  }
  return query;
}

export type InvoiceAtStripe = Awaited<ReturnType<typeof loadInvoices>>[number];

/** Newest first. */
export async function invoicePage(
  db: Database | Transaction,
  accountId: string,
  { after, count }: Cut<readonly [Instant, string]>,
): Promise<readonly InvoiceAtStripe[]> {
  const query = db('invoices')
    .where({ accountId })
    .whereRaw(IS_INVOICE)
    .orderBy([
      { column: 'issuedAt', order: 'desc' },
      { column: 'invoiceId', order: 'desc' },
    ])
    .limit(count)
    .select<{ invoiceId: string }[]>('invoiceId');
  if (after !== null) void query.whereRaw('(issued_at, invoice_id) < (?::timestamptz, ?)', [...after]);
  const ids = (await query).map(({ invoiceId }) => invoiceId);
  const invoices = await loadInvoices(db, accountId, ids);
  return ids.flatMap((id) => invoices.find(({ invoiceId }) => invoiceId === id) ?? []);
}

export async function findInvoice(
  db: Database | Transaction,
  accountId: string,
  number: string,
): Promise<InvoiceAtStripe | null> {
  const row = await db('invoices')
    .where({ accountId, number })
    .first<Pick<Invoice, 'invoiceId'> | undefined>('invoiceId');
  if (row === undefined) return null;
  const [invoice] = await loadInvoices(db, accountId, [row.invoiceId]);
  return invoice ?? null;
}

/** Newest first. */
export async function creditNotePage(
  db: Database | Transaction,
  accountId: string,
  { after, count }: Cut<readonly [Instant, string]>,
): Promise<readonly StoredCreditNote[]> {
  const query = db('creditNotes')
    .where({ accountId })
    .orderBy([
      { column: 'issuedAt', order: 'desc' },
      { column: 'creditNoteId', order: 'desc' },
    ])
    .limit(count)
    .select<{ creditNoteId: string }[]>('creditNoteId');
  if (after !== null) void query.whereRaw('(issued_at, credit_note_id) < (?::timestamptz, ?)', [...after]);
  const ids = (await query).map(({ creditNoteId }) => creditNoteId);
  const notes = await loadCreditNotes(db, { accountId }, ids);
  return ids.flatMap((id) => notes.find(({ creditNoteId }) => creditNoteId === id) ?? []);
}

/** Newest first. */
export async function auditPage(
  db: Database,
  accountId: string,
  { after, count }: Cut<readonly [number]>,
): Promise<readonly (AuditEntry & { readonly auditId: number })[]> {
  const query = db('auditEntries')
    .where({ accountId })
    .orderBy('auditId', 'desc')
    .limit(count)
    .select('auditId', 'at', 'actor', 'action', 'before', 'after');
  if (after !== null) void query.where('auditId', '<', after[0]);
  return query;
}

/** Newest first. */
export async function commandPage(
  db: Database,
  accountId: string,
  { after, count }: Cut<readonly [Instant, string]>,
): Promise<readonly AnsweredCommand[]> {
  const query = db('commands')
    .where({ accountId })
    .orderBy([
      { column: 'effectiveAt', order: 'desc' },
      { column: 'commandId', order: 'desc' },
    ])
    .limit(count)
    .select<AnsweredCommand[]>('commandId', 'type', 'effectiveAt', 'result', 'refusal');
  if (after !== null) void query.whereRaw('(effective_at, command_id) < (?::timestamptz, ?)', [...after]);
  return query;
}

/** With the currency of its amounts, which is its account's (MON-7). */
export type StoredNotice = Notice & { readonly noticeId: number; readonly currency: string };

/** Newest first. */
export async function noticePage(
  db: Database,
  accountId: string,
  { after, count }: Cut<readonly [number]>,
): Promise<readonly StoredNotice[]> {
  const query = db('notices')
    .join('accounts', 'accounts.accountId', 'notices.accountId')
    .where('notices.accountId', accountId)
    .orderBy('noticeId', 'desc')
    .limit(count)
    .select<StoredNotice[]>('noticeId', 'at', 'kind', 'detail', 'currency');
  if (after !== null) void query.where('noticeId', '<', after[0]);
  return query;
}
