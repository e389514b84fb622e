import { checkoutEndpoints } from './checkout.ts';
import { creditNoteEndpoints } from './credit-notes.ts';
import { customerEndpoints } from './customers.ts';
import type { Endpoint } from './endpoint.ts';
import { invoiceLifecycleEndpoints } from './invoice-lifecycle.ts';
import { invoiceLineEndpoints } from './invoice-lines.ts';
import { invoiceEndpoints } from './invoices.ts';
import { paymentIntentEndpoints } from './payment-intents.ts';
import { paymentMethodEndpoints } from './payment-methods.ts';
import { paymentsMadeEndpoints } from './payments-made.ts';
import { refundEndpoints } from './refunds.ts';
import { eventEndpoints, webhookEndpointEndpoints } from './webhook-endpoints.ts';

/** Every endpoint that the sandbox has. Where two match, the earlier one wins: `/search` stands before `/:id`. */
const ENDPOINTS: readonly Endpoint[] = [
  ...customerEndpoints,
  ...paymentMethodEndpoints,
  ...invoiceEndpoints,
  ...invoiceLineEndpoints,
  ...invoiceLifecycleEndpoints,
  ...paymentIntentEndpoints,
  ...paymentsMadeEndpoints,
  ...refundEndpoints,
  ...creditNoteEndpoints,
  ...checkoutEndpoints,
  ...webhookEndpointEndpoints,
  ...eventEndpoints,
];

export interface Route {
  readonly endpoint: Endpoint;
  readonly path: Readonly<Record<string, string>>;
}

export function findRoute(method: string, pathname: string): Route | null {
  const segments = pathname.split('/').slice(1);
  for (const endpoint of ENDPOINTS) {
    if (endpoint.method !== method || endpoint.segments.length !== segments.length) continue;
    const path = pathValues(endpoint, segments);
    if (path !== null) return { endpoint, path };
  }
  return null;
}

function pathValues(endpoint: Endpoint, segments: readonly string[]): Record<string, string> | null {
  const values: Record<string, string> = {};
  for (const [index, expected] of endpoint.segments.entries()) {
    const actual = segments[index] ?? '';
    if (expected.startsWith(':')) values[expected.slice(1)] = decodeURIComponent(actual);
    else if (expected !== actual) return null;
  }
  return values;
}
