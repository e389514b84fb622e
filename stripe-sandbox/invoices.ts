import { z } from 'zod';
import { invalidRequest, missingResource } from './api-error.ts';
import type { Context } from './context.ts';
import { findCustomer, requireOwnCard } from './customers.ts';
import { endpoint, pathId } from './endpoint.ts';
import { newId, nowSeconds } from './ids.ts';
import { withTotals } from './invoice-totals.ts';
import { filtered, listPage } from './list-page.ts';
import {
  boolean,
  clearableText,
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
import type { CustomerRecord, InvoiceRecord } from './records.ts';
import { renderInvoice } from './rendering.ts';
import { searchPage, searchParameters } from './search.ts';

const collectionMethod = () => oneOf(['charge_automatically', 'send_invoice']);

const writable = {
  auto_advance: boolean().optional(),
  collection_method: collectionMethod().optional(),
  custom_fields: z
    .union([z.literal(''), z.array(z.strictObject({ name: text(40), value: text(140) })).max(4)])
    .optional(),
  days_until_due: integer().optional(),
  default_payment_method: clearableText().optional(),
  description: clearableText(1500).optional(),
  due_date: integer().optional(),
  expand: expand(),
  footer: clearableText().optional(),
  metadata: metadata().optional(),
  number: clearableText(26).optional(),
  statement_descriptor: clearableText(22).optional(),
};
const updateRules = z.strictObject(writable);
const createRules = z.strictObject({
  ...writable,
  currency: z
    .string()
    .regex(/^[A-Za-z]{3}$/, 'currency')
    .optional(),
  customer: text(),
  pending_invoice_items_behavior: oneOf(['exclude', 'include']).optional(),
});

type Update = z.output<typeof updateRules>;

export function findInvoice(context: Pick<Context, 'store'>, id: string): InvoiceRecord {
  const invoice = context.store.invoices.get(id);
  if (invoice === undefined) throw missingResource('invoice', id, 'invoice');
  return invoice;
}

export function requireDraft(invoice: InvoiceRecord): void {
  if (invoice.status === 'draft') return;
  throw invalidRequest(`You can only edit an invoice that is a draft; this one is ${String(invoice.status)}.`, {
    code: 'invoice_not_editable',
  });
}

/** What every new draft has, whoever it is for. */
const EMPTY = {
  object: 'invoice',
  account_country: 'US',
  account_name: 'Perennial sandbox',
  account_tax_ids: null,
  amount_due: 0,
  amount_overpaid: 0,
  amount_paid: 0,
  amount_paid_off_stripe: 0,
  amount_remaining: 0,
  amount_shipping: 0,
  application: null,
  attempt_count: 0,
  attempted: false,
  auto_advance: false,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
  automatically_finalizes_at: null,
  billing_reason: 'manual',
  collection_method: 'charge_automatically',
  custom_fields: null,
  default_payment_method: null,
  default_source: null,
  default_tax_rates: [],
  description: null,
  discounts: [],
  due_date: null,
  effective_at: null,
  ending_balance: null,
  footer: null,
  from_invoice: null,
  invoice_pdf: null,
  issuer: { type: 'self' },
  last_finalization_error: null,
  latest_revision: null,
  livemode: false,
  metadata: {},
  next_payment_attempt: null,
  number: null,
  on_behalf_of: null,
  parent: null,
  payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
  post_payment_credit_notes_amount: 0,
  pre_payment_credit_notes_amount: 0,
  receipt_number: null,
  rendering: null,
  shipping_cost: null,
  shipping_details: null,
  statement_descriptor: null,
  status: 'draft',
  status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
  subtotal: 0,
  subtotal_excluding_tax: 0,
  test_clock: null,
  total: 0,
  total_discount_amounts: [],
  total_excluding_tax: 0,
  total_pretax_credit_amounts: [],
  total_taxes: [],
} satisfies Partial<InvoiceRecord>;

function emptyInvoice(customer: CustomerRecord, currency: string): InvoiceRecord {
  const created = nowSeconds();
  return {
    ...EMPTY,
    id: newId('in'),
    created,
    currency,
    customer: customer.id,
    customer_account: null,
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_shipping: null,
    customer_tax_exempt: customer.tax_exempt ?? 'none',
    customer_tax_ids: [],
    period_end: created,
    period_start: created,
    starting_balance: customer.balance,
    webhooks_delivered_at: created,
  };
}

function applied(context: Context, invoice: InvoiceRecord, update: Update): InvoiceRecord {
  const card = update.default_payment_method;
  const owner = invoice.customer as string;
  if (typeof card === 'string') requireOwnCard(context, card, owner);
  const method = update.collection_method ?? invoice.collection_method;
  if (update.days_until_due !== undefined && method !== 'send_invoice') {
    throw invalidRequest('`days_until_due` can only be set when `collection_method` is `send_invoice`.', {
      param: 'days_until_due',
    });
  }
  const dueAt = update.days_until_due === undefined ? update.due_date : nowSeconds() + update.days_until_due * 86_400;
  return {
    ...invoice,
    auto_advance: update.auto_advance ?? invoice.auto_advance ?? false,
    collection_method: method,
    custom_fields:
      update.custom_fields === undefined
        ? invoice.custom_fields
        : update.custom_fields === ''
          ? null
          : update.custom_fields,
    default_payment_method: card === undefined ? invoice.default_payment_method : card,
    description: update.description === undefined ? invoice.description : update.description,
    due_date: dueAt ?? invoice.due_date,
    footer: update.footer === undefined ? invoice.footer : update.footer,
    metadata: mergedMetadata(invoice.metadata, update.metadata),
    number: update.number === undefined ? invoice.number : update.number,
    statement_descriptor:
      update.statement_descriptor === undefined ? invoice.statement_descriptor : update.statement_descriptor,
  };
}

const status = () => oneOf(['draft', 'open', 'paid', 'uncollectible', 'void']).optional();

export const invoiceEndpoints = [
  endpoint('POST /v1/invoices', 'invoice', createRules, (call) => {
    const { customer: customerId, currency = 'usd', pending_invoice_items_behavior: _, ...update } = call.params;
    const customer = findCustomer(call, customerId, 'customer');
    const blank = emptyInvoice(customer, currency.toLowerCase());
    const invoice = call.store.invoices.put(withTotals(call, applied(call, blank, update)));
    const answer = renderInvoice(call, invoice);
    call.emit('invoice.created', answer);
    return answer;
  }),

  endpoint('GET /v1/invoices/search', 'list:invoice', searchParameters, (call) =>
    searchPage(call, call.store.invoices.newestFirst(), '/v1/invoices/search', (each) => renderInvoice(call, each)),
  ),

  endpoint(
    'GET /v1/invoices',
    'list:invoice',
    z.strictObject({
      ...paging,
      collection_method: collectionMethod().optional(),
      created: createdRange(),
      customer: text().optional(),
      status: status(),
    }),
    (call) => {
      const { params, store } = call;
      const candidates =
        params.customer === undefined
          ? store.invoices.newestFirst()
          : store.invoices.inGroup(params.customer).toReversed();
      const isWanted = (invoice: InvoiceRecord) =>
        (params.status === undefined || invoice.status === params.status) &&
        (params.collection_method === undefined || invoice.collection_method === params.collection_method) &&
        isInRange(invoice.created, params.created);
      return listPage(filtered(candidates, isWanted), params, '/v1/invoices', (each) => renderInvoice(call, each));
    },
  ),

  endpoint('GET /v1/invoices/:invoice', 'invoice', z.strictObject({ expand: expand() }), (call) =>
    renderInvoice(call, findInvoice(call, pathId(call, 'invoice'))),
  ),

  endpoint('POST /v1/invoices/:invoice', 'invoice', updateRules, (call) => {
    const before = findInvoice(call, pathId(call, 'invoice'));
    const { metadata: _metadata, expand: _expand, default_payment_method: _card, ...onlyInDraft } = call.params;
    if (Object.keys(onlyInDraft).length > 0) requireDraft(before);
    const renderedBefore = renderInvoice(call, before);
    const invoice = call.store.invoices.put(withTotals(call, applied(call, before, call.params)));
    const answer = renderInvoice(call, invoice);
    call.emit('invoice.updated', answer, renderedBefore);
    return answer;
  }),

  endpoint('DELETE /v1/invoices/:invoice', 'none', z.strictObject({}), (call) => {
    const invoice = findInvoice(call, pathId(call, 'invoice'));
    requireDraft(invoice);
    const answer = renderInvoice(call, invoice);
    for (const line of call.store.invoiceLines.inGroup(invoice.id)) call.store.invoiceLines.delete(line.id);
    call.store.invoices.delete(invoice.id);
    call.emit('invoice.deleted', answer);
    return { id: invoice.id, object: 'invoice', deleted: true };
  }),
];
