import { z } from 'zod';
import { missingResource } from './api-error.ts';
import { attachTo } from './attachment.ts';
import type { Context } from './context.ts';
import { endpoint, pathId } from './endpoint.ts';
import { newId, nowSeconds, randomText } from './ids.ts';
import { filtered, listPage } from './list-page.ts';
import {
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
import { type CustomerRecord, idOf } from './records.ts';
import { searchPage, searchParameters } from './search.ts';

const address = () =>
  z.strictObject({
    city: clearableText().optional(),
    country: clearableText().optional(),
    line1: clearableText().optional(),
    line2: clearableText().optional(),
    postal_code: clearableText().optional(),
    state: clearableText().optional(),
  });

const writable = {
  address: address().optional(),
  balance: integer().optional(),
  description: clearableText().optional(),
  email: clearableText(512).optional(),
  expand: expand(),
  invoice_settings: z
    .strictObject({ default_payment_method: clearableText().optional(), footer: clearableText().optional() })
    .optional(),
  metadata: metadata().optional(),
  name: clearableText(256).optional(),
  phone: clearableText(20).optional(),
  preferred_locales: z.array(z.string()).optional(),
  tax_exempt: oneOf(['', 'exempt', 'none', 'reverse']).optional(),
};
const updateRules = z.strictObject(writable);
const createRules = z.strictObject({ ...writable, payment_method: text().optional() });

type Update = z.output<typeof updateRules>;

export function findCustomer(context: Pick<Context, 'store'>, id: string, param = 'id'): CustomerRecord {
  const customer = context.store.customers.get(id);
  if (customer === undefined) throw missingResource('customer', id, param);
  return customer;
}

function applied(context: Context, customer: CustomerRecord, update: Update): CustomerRecord {
  const card = update.invoice_settings?.default_payment_method;
  if (typeof card === 'string') requireOwnCard(context, card, customer.id);
  const current = customer.invoice_settings;
  const filled = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null };
  const given = update.address;
  return {
    ...customer,
    address:
      given === undefined
        ? (customer.address ?? null)
        : {
            city: given.city ?? filled.city,
            country: given.country ?? filled.country,
            line1: given.line1 ?? filled.line1,
            line2: given.line2 ?? filled.line2,
            postal_code: given.postal_code ?? filled.postal_code,
            state: given.state ?? filled.state,
          },
    balance: update.balance ?? customer.balance,
    description: update.description === undefined ? customer.description : update.description,
    email: update.email === undefined ? customer.email : update.email,
    invoice_settings: {
      ...current,
      default_payment_method: card === undefined ? current.default_payment_method : card,
      footer: update.invoice_settings?.footer === undefined ? current.footer : update.invoice_settings.footer,
    },
    metadata: mergedMetadata(customer.metadata, update.metadata),
    name: update.name === undefined ? (customer.name ?? null) : update.name,
    phone: update.phone === undefined ? (customer.phone ?? null) : update.phone,
    preferred_locales: update.preferred_locales ?? customer.preferred_locales ?? [],
    tax_exempt: update.tax_exempt === undefined || update.tax_exempt === '' ? 'none' : update.tax_exempt,
  };
}

/** Only a payment method that is attached to the customer can become the default. */
export function requireOwnCard(context: Pick<Context, 'store'>, id: string, customerId: string): void {
  const method = context.store.paymentMethods.get(id);
  if (method === undefined || idOf(method.customer) !== customerId) {
    const param = 'invoice_settings[default_payment_method]';
    throw missingResource('PaymentMethod', id, param);
  }
}

const emptyCustomer = (): CustomerRecord => ({
  id: newId('cus', 14),
  object: 'customer',
  address: null,
  balance: 0,
  created: nowSeconds(),
  currency: null,
  default_source: null,
  delinquent: false,
  description: null,
  discount: null,
  email: null,
  invoice_prefix: randomText(8).toUpperCase(),
  invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
  livemode: false,
  metadata: {},
  name: null,
  next_invoice_sequence: 1,
  phone: null,
  preferred_locales: [],
  shipping: null,
  tax_exempt: 'none',
  test_clock: null,
});

export const customerEndpoints = [
  endpoint('POST /v1/customers', 'customer', createRules, (call) => {
    const { store, params } = call;
    const { payment_method, ...update } = params;
    const blank = emptyCustomer();
    const attached = payment_method === undefined ? null : attachTo(call, payment_method, blank.id);
    const customer = store.customers.put(applied(call, blank, update));
    call.emit('customer.created', customer);
    if (attached !== null) call.emit('payment_method.attached', attached);
    return customer;
  }),

  endpoint('GET /v1/customers/search', 'list:customer', searchParameters, (call) =>
    searchPage(call, call.store.customers.newestFirst(), '/v1/customers/search', (customer) => customer),
  ),

  endpoint(
    'GET /v1/customers',
    'list:customer',
    z.strictObject({ ...paging, created: createdRange(), email: text(512).optional() }),
    ({ store, params }) => {
      const { email, created } = params;
      const isWanted = (customer: CustomerRecord) =>
        (email === undefined || customer.email === email) && isInRange(customer.created, created);
      return listPage(filtered(store.customers.newestFirst(), isWanted), params, '/v1/customers', (each) => each);
    },
  ),

  endpoint('GET /v1/customers/:customer', 'customer', z.strictObject({ expand: expand() }), (call) =>
    findCustomer(call, pathId(call, 'customer')),
  ),

  endpoint('POST /v1/customers/:customer', 'customer', updateRules, (call) => {
    const before = findCustomer(call, pathId(call, 'customer'));
    const customer = call.store.customers.put(applied(call, before, call.params));
    call.emit('customer.updated', customer, before);
    return customer;
  }),

  endpoint('DELETE /v1/customers/:customer', 'none', z.strictObject({}), (call) => {
    const customer = findCustomer(call, pathId(call, 'customer'));
    for (const method of call.store.paymentMethods.all()) {
      if (idOf(method.customer) === customer.id) call.store.paymentMethods.put({ ...method, customer: null });
    }
    call.store.customers.delete(customer.id);
    call.emit('customer.deleted', customer);
    return { id: customer.id, object: 'customer', deleted: true };
  }),
];
