import type { Knex } from 'knex';

import type { Instant } from '../billing/calendar/instant.ts';
import type { Catalog } from '../billing/catalog/catalog.ts';
import type {
  Account,
  AuditEntry,
  CreditNote,
  CreditNoteLine,
  Facts,
  Invoice,
  Line,
  Member,
  MeterCycle,
  Notice,
  Seat,
  Subscription,
} from '../billing/model/facts.ts';
import type { Difference } from '../billing/reconciliation/difference.ts';
import type { RefusalCode } from '../billing/refusal-codes.ts';

/** Rows as they are read: camelCase, JSON columns parsed, instants as texts. The schema itself is in migrations/. */

interface Owned {
  readonly accountId: string;
}

/** What an account is to the outside: not billing facts, and not the core's business. */
export interface AccountPlace {
  readonly testClockId: string | null;
  /** Seconds that the account's real clock runs ahead of the wall (proving durable timers on other dates). */
  readonly clockOffsetSeconds: number;
  readonly stripeCustomerId: string | null;
}

/** An account's head: what usage and access decide on, in one read; written with every decision. */
export interface AccountHead {
  /** Counts the decisions that were written. */
  readonly version: number;
  /** From then on the head has to be projected first (`projectTo`), with all the facts; null where nothing comes by itself. */
  readonly nextDueAt: Instant | null;
  /** Null: it has to be worked out from all the facts. */
  readonly head: Pick<Facts, 'account' | 'subscription'> | null;
}

export type AccountRow = Account & AccountPlace & AccountHead;
export type SubscriptionRow = Owned &
  Omit<Subscription, 'cycle'> & { readonly cycleStart: Instant; readonly cycleEnd: Instant };
export type MeterCycleRow = Owned &
  Omit<MeterCycle, 'start' | 'end'> & { readonly cycleStart: Instant; readonly cycleEnd: Instant };
export type InvoiceRow = Owned &
  Omit<Invoice, 'lines'> & {
    readonly stripeInvoiceId: string | null;
    readonly stripeStatus: string | null;
    readonly stripeTotal: number | null;
    /** Why the payment provider will never take it as it is; null while all is well. */
    readonly collectionTrouble: string | null;
  };
export type LineRow = Owned & Line & { readonly invoiceId: string | null; readonly position: number };

export interface PortalSecret {
  readonly secretId: string;
  /** 32 random bytes. */
  readonly secret: Buffer;
  /** Null for the one that signs. */
  readonly retiresAt: Instant | null;
}

export interface UsageEventRow extends Owned {
  readonly eventId: string;
  readonly feature: string;
  readonly meter: string;
  readonly units: number;
  readonly includedUnits: number;
  readonly overageUnits: number;
  readonly trialUnits: number;
  readonly memberId: string | null;
  readonly model: string | null;
  readonly occurredAt: Instant;
  readonly recordedAt: Instant;
  readonly cycleStart: Instant;
  readonly termsChanges: number;
}

/** CRE-13; `units` are in the meter's smallest ones. */
export interface HoldRow extends Owned {
  readonly holdId: string;
  readonly digest: string;
  readonly feature: string;
  readonly meter: string;
  readonly units: number;
  readonly memberId: string | null;
  readonly model: string | null;
  readonly cycleStart: Instant;
  readonly placedAt: Instant;
  readonly expiresAt: Instant;
  readonly state: 'open' | 'captured' | 'released' | 'expired';
  readonly captureDigest: string | null;
  /** How many rely on it: who was answered that it is theirs, and access checks that are under way. */
  readonly claims: number;
}

/** What a reversal gave back (CRE-14). */
export interface UsageReversalRow extends Owned {
  readonly eventId: string;
  readonly meter: string;
  readonly includedUnits: number;
  readonly overageUnits: number;
  readonly trialUnits: number;
  readonly reversedAt: Instant;
}

/** What a day's use comes to; '' stands for nobody, and for no model. */
export interface UsageDayRow extends Owned {
  readonly day: string;
  readonly meter: string;
  readonly feature: string;
  readonly memberId: string;
  readonly model: string;
  readonly cycleStart: Instant;
  readonly events: number;
  readonly includedUnits: number;
  readonly overageUnits: number;
  readonly trialUnits: number;
}

export type CreditNoteRow = Owned &
  Omit<CreditNote, 'lines' | 'invoiceNumber'> & { readonly stripeCreditNoteId: string | null };
export type CreditNoteLineRow = Owned & CreditNoteLine & { readonly creditNoteId: string; readonly position: number };

export interface CommandRow extends Owned {
  readonly commandId: string;
  readonly digest: string;
  readonly type: string;
  readonly effectiveAt: Instant;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly refusal: { readonly code: RefusalCode; readonly message: string } | null;
}

export interface StripeRequestRow extends Owned {
  readonly idempotencyKey: string;
  readonly parameters: unknown;
  readonly outcome: unknown;
}

/** An event of Stripe, kept before it is worked off. */
export interface StripeInboxRow {
  readonly eventId: string;
  readonly type: string;
  readonly objectId: string | null;
  readonly receivedAt: Instant;
  readonly attempts: number;
  readonly nextAttemptAt: Instant;
  readonly handledAt: Instant | null;
  readonly outcome: string | null;
}

