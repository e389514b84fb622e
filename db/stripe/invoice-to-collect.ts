import type { Due } from '../../billing/schedule/dues.ts';
import type { Instant } from '../../billing/calendar/instant.ts';
import type { Invoice, Line } from '../../billing/model/facts.ts';
import { fromJson, fromJsonRows, type JsonRow } from '../account/json-rows.ts';
import { type Queryable, run } from '../run-statement.ts';

type LineToCollect = Pick<Line, 'lineId' | 'amount' | 'description' | 'periodStart' | 'periodEnd'>;

/** What a try to collect an invoice needs to know of it, of its account, and of Stripe. */
export interface InvoiceToCollect extends Pick<
  Invoice,
  'invoiceId' | 'number' | 'currency' | 'issuedAt' | 'dueAt' | 'total' | 'attempts'
> {
  readonly lines: readonly LineToCollect[];
  readonly accountId: string;
  readonly hasCard: boolean;
  /** Whether its account's clock is the wall's. */
  readonly isOnTheWall: boolean;
  readonly stripeCustomerId: string | null;
  /** Null where it is not known to be there. */
  readonly stripeInvoiceId: string | null;
  /** When the newest was made there, on Stripe's clock, that was known when this one was issued; null where none was. */
  readonly stripeNewestAt: Instant | null;
}

const STATEMENT = `
  select row_to_json(r) as invoice from (
    select i.invoice_id, i.account_id, i.number, i.currency, i.issued_at, i.due_at, i.total, i.attempts, i.stripe_invoice_id, i.stripe_newest_at,
      a.stripe_customer_id, a.payment_method is not null as has_card, a.test_clock_id is null and a.clock_offset_seconds = 0 as is_on_the_wall,
      (select json_agg(json_build_object('line_id', line_id, 'amount', amount, 'description', description, 'period_start', period_start,
        'period_end', period_end) order by position, line_id) from invoice_lines where invoice_id = i.invoice_id) as lines
    from invoices i join accounts a on a.account_id = i.account_id
    where i.account_id = $1 and i.invoice_id = $2 and i.status = 'open' and i.next_attempt_at = $3) r`;

type Row = JsonRow<Omit<InvoiceToCollect, 'lines'> & { readonly lines: readonly JsonRow<LineToCollect>[] | null }>;

/** The invoice of a due, if its try is still to be made. Less than all of an account: this runs at each boundary, and decides nothing. */
export async function findInvoiceToCollect(
  db: Queryable,
  accountId: string,
  { invoiceId, at }: Due,
): Promise<InvoiceToCollect | null> {
  const statement = { name: 'invoice-to-collect', text: STATEMENT, values: [accountId, invoiceId, at] };
  const [row] = await run<{ invoice: Row }>(db, statement);
  if (row === undefined) return null;
  const { lines, ...invoice } = fromJson(row.invoice);
  return { ...invoice, lines: fromJsonRows(lines) };
}
