import { z } from 'zod';
import { invalidRequest, missingResource } from './api-error.ts';
import type { Call } from './endpoint.ts';
import { endpoint, pathId } from './endpoint.ts';
import { newId, nowSeconds } from './ids.ts';
import { paymentOf } from './invoice-lifecycle.ts';
import { findInvoice } from './invoices.ts';
import { filtered, listPage } from './list-page.ts';
import {
  createdRange,
  expand,
  integer,
  isInRange,
  mergedMetadata,
  metadata,
  oneOf,
  paging,
  text,
} from './parameters.ts';
import { type CreditNoteLineRecord, type CreditNoteRecord, type InvoiceRecord, idOf } from './records.ts';
import { refund } from './refunds.ts';
import { renderInvoice } from './rendering.ts';

const createRules = z.strictObject({
  invoice: text(),
  lines: z
    .array(
      z.strictObject({ type: oneOf(['invoice_line_item']), invoice_line_item: text(), amount: integer().optional() }),
    )
    .min(1),
  refund_amount: integer().optional(),
  out_of_band_amount: integer().optional(),
  reason: oneOf(['duplicate', 'fraudulent', 'order_change', 'product_unsatisfactory']).optional(),
  memo: text().optional(),
  metadata: metadata().optional(),
  expand: expand(),
});

type Wanted = z.output<typeof createRules>;

/** A credit note as the API answers it: with its first ten lines. */
function rendered({ line_items, ...note }: CreditNoteRecord): object {
  const lines = listPage(line_items, {}, `/v1/credit_notes/${note.id}/lines`, (line) => line);
  return { ...note, lines };
}

function creditedLine(
  call: Call<Wanted>,
  invoice: InvoiceRecord,
  wanted: Wanted['lines'][number],
): CreditNoteLineRecord {
  const line = call.store.invoiceLines.inGroup(invoice.id).find((each) => each.id === wanted.invoice_line_item);
  if (line === undefined) throw missingResource('invoice line item', wanted.invoice_line_item, 'lines');
  const before = call.store.creditNotes
    .inGroup(invoice.id)
    .flatMap((note) => note.line_items)
    .filter((each) => each.invoice_line_item === line.id);
  const left = line.amount - before.reduce((sum, each) => sum + each.amount, 0);
  const amount = wanted.amount ?? left;
  if (amount > left || amount < 1) {
    const message = `The line ${line.id} has ${String(left)} left to credit; ${String(amount)} was asked for.`;
    throw invalidRequest(message, { param: 'lines' });
  }
  return {
    id: newId('cnli'),
    object: 'credit_note_line_item',
    amount,
    description: line.description,
    discount_amount: 0,
    discount_amounts: [],
    invoice_line_item: line.id,
    livemode: false,
    metadata: null,
    pretax_credit_amounts: [],
    quantity: null,
    tax_rates: [],
    taxes: [],
    type: 'invoice_line_item',
    unit_amount: null,
    unit_amount_decimal: null,
  };
}

/** What was paid is given back in full: to the card, or outside of Stripe. Crediting the customer's balance is not part of the sandbox. */
function created(call: Call<Wanted>): CreditNoteRecord {
  const { params, store } = call;
  const invoice = findInvoice(call, params.invoice);
  if (invoice.status !== 'paid')
    throw invalidRequest(`The sandbox credits paid invoices; this one is ${String(invoice.status)}.`);
  const line_items = params.lines.map((wanted) => creditedLine(call, invoice, wanted));
  const total = line_items.reduce((sum, line) => sum + line.amount, 0);
  const [refundAmount, outOfBand] = [params.refund_amount ?? 0, params.out_of_band_amount ?? 0];
  if (refundAmount + outOfBand !== total) {
    throw invalidRequest(
      `The sum of refund_amount and out_of_band_amount (${String(refundAmount + outOfBand)}) must equal the credit note amount (${String(total)}).`,
    );
  }
  if (total > invoice.amount_paid - invoice.post_payment_credit_notes_amount) {
    throw invalidRequest('The credit note amount is greater than what is left of the amount paid.', {
      param: 'amount',
    });
  }
  const intent = paymentOf(call, invoice)?.intent;
  const charge = store.charges.get(idOf(intent?.latest_charge) ?? '');
  if (refundAmount > 0 && charge === undefined) throw invalidRequest('The invoice has no charge to refund.');
  const made = refundAmount > 0 && charge !== undefined ? refund(call, { charge, amount: refundAmount }) : null;
  const at = nowSeconds();
  const count = store.creditNotes.inGroup(invoice.id).length + 1;
  return store.creditNotes.put({
    id: newId('cn'),
    object: 'credit_note',
    amount: total,
    amount_shipping: 0,
    created: at,
    currency: invoice.currency,
    customer: idOf(invoice.customer) ?? '',
    customer_account: null,
    customer_balance_transaction: null,
    discount_amount: 0,
    discount_amounts: [],
    effective_at: at,
    invoice: invoice.id,
    line_items,
    livemode: false,
    memo: params.memo ?? null,
    metadata: mergedMetadata({}, params.metadata),
    number: `${invoice.number ?? ''}-CN-${String(count).padStart(2, '0')}`,
    out_of_band_amount: outOfBand === 0 ? null : outOfBand,
    pdf: `${call.baseUrl}/_sandbox/credit_notes/pdf`,
    post_payment_amount: total,
    pre_payment_amount: 0,
    pretax_credit_amounts: [],
    reason: params.reason ?? null,
    refunds:
      made === null
        ? []
        : [{ amount_refunded: made.amount, payment_record_refund: null, refund: made.id, type: 'refund' }],
    shipping_cost: null,
    status: 'issued',
    subtotal: total,
    subtotal_excluding_tax: total,
    total,
    total_excluding_tax: total,
    total_taxes: [],
    type: 'post_payment',
    voided_at: null,
  });
}

export const creditNoteEndpoints = [
  endpoint('POST /v1/credit_notes', 'credit_note', createRules, (call) => {
    const note = created(call);
    const invoice = findInvoice(call, call.params.invoice);
    const post_payment_credit_notes_amount = invoice.post_payment_credit_notes_amount + note.total;
    const after = call.store.invoices.put({ ...invoice, post_payment_credit_notes_amount });
    const answer = rendered(note);
    call.emit('credit_note.created', answer);
    call.emit('invoice.updated', renderInvoice(call, after), renderInvoice(call, invoice));
    return answer;
  }),

  endpoint(
    'GET /v1/credit_notes',
    'list:credit_note',
    z.strictObject({ ...paging, created: createdRange(), customer: text().optional(), invoice: text().optional() }),
    ({ store, params }) => {
      const { created: range, customer, invoice } = params;
      const candidates =
        invoice === undefined ? store.creditNotes.newestFirst() : store.creditNotes.inGroup(invoice).toReversed();
      const isWanted = (note: CreditNoteRecord) =>
        (customer === undefined || idOf(note.customer) === customer) && isInRange(note.created, range);
      return listPage(filtered(candidates, isWanted), params, '/v1/credit_notes', rendered);
    },
  ),

  endpoint('GET /v1/credit_notes/:id', 'credit_note', z.strictObject({ expand: expand() }), (call) => {
    const id = pathId(call, 'id');
    const note = call.store.creditNotes.get(id);
    if (note === undefined) throw missingResource('credit note', id, 'id');
    return rendered(note);
  }),
];
