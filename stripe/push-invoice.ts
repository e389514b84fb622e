import type Stripe from 'stripe';
import { type Instant, instantFromEpochMs } from '../billing/calendar/instant.ts';
import { sendOnce } from './send-once.ts';
import { minimumStripeCharge, toStripeAmount } from './stripe-amount.ts';
import { StripeBoundaryError } from './stripe-boundary-error.ts';

/** The metadata keys that name our invoice and our line at Stripe; they outlive every idempotency key. */
export const INVOICE_METADATA = 'perennial_invoice';
export const LINE_METADATA = 'perennial_line';

/** "You can no longer add more than 250 invoice items to an invoice" (Stripe's changelog of 2016-02-22). */
const MAX_LINES = 250;
/** Stripe names no limit per call of `add_lines`; this keeps a request small. It is part of what a key names: never change it. */
const LINES_PER_CALL = 100;

export interface InvoiceLineToPush {
  readonly lineId: string;
  /** Minor units of the currency (ISO 4217); negative for a credit. */
  readonly amount: number;
  readonly description: string;
  readonly periodStart: Instant;
  readonly periodEnd: Instant;
}

export interface InvoiceToPush {
  readonly invoiceId: string;
  /** Shown to the customer beside Stripe's own number. */
  readonly number: string;
  readonly accountId: string;
  readonly customerId: string;
  /** It is known what Stripe calls it, so it is there. */
  readonly isThere: boolean;
  /** When something was made at Stripe, on its clock, that was there before this invoice was issued; null: all that Stripe has is looked through. */
  readonly issuedAfter: Instant | null;
  /** When it was issued, on the wall's clock; null where its account lives on another one. */
  readonly issuedAt: Instant | null;
  /** It is paid at once, which finalizes it: "Stripe automatically finalizes drafts before […] attempting payment" (https://docs.stripe.com/api/invoices/finalize). */
  readonly isPaidNext: boolean;
  readonly currency: string;
  readonly description: string;
  readonly lines: readonly InvoiceLineToPush[];
  /** Minor units. */
  readonly totalMinor: number;
  /** It is sent and paid within so many days, instead of charged (CRE-18); null: charged. */
  readonly daysUntilDue: number | null;
  readonly idempotencyKeyPrefix: string;
}

export interface PushedInvoice {
  readonly stripeInvoiceId: string;
  /** A draft only where it is paid next. */
  readonly status: Stripe.Invoice.Status;
  /** In Stripe's unit, and equal to ours. */
  readonly total: number;
  /** On Stripe's clock. */
  readonly createdAt: Instant;
}

/**
 * Brings an issued invoice to Stripe as one of the same lines, and never as two; finalized, or a draft that is paid next. It may be repeated
 * at any time: what was made before is found by its key or by our ids in the metadata, and every step looks at what is there, so a crash
 * between two steps, or weeks between two runs, change nothing. Throws `ledger_mismatch` when Stripe's sum is not ours; nothing is finalized
 * or paid then.
 */
export async function pushInvoice(stripe: Stripe, invoice: InvoiceToPush): Promise<PushedInvoice> {
  requirePushable(invoice);
  const found = isRemembered(invoice, Date.now()) ? null : await findInvoice(stripe, invoice);
  const { made, isNew } = found === null ? await createDraft(stripe, invoice) : { made: found, isNew: false };
  let current = made;
  if (current.status === 'draft') {
    const present = isNew ? new Set<string>() : await linesPresent(stripe, current.id);
    current = (await addMissingLines(stripe, invoice, current.id, present)) ?? current;
    requireSameTotal(invoice, current);
    if (!invoice.isPaidNext) current = await finalize(stripe, invoice, current.id);
  }
  requireSameTotal(invoice, current);
  if (current.status === null) throw new Error(`Stripe answered the invoice ${current.id} without a status.`);
  const { id: stripeInvoiceId, status, total, created } = current;
  return { stripeInvoiceId, status, total, createdAt: instantFromEpochMs(created * 1000) };
}

