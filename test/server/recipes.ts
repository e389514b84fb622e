import type { Scope } from '../../client/credentials/principal.ts';

/**
 * Who may use an operation, said a second time: once where the route is, once here. A route that has no recipe fails the isolation test.
 * `portal`: which portal tokens of the account in the path get through; see `Access` in server/auth/authenticate.ts.
 */
export interface Recipe {
  readonly scope: Scope;
  readonly portal: 'admin' | 'member' | 'self' | null;
  /** Values for the path, beside `account` and `member`. */
  readonly params?: Readonly<Record<string, string>>;
  /** A query, with its `?`, without which there is no answer to look into. */
  readonly query?: string;
  /** A body with which a member gets an answer to look into. */
  readonly body?: unknown;
}

const operator = { scope: 'operator', portal: null } as const;
const sandbox = { scope: 'sandbox', portal: null } as const;
const adminReads = { scope: 'accounts:read', portal: 'admin' } as const;
const adminWrites = { scope: 'accounts:write', portal: 'admin' } as const;
const usageWrites = { scope: 'usage:write', portal: null } as const;

/** By operationId. */
export const RECIPES: Readonly<Record<string, Recipe>> = {
  signUp: { scope: 'accounts:write', portal: null },
  listAccounts: operator,
  getAccount: { scope: 'accounts:read', portal: 'member' },
  watchAccount: { scope: 'accounts:read', portal: 'member' },
  setPaymentMethod: adminWrites,
  createPaymentMethodSession: adminWrites,
  extendTrial: operator,
  closeAccount: operator,
  previewClose: operator,
  subscribe: adminWrites,
  changeSubscription: adminWrites,
  cancelSubscription: adminWrites,
  resumeSubscription: adminWrites,
  previewSubscription: adminReads,
  addSeats: adminWrites,
  removeSeats: adminWrites,
  previewSeats: adminReads,
  previewCommand: adminReads,
  setAutomaticAllocation: adminWrites,
  setCap: adminWrites,
  listMembers: { scope: 'accounts:read', portal: 'member' },
  addMember: adminWrites,
  enableMembers: adminWrites,
  getMember: { scope: 'accounts:read', portal: 'self' },
  changeMember: adminWrites,
  listInvoices: adminReads,
  getUpcomingInvoice: adminReads,
  getInvoice: adminReads,
  getInvoicePdf: adminReads,
  payInvoice: adminWrites,
  recordPayment: operator,
  recordPayout: operator,
  creditInvoice: operator,
  listCreditNotes: adminReads,
  setContract: operator,
  previewContract: operator,
  setBillingContacts: adminWrites,
  getPaymentPage: adminReads,
  listAudit: adminReads,
  listCommands: operator,
  listNotices: { scope: 'accounts:read', portal: 'member' },
  getAnalytics: { scope: 'accounts:read', portal: 'member' },
  exportUsage: { scope: 'accounts:read', portal: 'member' },

  recordUsage: usageWrites,
  placeHold: usageWrites,
  captureHold: usageWrites,
  releaseHold: usageWrites,
  reverseUsage: usageWrites,
  checkAccess: { scope: 'access:check', portal: null },

  getAccountCatalog: adminReads,
  startReconciliation: operator,
  listReconciliations: operator,
  getReconciliation: operator,
  reconcileAccount: operator,

  listCatalogs: { scope: 'accounts:read', portal: null },
  publishCatalog: operator,
  migrateAccount: operator,
  migrateCatalog: operator,
  listCatalogMigrations: operator,
  getCatalogMigration: operator,
  createTestClock: sandbox,
  listTestClocks: sandbox,
  getTestClock: sandbox,
  advanceTestClock: sandbox,

  createPortalSession: { scope: 'accounts:write', portal: null },
  createKey: operator,
  listKeys: operator,
  rotateKey: operator,
  revokeKey: operator,

  createWebhookEndpoint: operator,
  listWebhookEndpoints: operator,
  getWebhookEndpoint: operator,
  updateWebhookEndpoint: operator,
  deleteWebhookEndpoint: operator,
  rotateWebhookSecret: operator,
  listWebhookDeliveries: operator,
  replayWebhookMessage: operator,
  replayWebhookMessages: operator,
};

/** What anybody may ask, by path: these have no `/v1`, tell nothing of any account, and prove by themselves who sends. */
export const PUBLIC_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics', '/webhooks/stripe']);
