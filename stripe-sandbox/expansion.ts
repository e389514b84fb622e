import { invalidRequest } from './api-error.ts';
import type { Context } from './context.ts';
import { renderInvoice, renderInvoicePayments, renderPaymentIntent, confirmationSecret } from './rendering.ts';

/** The `object` of an answer; `list:` for a list of them; `none` where nothing can be expanded. */
export type AnswerKind = ObjectKind | `list:${ObjectKind}` | 'none';

type ObjectKind =
  | 'customer'
  | 'payment_method'
  | 'invoice'
  | 'line_item'
  | 'invoice_payment'
  | 'payment_intent'
  | 'charge'
  | 'refund'
  | 'credit_note'
  | 'setup_intent'
  | 'checkout.session'
  | 'event'
  | 'webhook_endpoint';

/** What `expand[]` may name on each object (dotted where the field is inside a plain hash), and what it becomes. */
const EXPANDABLE: Readonly<Record<ObjectKind, Readonly<Record<string, ObjectKind | 'list:invoice_payment' | 'hash'>>>> =
  {
    customer: { 'invoice_settings.default_payment_method': 'payment_method' },
    payment_method: { customer: 'customer' },
    invoice: {
      customer: 'customer',
      default_payment_method: 'payment_method',
      payments: 'list:invoice_payment',
      confirmation_secret: 'hash',
    },
    line_item: {},
    invoice_payment: { invoice: 'invoice', 'payment.payment_intent': 'payment_intent' },
    payment_intent: { customer: 'customer', payment_method: 'payment_method', latest_charge: 'charge' },
    charge: { customer: 'customer', payment_intent: 'payment_intent' },
    refund: { charge: 'charge', payment_intent: 'payment_intent' },
    credit_note: { customer: 'customer', invoice: 'invoice' },
    setup_intent: { customer: 'customer', payment_method: 'payment_method' },
    'checkout.session': { customer: 'customer', setup_intent: 'setup_intent' },
    event: {},
    webhook_endpoint: {},
  };

/** https://docs.stripe.com/api/expanding_objects: four levels at most. */
const MAX_DEPTH = 4;

/** Refuses a path that cannot be expanded, before anything is executed. */
export function checkExpansion(answers: AnswerKind, paths: readonly string[]): void {
  for (const path of paths) {
    if (path.split('.').filter((part) => part !== 'data').length > MAX_DEPTH) {
      throw invalidRequest(`You cannot expand more than ${String(MAX_DEPTH)} levels of a property (${path}).`);
    }
    checkPath(answers, path.split('.'), path);
  }
}

function checkPath(kind: AnswerKind | 'hash', segments: readonly string[], whole: string): void {
  if (segments.length === 0) return;
  if (kind === 'none' || kind === 'hash') throw cannotExpand(whole);
  if (kind.startsWith('list:')) {
    if (segments[0] !== 'data') throw cannotExpand(whole);
    checkPath(kind.slice('list:'.length) as ObjectKind, segments.slice(1), whole);
    return;
  }
  const step = stepOf(kind as ObjectKind, segments);
  if (step === null) throw cannotExpand(whole);
  checkPath(step.becomes, segments.slice(step.field.length), whole);
}

function stepOf(kind: ObjectKind, segments: readonly string[]) {
  for (const [name, becomes] of Object.entries(EXPANDABLE[kind])) {
    const field = name.split('.');
    if (field.every((part, index) => segments[index] === part)) return { field, becomes };
  }
  return null;
}

function cannotExpand(path: string) {
  return invalidRequest(`This property cannot be expanded (${path}).`, { param: 'expand' });
}

/** A copy of `answer` in which the paths are expanded. */
export function expanded(context: Context, answer: object, paths: readonly string[]): object {
  let result = answer as Record<string, unknown>;
  for (const path of paths) result = expandPath(context, result, path.split('.'));
  return result;
}

type Hash = Record<string, unknown>;

function expandPath(context: Context, value: Hash, segments: readonly string[]): Hash {
  if (segments.length === 0) return value;
  if (Array.isArray(value['data']) && value['object'] !== 'event') {
    const data = value['data'] as Hash[];
    return { ...value, data: data.map((item) => expandPath(context, item, segments.slice(1))) };
  }
  const step = stepOf(value['object'] as ObjectKind, segments);
  if (step === null) return value;
  return withExpanded(context, value, value, step.field, segments.slice(step.field.length));
}

/** Copies along `field`, down to the property that is replaced. `owner` is the API object that the field belongs to. */
function withExpanded(
  context: Context,
  owner: Hash,
  container: Hash,
  field: readonly string[],
  rest: readonly string[],
): Hash {
  const [name = '', ...deeper] = field;
  const current = container[name];
  if (deeper.length > 0) {
    if (typeof current !== 'object' || current === null) return container;
    return { ...container, [name]: withExpanded(context, owner, current as Hash, deeper, rest) };
  }
  const target = current === undefined ? included(context, owner, name) : resolved(context, current);
  if (target === null) return { ...container, [name]: current ?? null };
  return { ...container, [name]: expandPath(context, target as Hash, rest) };
}

/** Fields that are absent unless asked for. */
function included(context: Context, owner: Hash, name: string): object | null {
  const id = String(owner['id']);
  if (name === 'payments') return renderInvoicePayments(context, id);
  if (name === 'confirmation_secret') return confirmationSecret(context, id);
  return null;
}

/** The object behind an id, found by the id's prefix; an object that is already expanded stays. */
function resolved(context: Context, reference: unknown): object | null {
  if (typeof reference === 'object') return reference;
  if (typeof reference !== 'string') return null;
  const { store } = context;
  switch (reference.slice(0, reference.indexOf('_'))) {
    case 'cus':
      return store.customers.get(reference) ?? { id: reference, object: 'customer', deleted: true };
    case 'pm':
      return store.paymentMethods.get(reference) ?? null;
    case 'in': {
      const invoice = store.invoices.get(reference);
      return invoice === undefined ? null : renderInvoice(context, invoice);
    }
    case 'pi': {
      const intent = store.paymentIntents.get(reference);
      return intent === undefined ? null : renderPaymentIntent(context, intent);
    }
    case 'ch':
      return store.charges.get(reference) ?? null;
    case 'seti':
      return store.setupIntents.get(reference) ?? null;
    default:
      return null;
  }
}
