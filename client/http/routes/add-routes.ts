import type { Api, ApiContext } from '../api.ts';
import { accessRoutes } from './access-routes.ts';
import { accountRoutes } from './account-routes.ts';
import { analyticsRoutes } from './analytics-routes.ts';
import { catalogRoutes } from './catalog-routes.ts';
import { clockRoutes } from './clock-routes.ts';
import { healthRoutes } from './health-routes.ts';
import { holdRoutes } from './hold-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { memberRoutes } from './member-routes.ts';
import { metricsRoute } from './metrics-route.ts';
import { paymentMethodRoutes } from './payment-method-routes.ts';
import { portalSessionRoutes } from './portal-session-routes.ts';
import { previewRoute } from './preview-route.ts';
import { reconciliationRoutes } from './reconciliation-routes.ts';
import { recordRoutes } from './record-routes.ts';
import { seatRoutes } from './seat-routes.ts';
import { stripeWebhookRoute } from './stripe-webhook-route.ts';
import { subscriptionRoutes } from './subscription-routes.ts';
import { usageRoutes } from './usage-routes.ts';
import { webhookRoutes } from './webhook-routes.ts';

/** Every route there is, in the order in which the page at /docs shows them. */
export function addRoutes(api: Api, context: ApiContext): void {
  accountRoutes(api, context);
  paymentMethodRoutes(api, context);
  subscriptionRoutes(api, context);
  seatRoutes(api, context);
  memberRoutes(api, context);
  previewRoute(api, context);
  usageRoutes(api, context);
  holdRoutes(api, context);
  accessRoutes(api, context);
  analyticsRoutes(api, context);
  recordRoutes(api, context);
  reconciliationRoutes(api, context);
  catalogRoutes(api, context);
  clockRoutes(api, context);
  webhookRoutes(api, context);
  keyRoutes(api, context);
  portalSessionRoutes(api, context);
  stripeWebhookRoute(api, context);
  healthRoutes(api, context);
  metricsRoute(api, context);
}
