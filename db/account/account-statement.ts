import type {
  Account,
  CreditNote,
  Facts,
  Invoice,
  Line,
  Member,
  MeterCycle,
  Seat,
  Subscription,
} from '../../billing/model/facts.ts';
import { fromJson, fromJsonRows, type JsonRow } from './json-rows.ts';
import { type Queryable, run } from '../run-statement.ts';
import type { AccountHead, AccountPlace, MeterCycleRow, SubscriptionRow } from '../tables.ts';

const LINE = 'line_id, kind, quantity, amount, period_start, period_end, description, explanation, carries';

/** How long a closed cycle of use stays at hand: late events reach back 35 days (CRE-12). The same as in the function `usage_state`: a test compares them. A trial stays at hand as long as it can be extended (TRI-8). */
const CLOSED_CYCLE = "interval '70 days'";

/**
 * All facts of an account as one row: one round trip, and one snapshot by itself. A table's rows come as JSON, under the table's own names,
 * without what the core does not know; `endedOpen` are invoices that have ended here and are still open at Stripe.
 */
const STATEMENT = `
  select
    (select row_to_json(r) from (select a.account_id, a.owner_id, a.catalog_name, a.catalog_version, a.next_catalog_version, a.currency,
      a.signed_up_at, a.phase, a.blocked_code, a.trial_ends_at, a.trial_notices_given, a.payment_method, a.automatic_allocation, a.caps,
      a.settled_through, a.use_terms, a.advances, a.next_invoice_number, a.next_seat_number, a.next_credit_note_number, a.closed_at, a.billing_emails,
      a.test_clock_id, a.clock_offset_seconds, a.stripe_customer_id, a.version) r) as account,
    (select digest from catalogs where name = a.catalog_name and version = a.catalog_version) as catalog,
    (select digest from catalogs where name = a.catalog_name and version = a.next_catalog_version) as "nextCatalog",
    (select row_to_json(s) from subscriptions s where s.account_id = a.account_id) as subscription,
    (select json_agg(r order by r.seat_number) from (
      select seat_number, added_at, ended_at, member_id, removal_requested_at
      from seats where account_id = a.account_id and ended_at is null) r) as seats,
    (select json_agg(r order by r.created_at, r.member_id) from (
      select member_id, login, role, state, reason, created_at, enabled_at, state_since, reason_before
      from members where account_id = a.account_id) r) as members,
    (select json_agg(m order by m.meter, m.cycle_start) from meter_cycles m where m.account_id = a.account_id
      and (m.closed_at is null or m.billed_overage_units <> m.overage_units or m.cycle_end > a.settled_through - ${CLOSED_CYCLE}
        or (m.cycle_start = a.signed_up_at and a.phase in ('trialing', 'blocked'))
        or m.cycle_start = any (array(select period_start from invoice_lines where invoice_id in (
          select invoice_id from invoices where account_id = $1 and status = 'open')))
        or m.cycle_start = any (array(select (part -> 'sold' ->> 'cycleStart')::timestamptz
          from invoices i join invoice_lines l on l.invoice_id = i.invoice_id, jsonb_array_elements(l.carries) part
          where i.account_id = $1 and i.status = 'open'))
        or m.cycle_start = any (array(select (l.sold ->> 'cycleStart')::timestamptz from credit_note_lines l
          join credit_notes c on c.credit_note_id = l.credit_note_id where c.account_id = $1 and c.status = 'pending')))) as "meterCycles",
    (select json_agg(r order by r.position, r.line_id) from (
      select ${LINE}, position from invoice_lines where account_id = a.account_id and invoice_id is null) r) as "pendingLines",
    (select json_agg(r order by r.issued_at, r.invoice_id) from (
      select invoice_id, number, purpose, status, currency, issued_at, period_start, period_end, total, due_at, attempts, next_attempt_at,
        paid_at, seat_numbers, kept_seats, command_ids,
        (select json_agg(l order by l.position, l.line_id) from (
          select ${LINE}, position from invoice_lines where invoice_id = i.invoice_id) l) as lines
      from invoices i where account_id = a.account_id and status in ('draft', 'open')) r) as "liveInvoices",
    (select json_agg(r order by r.issued_at, r.number) from (
      select c.credit_note_id, c.number, c.invoice_id, i.number as invoice_number, c.command_id, c.reason, c.destination, c.status,
        c.currency, c.issued_at, c.total, c.refunded_by_hand_minor,
        (select json_agg(l order by l.position) from (
          select line_id, sold, description, amount, position from credit_note_lines where credit_note_id = c.credit_note_id) l) as lines
      from credit_notes c join invoices i on i.invoice_id = c.invoice_id
      where c.account_id = a.account_id and c.status = 'pending') r) as "creditNotes",
    (select json_agg(invoice_id order by invoice_id) from invoices where account_id = a.account_id and stripe_status = 'open'
      and status in ('void', 'uncollectible', 'paid') and stripe_invoice_id is not null and collection_trouble is null) as "endedOpen"
  from accounts a where a.account_id = $1`;