/** Where webhooks go. */
export interface WebhookEndpointRow {
  readonly endpointId: string;
  readonly url: string;
  readonly description: string;
  /** `invoice.paid`, `invoice.*`; null: all. */
  readonly eventTypes: readonly string[] | null;
  readonly enabled: boolean;
  readonly secret: string;
  readonly previousSecret: string | null;
  readonly previousSecretUntil: Instant | null;
  readonly rotatedBy: string | null;
  readonly failingSince: Instant | null;
  readonly createdAt: Instant;
}

interface WebhookMessageRow {
  readonly messageId: string;
  readonly type: string;
  readonly accountId: string | null;
  readonly body: string;
  readonly createdAt: Instant;
}

export interface WebhookDeliveryRow {
  readonly deliveryId: number;
  readonly messageId: string;
  readonly endpointId: string;
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly attempts: number;
  readonly nextAttemptAt: Instant | null;
}

export interface WebhookTryRow {
  readonly tryId: number;
  readonly deliveryId: number;
  readonly at: Instant;
  readonly durationMs: number;
  readonly status: number | null;
  readonly problem: string | null;
  readonly response: string | null;
}

interface MailRow {
  readonly mailId: number;
  readonly accountId: string;
  readonly noticeId: number;
  readonly recipient: string;
  readonly state: 'pending' | 'sent' | 'failed';
  readonly attempts: number;
  readonly nextAttemptAt: Instant | null;
  readonly problem: string | null;
}

interface OutboxRow {
  readonly outboxId: number;
  readonly source: 'notice' | 'audit' | 'endpoint';
  readonly sourceId: string;
}

export interface CatalogRow {
  readonly name: string;
  readonly version: number;
  readonly digest: string;
  readonly body: Catalog;
}

/** A server key, without its secret. Its instants are the wall's. */
export interface ApiKeyRow {
  /** The key's public part. */
  readonly keyId: string;
  /** The first key of its line of rotations. */
  readonly familyId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly secretDigest: Buffer;
  readonly createdAt: Instant;
  readonly lastUsedAt: Instant | null;
  readonly expiresAt: Instant | null;
  readonly revokedAt: Instant | null;
  readonly rotatedTo: string | null;
}

export interface IdempotentRequestRow {
  readonly owner: string;
  readonly idempotencyKey: string;
  readonly digest: string;
  readonly claimId: string;
  readonly claimedUntil: Instant;
  readonly status: number | null;
  readonly answer: string | null;
}

export interface UsedSignInCodeRow {
  readonly codeId: string;
  readonly endsAt: Instant;
}

export interface ReconciliationRow {
  readonly reconciliationId: string;
  readonly startedBy: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly accountsLookedAt: number;
}

/** CAT-2: a move of all accounts of a catalog to another version. */
export interface CatalogMigrationRow {
  readonly migrationId: string;
  readonly catalogName: string;
  readonly version: number;
  /** Those that accounts were on when it began. */
  readonly fromVersions: readonly number[];
  readonly startedBy: string;
  readonly startedAt: Instant;
  /** When all had been told; null: under way, or broken off. */
  readonly endedAt: Instant | null;
  readonly accountsTold: number;
}

type DifferenceRow = Owned & Difference & { readonly reconciliationId: string; readonly position: number };

/** JSON columns are written as text: the driver would make Postgres arrays of lists. */
type Written<Row> = Readonly<Partial<Record<keyof Row, unknown>>>;
type Table<Row> = Knex.CompositeTableType<Row, Written<Row>, Written<Row>>;

declare module 'knex/types/tables.js' {
  interface Tables {
    accounts: Table<AccountRow>;
    subscriptions: Table<SubscriptionRow>;
    seats: Table<Owned & Seat>;
    members: Table<Owned & Member>;
    meterCycles: Table<MeterCycleRow>;
    usageEvents: Table<UsageEventRow>;
    usageDays: Table<UsageDayRow>;
    usageEventIds: Table<
      Owned & { readonly eventId: string; readonly digest: string | null; readonly occurredAt: Instant }
    >;
    holds: Table<HoldRow>;
    usageReversals: Table<UsageReversalRow>;
    invoices: Table<InvoiceRow>;
    invoiceLines: Table<LineRow>;
    creditNotes: Table<CreditNoteRow>;
    creditNoteLines: Table<CreditNoteLineRow>;
    notices: Table<Owned & Notice & { readonly noticeId: number; readonly onceKey: string | null }>;
    auditEntries: Table<Owned & AuditEntry & { readonly auditId: number }>;
    commands: Table<CommandRow>;
    stripeRequests: Table<StripeRequestRow>;
    stripeInbox: Table<StripeInboxRow>;
    outbox: Table<OutboxRow>;
    webhookEndpoints: Table<WebhookEndpointRow>;
    webhookMessages: Table<WebhookMessageRow>;
    webhookDeliveries: Table<WebhookDeliveryRow>;
    webhookTries: Table<WebhookTryRow>;
    mails: Table<MailRow>;
    catalogs: Table<CatalogRow>;
    apiKeys: Table<ApiKeyRow>;
    portalSecrets: Table<PortalSecret & { readonly createdAt: Instant }>;
    idempotentRequests: Table<IdempotentRequestRow>;
    usedSignInCodes: Table<UsedSignInCodeRow>;
    reconciliations: Table<ReconciliationRow>;
    reconciliationDifferences: Table<DifferenceRow>;
    catalogMigrations: Table<CatalogMigrationRow>;
    testClocks: Table<{ readonly clockId: string; readonly nowAt: Instant }>;
  }
}
