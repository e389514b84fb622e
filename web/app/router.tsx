import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router';

import { PortalFrame, PortalStart } from '../portal/portal-frame.tsx';
import { NotFound } from './not-found.tsx';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const portal = createRoute({ getParentRoute: () => root, path: '/portal', component: PortalFrame });
const portalStart = createRoute({ getParentRoute: () => portal, path: '/', component: PortalStart });

const operator = createRoute({
  getParentRoute: () => root,
  path: '/operator',
  component: lazyRouteComponent(() => import('../operator/operator-frame.tsx'), 'OperatorFrame'),
});
const accounts = createRoute({
  getParentRoute: () => operator,
  path: '/',
  component: lazyRouteComponent(() => import('../operator/accounts-page.tsx'), 'AccountsPage'),
});
const overview = createRoute({
  getParentRoute: () => operator,
  path: '/accounts/$account',
  component: lazyRouteComponent(() => import('../operator/account-overview-page.tsx'), 'AccountOverviewPage'),
});
const reconciliation = createRoute({
  getParentRoute: () => operator,
  path: '/reconciliation',
  component: lazyRouteComponent(() => import('../operator/reconciliation-page.tsx'), 'ReconciliationPage'),
});
const timeMachine = createRoute({
  getParentRoute: () => operator,
  path: '/time-machine',
  component: lazyRouteComponent(() => import('../operator/time-machine-page.tsx'), 'TimeMachinePage'),
});
const compare = createRoute({
  getParentRoute: () => operator,
  path: '/compare',
  component: lazyRouteComponent(() => import('../operator/compare-page.tsx'), 'ComparePage'),
});

/** The pages about one account, for its people and for operators alike. */
const PAGES = {
  billing: lazyRouteComponent(() => import('../billing/billing-page.tsx'), 'BillingPage'),
  usage: lazyRouteComponent(() => import('../usage/usage-page.tsx'), 'UsagePage'),
  members: lazyRouteComponent(() => import('../members/members-page.tsx'), 'MembersPage'),
  budgets: lazyRouteComponent(() => import('../budgets/budgets-page.tsx'), 'BudgetsPage'),
  invoices: lazyRouteComponent(() => import('../invoices/invoices-page.tsx'), 'InvoicesPage'),
  'invoices/$number': lazyRouteComponent(() => import('../invoices/invoice-page.tsx'), 'InvoicePage'),
  activity: lazyRouteComponent(() => import('../activity/activity-page.tsx'), 'ActivityPage'),
} as const;

const portalPages = Object.entries(PAGES).map(([page, component]) =>
  createRoute({ getParentRoute: () => portal, path: `/$account/${page}`, component }),
);
const operatorPages = Object.entries(PAGES).map(([page, component]) =>
  createRoute({ getParentRoute: () => operator, path: `/accounts/$account/${page}`, component }),
);

export const router = createRouter({
  routeTree: root.addChildren([
    portal.addChildren([portalStart, ...portalPages]),
    operator.addChildren([accounts, overview, reconciliation, timeMachine, compare, ...operatorPages]),
  ]),
  defaultPreload: 'intent',
  scrollRestoration: true,
});