function requirePushable(invoice: InvoiceToPush): void {
  if (invoice.lines.length > MAX_LINES) {
    throw new StripeBoundaryError(
      'too_many_lines',
      `The invoice ${invoice.number} has ${String(invoice.lines.length)} lines; Stripe takes ${String(MAX_LINES)}. Merge lines before issuing.`,
    );
  }
  const sum = invoice.lines.reduce((total, line) => total + line.amount, 0);
  if (sum !== invoice.totalMinor) {
    throw new StripeBoundaryError(
      'ledger_mismatch',
      `The lines of ${invoice.number} sum to ${String(sum)}, its total says ${String(invoice.totalMinor)}. Nothing was sent.`,
    );
  }
  // Finalizing less than the minimum would not charge it: Stripe marks it paid and moves the amount to the customer's
  // balance, where the next invoice collects it, and our own carrying (MON-6) would then collect it a second time.
  const minimum = minimumStripeCharge(invoice.currency);
  if (toStripeAmount(invoice.totalMinor, invoice.currency) < minimum) {
    throw new StripeBoundaryError(
      'below_minimum_charge',
      `The invoice ${invoice.number} is ${String(invoice.totalMinor)} ${invoice.currency}, below Stripe's minimum of ${String(minimum)}. Carry it or write it off (MON-6).`,
    );
  }
}

/** "Keys are removed after at least 24 hours" (https://docs.stripe.com/api/idempotent_requests); half of it is trusted, for no two clocks are the same. */
const KEY_LIVES_MS = 12 * 3_600_000;

/**
 * Whether Stripe must still know the key under which the invoice would be made, if it was made before: then there is nothing to look for.
 * It cannot have been made before it was issued, nor before something that was there by then; an older database that was put in the place of a
 * newer one is no exception, for what that one had made came after all that this one knows. The wall's clock, because Stripe's keys are on it.
 */
function isRemembered({ isThere, issuedAfter, issuedAt }: InvoiceToPush, nowMs: number): boolean {
  if (isThere) return false;
  return [issuedAfter, issuedAt].some((instant) => {
    const agoMs = instant === null ? Infinity : nowMs - Date.parse(instant);
    return agoMs >= 0 && agoMs < KEY_LIVES_MS;
  });
}

/** How far two of Stripe's clocks may be apart. */
const CLOCKS_APART_SECONDS = 5;

/**
 * By listing the customer's invoices: a list is consistent at once, Stripe's search is not. Only those are listed that may be it, so that it takes as
 * long for an account of ten years as for a new one.
 */
async function findInvoice(stripe: Stripe, invoice: InvoiceToPush): Promise<Stripe.Invoice | null> {
  const { customerId: customer, issuedAfter } = invoice;
  const created = issuedAfter === null ? {} : { created: { gte: toSeconds(issuedAfter) - CLOCKS_APART_SECONDS } };
  for await (const each of stripe.invoices.list({ customer, limit: 100, ...created })) {
    if (each.metadata?.[INVOICE_METADATA] === invoice.invoiceId) return each;
  }
  return null;
}

interface Made {
  readonly made: Stripe.Invoice;
  /** Made just now, so nothing has happened to it yet. */
  readonly isNew: boolean;
}

async function createDraft(stripe: Stripe, invoice: InvoiceToPush): Promise<Made> {
  return await sendOnce<Made>({
    idempotencyKey: `${invoice.idempotencyKeyPrefix}:create`,
    send: async (options) => {
      const made = await stripe.invoices.create(
        {
          customer: invoice.customerId,
          currency: invoice.currency,
          description: invoice.description,
          auto_advance: false,
          // Stripe counts the days from now on its own clock; what is due when is decided by our invoice.
          ...(invoice.daysUntilDue === null
            ? { collection_method: 'charge_automatically' }
            : { collection_method: 'send_invoice', days_until_due: invoice.daysUntilDue }),
          pending_invoice_items_behavior: 'exclude',
          custom_fields: [{ name: 'Number', value: invoice.number }],
          metadata: {
            [INVOICE_METADATA]: invoice.invoiceId,
            perennial_account: invoice.accountId,
            perennial_number: invoice.number,
          },
        },
        options,
      );
      // A replay says how it was when it was made.
      const isReplay = made.lastResponse.headers['idempotent-replayed'] === 'true';
      return isReplay ? { made: await stripe.invoices.retrieve(made.id), isNew: false } : { made, isNew: true };
    },
    lookUp: async () => {
      const made = await findInvoice(stripe, invoice);
      return made === null ? null : { made, isNew: false };
    },
  });
}