interface StatementRow {
  readonly account: JsonRow<Account & AccountPlace & Pick<AccountHead, 'version'>>;
  readonly catalog: string;
  readonly nextCatalog: string | null;
  readonly subscription: JsonRow<SubscriptionRow> | null;
  readonly seats: readonly JsonRow<Seat>[] | null;
  readonly members: readonly JsonRow<Member>[] | null;
  readonly meterCycles: readonly JsonRow<MeterCycleRow>[] | null;
  readonly pendingLines: JsonLines<Line>;
  readonly liveInvoices: readonly JsonRow<WithJsonLines<Invoice>>[] | null;
  readonly creditNotes: readonly JsonRow<WithJsonLines<CreditNote>>[] | null;
  readonly endedOpen: readonly string[] | null;
}

/** In their order, which they name themselves. */
type JsonLines<Line> = readonly JsonRow<Line & { readonly position: number }>[] | null;
type WithJsonLines<Document extends { readonly lines: readonly unknown[] }> = Omit<Document, 'lines'> & {
  readonly lines: JsonLines<Document['lines'][number]>;
};

/** An account as it stands in the database, with the digests of its catalogs in their place. */
export interface ReadAccount {
  readonly facts: Facts;
  /** Counts the decisions that were written about it. */
  readonly version: number;
  readonly place: AccountPlace & {
    /** Invoices that have ended here and are still open at Stripe. */
    readonly openAtStripe: readonly string[];
  };
  readonly catalogDigest: string;
  /** Of the version that it moves to; null where it stays (CAT-2). */
  readonly nextCatalogDigest: string | null;
}

/** Null where there is no such account. */
export async function readAccount(db: Queryable, accountId: string): Promise<ReadAccount | null> {
  const [row] = await run<StatementRow>(db, { name: 'read-account', text: STATEMENT, values: [accountId] });
  if (row === undefined) return null;
  const { testClockId, clockOffsetSeconds, stripeCustomerId, version, ...account } = fromJson(row.account);
  const facts: Facts = {
    account,
    subscription: row.subscription === null ? null : subscriptionOf(fromJson(row.subscription)),
    seats: fromJsonRows(row.seats),
    members: fromJsonRows(row.members),
    meterCycles: fromJsonRows(row.meterCycles).map(meterCycleFromRow),
    pendingLines: linesOf(row.pendingLines),
    liveInvoices: fromJsonRows(row.liveInvoices).map(({ lines, ...invoice }) => ({
      ...invoice,
      lines: linesOf(lines),
    })),
    pendingCreditNotes: fromJsonRows(row.creditNotes).map(({ lines, ...note }) => ({ ...note, lines: linesOf(lines) })),
  };
  const openAtStripe = row.endedOpen ?? [];
  return {
    ...{ facts, version, place: { testClockId, clockOffsetSeconds, stripeCustomerId, openAtStripe } },
    ...{ catalogDigest: row.catalog, nextCatalogDigest: row.nextCatalog },
  };
}

function subscriptionOf({ accountId: _account, cycleStart, cycleEnd, ...subscription }: SubscriptionRow): Subscription {
  return { ...subscription, cycle: { start: cycleStart, end: cycleEnd } };
}

export function meterCycleFromRow({ accountId: _account, cycleStart, cycleEnd, ...cycle }: MeterCycleRow): MeterCycle {
  return { ...cycle, start: cycleStart, end: cycleEnd };
}

function linesOf<Line extends object>(
  rows: JsonLines<Line>,
): readonly Omit<Line & { readonly position: number }, 'position'>[] {
  return fromJsonRows(rows).map(({ position: _position, ...line }) => withoutNothingCarried(line));
}

/** Only what was carried over says what it is for. */
export function withoutNothingCarried<Line extends object>(line: Line): Line {
  if ('carries' in line && line.carries === null) Reflect.deleteProperty(line, 'carries');
  return line;
}
