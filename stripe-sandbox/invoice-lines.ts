import { z } from 'zod';
import { invalidRequest, missingResource } from './api-error.ts';
import type { Context } from './context.ts';
import { type Call, endpoint, pathId } from './endpoint.ts';
import { newId } from './ids.ts';
import { withTotals } from './invoice-totals.ts';
import { findInvoice, requireDraft } from './invoices.ts';
import { listPage } from './list-page.ts';
import {
  boolean,
  clearableText,
  expand,
  integer,
  mergedMetadata,
  metadata,
  oneOf,
  paging,
  text,
} from './parameters.ts';
import type { InvoiceLineRecord, InvoiceRecord } from './records.ts';
import { renderInvoice } from './rendering.ts';

/** "You can no longer add more than 250 invoice items to an invoice" (changelog of 2016-02-22). */
const MAX_LINES = 250;

const writableLine = {
  amount: integer().optional(),
  description: clearableText().optional(),
  discountable: boolean().optional(),
  metadata: metadata().optional(),
  period: z.strictObject({ start: integer(), end: integer() }).optional(),
  quantity: integer().optional(),
};
const lineUpdate = z.strictObject(writableLine);
const invoiceMetadata = metadata().optional();

type LineUpdate = z.output<typeof lineUpdate>;

function newLine(invoice: InvoiceRecord, update: LineUpdate, index: number): InvoiceLineRecord {
  if (update.amount === undefined) {
    throw invalidRequest('You must supply either `pricing`, `price_data` or `amount` for each line.', {
      code: 'parameter_missing',
      param: `lines[${String(index)}][amount]`,
    });
  }
  const blank: InvoiceLineRecord = {
    id: newId('il'),
    object: 'line_item',
    amount: 0,
    currency: invoice.currency,
    description: null,
    discount_amounts: [],
    discountable: true,
    discounts: [],
    invoice: invoice.id,
    livemode: false,
    metadata: {},
    parent: {
      invoice_item_details: {
        invoice_item: newId('ii'),
        proration: false,
        proration_details: null,
        subscription: null,
      },
      subscription_item_details: null,
      type: 'invoice_item_details',
    },
    period: { start: invoice.created, end: invoice.created },
    pretax_credit_amounts: [],
    pricing: null,
    quantity: 1,
    quantity_decimal: '1',
    subscription: null,
    subtotal: 0,
    taxes: [],
  };
  return changedLine(blank, update);
}

function changedLine(line: InvoiceLineRecord, update: LineUpdate): InvoiceLineRecord {
  if (update.period !== undefined && update.period.end < update.period.start) {
    throw invalidRequest('`period[end]` must not be before `period[start]`.', { param: 'period[end]' });
  }
  const amount = update.amount ?? line.amount;
  return {
    ...line,
    amount,
    subtotal: amount,
    description: update.description === undefined ? line.description : update.description,
    discountable: update.discountable ?? line.discountable,
    metadata: mergedMetadata(line.metadata, update.metadata),
    period: update.period ?? line.period,
    quantity: update.quantity ?? line.quantity,
    quantity_decimal: update.quantity === undefined ? line.quantity_decimal : String(update.quantity),
  };
}

/** Changes the lines, stores the invoice with its new sums, and answers it. */
function changedInvoice(
  call: Context,
  invoice: InvoiceRecord,
  change: () => void,
  metadataUpdate: '' | Record<string, string> | undefined,
): object {
  const before = renderInvoice(call, invoice);
  change();
  const updated = { ...invoice, metadata: mergedMetadata(invoice.metadata, metadataUpdate) };
  const answer = renderInvoice(call, call.store.invoices.put(withTotals(call, updated)));
  call.emit('invoice.updated', answer, before);
  return answer;
}

function putAll(call: Context, lines: readonly InvoiceLineRecord[]): () => void {
  return () => {
    for (const line of lines) call.store.invoiceLines.put(line);
  };
}

function draftOf(call: Call<unknown>): InvoiceRecord {
  const invoice = findInvoice(call, pathId(call, 'invoice'));
  requireDraft(invoice);
  return invoice;
}

function lineOf(call: Context, invoice: InvoiceRecord, id: string): InvoiceLineRecord {
  const line = call.store.invoiceLines.get(id);
  if (line?.invoice !== invoice.id) throw missingResource('line item', id, 'line_item_id');
  return line;
}

export const invoiceLineEndpoints = [
  endpoint(
    'POST /v1/invoices/:invoice/add_lines',
    'invoice',
    z.strictObject({ lines: z.array(lineUpdate).min(1), invoice_metadata: invoiceMetadata, expand: expand() }),
    (call) => {
      const invoice = draftOf(call);
      const existing = call.store.invoiceLines.inGroup(invoice.id).length;
      if (existing + call.params.lines.length > MAX_LINES) {
        throw invalidRequest(`An invoice cannot have more than ${String(MAX_LINES)} invoice items.`, {
          param: 'lines',
        });
      }
      const lines = call.params.lines.map((line, index) => newLine(invoice, line, index));
      return changedInvoice(call, invoice, putAll(call, lines), call.params.invoice_metadata);
    },
  ),

  endpoint(
    'POST /v1/invoices/:invoice/update_lines',
    'invoice',
    z.strictObject({
      lines: z.array(z.strictObject({ ...writableLine, id: text() })).min(1),
      invoice_metadata: invoiceMetadata,
      expand: expand(),
    }),
    (call) => {
      const invoice = draftOf(call);
      const lines = call.params.lines.map(({ id, ...update }) => changedLine(lineOf(call, invoice, id), update));
      return changedInvoice(call, invoice, putAll(call, lines), call.params.invoice_metadata);
    },
  ),

  endpoint(
    'POST /v1/invoices/:invoice/remove_lines',
    'invoice',
    z.strictObject({
      lines: z.array(z.strictObject({ id: text(), behavior: oneOf(['delete', 'unassign']) })).min(1),
      invoice_metadata: invoiceMetadata,
      expand: expand(),
    }),
    (call) => {
      const invoice = draftOf(call);
      const ids = call.params.lines.map(({ id }) => lineOf(call, invoice, id).id);
      const removeAll = () => {
        for (const id of ids) call.store.invoiceLines.delete(id);
      };
      return changedInvoice(call, invoice, removeAll, call.params.invoice_metadata);
    },
  ),

  endpoint(
    'POST /v1/invoices/:invoice/lines/:line_item_id',
    'line_item',
    z.strictObject({ ...writableLine, expand: expand() }),
    (call) => {
      const invoice = draftOf(call);
      const { expand: _, ...update } = call.params;
      const line = changedLine(lineOf(call, invoice, pathId(call, 'line_item_id')), update);
      changedInvoice(call, invoice, putAll(call, [line]), undefined);
      return line;
    },
  ),

  endpoint('GET /v1/invoices/:invoice/lines', 'list:line_item', z.strictObject(paging), (call) => {
    const { id } = findInvoice(call, pathId(call, 'invoice'));
    return listPage(call.store.invoiceLines.inGroup(id), call.params, `/v1/invoices/${id}/lines`, (line) => line);
  }),
];
