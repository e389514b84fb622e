import Stripe from 'stripe';
import { LINE_METADATA } from './push-invoice.ts';
import { sendOnce } from './send-once.ts';
import { fromStripeAmount, toStripeAmount } from './stripe-amount.ts';
import { StripeBoundaryError } from './stripe-boundary-error.ts';

/** The metadata key that names our credit note at Stripe; it outlives every idempotency key. */
export const CREDIT_NOTE_METADATA = 'perennial_credit_note';

export interface LinesToRefund {
  readonly stripeInvoiceId: string;
  readonly creditNoteId: string;
  /** Shown to the customer, with the reason. */
  readonly number: string;
  readonly reason: string;
  readonly currency: string;
  /** Our line ids, with positive amounts in minor units of the currency. */
  readonly lines: readonly { readonly lineId: string; readonly amount: number }[];
  readonly idempotencyKey: string;
}

export type RefundOutcome =
  | { readonly kind: 'refunded'; readonly stripeCreditNoteId: string }
  /** Stripe will not, however often it is asked: the charge is disputed, or was refunded by hand. */
  | {
      readonly kind: 'refused';
      readonly message: string;
      /** What was given back of the invoice's payments without a credit note of ours, in minor units; absent in answers of before it was asked. */
      readonly refundedByHandMinor?: number;
    };

/**
 * Gives money of a paid invoice back to the card, as a credit note of its lines. Repeating is harmless: it is looked for by our id before
 * it is made, and made under one key.
 */
export async function refundLines(stripe: Stripe, request: LinesToRefund): Promise<RefundOutcome> {
  const known = await findCreditNote(stripe, request);
  if (known !== null) return refunded(known);
  const lines = await stripeLines(stripe, request);
  const refundAmount = lines.reduce((sum, line) => sum + line.amount, 0);
  try {
    const made = await sendOnce<Stripe.CreditNote>({
      idempotencyKey: request.idempotencyKey,
      send: (options) =>
        stripe.creditNotes.create(
          {
            invoice: request.stripeInvoiceId,
            lines,
            refund_amount: refundAmount,
            memo: `${request.number}: ${request.reason}`,
            metadata: { [CREDIT_NOTE_METADATA]: request.creditNoteId },
          },
          options,
        ),
      lookUp: () => findCreditNote(stripe, request),
    });
    return refunded(made);
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
    const made = await findCreditNote(stripe, request);
    if (made !== null) return refunded(made);
    const refundedByHandMinor = await givenBackByHand(stripe, request);
    return { kind: 'refused', message: error.message, refundedByHandMinor };
  }
}

function refunded({ id }: Stripe.CreditNote): RefundOutcome {
  return { kind: 'refunded', stripeCreditNoteId: id };
}

/** By listing: a list is consistent at once. */
async function findCreditNote(
  stripe: Stripe,
  { stripeInvoiceId, creditNoteId }: LinesToRefund,
): Promise<Stripe.CreditNote | null> {
  for await (const note of stripe.creditNotes.list({ invoice: stripeInvoiceId, limit: 100 })) {
    if (note.metadata?.[CREDIT_NOTE_METADATA] === creditNoteId) return note;
  }
  return null;
}

interface StripeLine {
  readonly type: 'invoice_line_item';
  readonly invoice_line_item: string;
  readonly amount: number;
}

async function stripeLines(stripe: Stripe, request: LinesToRefund): Promise<StripeLine[]> {
  const stripeIds = new Map<string, string>();
  for await (const line of stripe.invoices.listLineItems(request.stripeInvoiceId, { limit: 100 })) {
    const lineId = line.metadata[LINE_METADATA];
    if (lineId !== undefined) stripeIds.set(lineId, line.id);
  }
  return request.lines.map(({ lineId, amount }) => {
    const stripeId = stripeIds.get(lineId);
    if (stripeId === undefined) {
      const message = `The line ${lineId} of ${request.number} is not on the Stripe invoice ${request.stripeInvoiceId}.`;
      throw new StripeBoundaryError('ledger_mismatch', message);
    }
    return { type: 'invoice_line_item', invoice_line_item: stripeId, amount: toStripeAmount(amount, request.currency) };
  });
}

/** What the payments of an invoice gave back beside credit notes: a refund in the dashboard makes none. */
async function givenBackByHand(stripe: Stripe, { stripeInvoiceId, currency }: LinesToRefund): Promise<number> {
  const { payments } = await stripe.invoices.retrieve(stripeInvoiceId, { expand: ['payments'] });
  let refunded = 0;
  for (const { payment } of payments?.data ?? []) {
    const intent = payment.payment_intent;
    if (intent == null) continue;
    const paymentIntent = typeof intent === 'string' ? intent : intent.id;
    for await (const charge of stripe.charges.list({ payment_intent: paymentIntent, limit: 100 }))
      if (charge.status === 'succeeded') refunded += charge.amount_refunded;
  }
  let credited = 0;
  for await (const note of stripe.creditNotes.list({ invoice: stripeInvoiceId, limit: 100 }))
    if (note.status === 'issued') credited += note.total;
  return Math.max(0, fromStripeAmount(refunded - credited, currency));
}