/**
 * A call adds all of its lines or none, so a batch is there or it is not. Answers the invoice as it is after the last of
 * them, null if there was nothing to add.
 */
async function addMissingLines(
  stripe: Stripe,
  invoice: InvoiceToPush,
  stripeInvoiceId: string,
  present: ReadonlySet<string>,
): Promise<Stripe.Invoice | null> {
  let latest: Stripe.Invoice | null = null;
  for (let start = 0; start < invoice.lines.length; start += LINES_PER_CALL) {
    const batch = invoice.lines.slice(start, start + LINES_PER_CALL);
    const isIn = (lineIds: ReadonlySet<string>) => batch.every((line) => lineIds.has(line.lineId));
    if (isIn(present)) continue;
    latest = await sendOnce<Stripe.Invoice>({
      idempotencyKey: `${invoice.idempotencyKeyPrefix}:lines:${String(start / LINES_PER_CALL)}`,
      send: (options) =>
        stripe.invoices.addLines(stripeInvoiceId, { lines: batch.map((line) => toStripeLine(line, invoice)) }, options),
      lookUp: async () =>
        isIn(await linesPresent(stripe, stripeInvoiceId)) ? await stripe.invoices.retrieve(stripeInvoiceId) : null,
    });
  }
  return latest;
}

async function linesPresent(stripe: Stripe, stripeInvoiceId: string): Promise<Set<string>> {
  const present = new Set<string>();
  for await (const line of stripe.invoices.listLineItems(stripeInvoiceId, { limit: 100 })) {
    const lineId = line.metadata[LINE_METADATA];
    if (lineId !== undefined) present.add(lineId);
  }
  return present;
}

function toStripeLine(line: InvoiceLineToPush, invoice: InvoiceToPush): Stripe.InvoiceAddLinesParams.Line {
  return {
    amount: toStripeAmount(line.amount, invoice.currency),
    description: line.description,
    // A coupon that somebody puts on the customer at Stripe must not change what the engine computed.
    discountable: false,
    period: { start: toSeconds(line.periodStart), end: toSeconds(line.periodEnd) },
    metadata: { [LINE_METADATA]: line.lineId },
  };
}

async function finalize(stripe: Stripe, invoice: InvoiceToPush, stripeInvoiceId: string): Promise<Stripe.Invoice> {
  return await sendOnce<Stripe.Invoice>({
    idempotencyKey: `${invoice.idempotencyKeyPrefix}:finalize`,
    send: (options) => stripe.invoices.finalizeInvoice(stripeInvoiceId, { auto_advance: false }, options),
    lookUp: async () => {
      const current = await stripe.invoices.retrieve(stripeInvoiceId);
      return current.status === 'draft' ? null : current;
    },
  });
}

function requireSameTotal(invoice: InvoiceToPush, pushed: Stripe.Invoice): void {
  const expected = toStripeAmount(invoice.totalMinor, invoice.currency);
  if (pushed.total === expected && pushed.currency === invoice.currency.toLowerCase()) return;
  throw new StripeBoundaryError(
    'ledger_mismatch',
    `Stripe's invoice ${pushed.id} is ${String(pushed.total)} ${pushed.currency}; ours, ${invoice.number}, is ${String(expected)} ${invoice.currency}. Compare their lines before anything is collected.`,
  );
}

function toSeconds(instant: Instant): number {
  return Date.parse(instant) / 1000;
}
