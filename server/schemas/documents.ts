import { z } from 'zod';

import type {
  ContractDocument,
  CreditNoteDocument,
  InvoiceDocument,
  MeterDocument,
  MeterTold,
  SeatCounts,
  UseRefused,
} from '../../billing/model/document.ts';
import type { AuditEntry, Explanation } from '../../billing/model/facts.ts';
import type { AnsweredCommand } from '../../db/account/commands.ts';
import type { AccountOverview } from '../../db/account/list-accounts.ts';
import type { AccountView, MemberView } from '../../client/queries/account-view.ts';
import { amount, instant, interval, listOf, period } from './fields.ts';

/** A schema for every field, and for no other: what is added to a document has to be decided on here before anybody sees it. */
export type FieldsOf<Document> = Readonly<Record<keyof Document, z.ZodType>>;

export const accountPhase = z
  .enum(['trialing', 'free', 'active', 'past_due', 'blocked', 'canceled'])
  .meta({ id: 'Phase' });

const meter = z
  .object({
    unit: z.string().meta({ description: 'In the singular, for people.', examples: ['credit', 'minute'] }),
    included: z.number(),
    usedIncluded: z.number(),
    overage: z.number(),
    overageCents: amount,
    overageBeforeBiggerPack: z.number().meta({
      description: 'Of the overage: used before a bigger pack began, and owed beside what that includes.',
    }),
    capCents: amount.nullable().meta({ description: 'The most that overage may cost in a cycle; null: no ceiling.' }),
    held: z.number().meta({ description: 'Reserved by holds that are open.' }),
    trial: z.number().meta({ description: 'Used in the trial, free of charge.' }),
    refusals: z.int().meta({ description: 'Events and holds turned away in this cycle.' }),
    renewsAt: instant.nullable(),
    rate: z.object({ cents: amount, per: z.number() }).nullable().meta({
      description:
        'Beyond what is included, `cents` for every `per` units, rounded once over the cycle (MON-3); null: use ends with what is included.',
    }),
    isPool: z.boolean().meta({
      description: 'A pool that packs fill, with a spending cap (CRE-1); else an allowance, with a budget (BUD-1).',
    }),
    startedAt: instant.meta({
      description: 'When its running cycle began; also in a paid year it is a month (BUD-3).',
    }),
    refused: z
      .string()
      .nullable()
      .meta({
        description: 'The code with which one more unit would be refused now; null: it would not.',
        examples: ['spending_cap_reached', 'budget_reached'],
      }),
  } satisfies FieldsOf<MeterDocument & MeterTold>)
  .meta({
    id: 'Meter',
    description: 'One meter in its running cycle; quantities in the meter’s unit (credits, minutes).',
  });

const seats = z
  .object({
    quantity: z.int(),
    used: z.int(),
    free: z.int(),
    awaitingRemoval: z.int(),
  } satisfies FieldsOf<SeatCounts>)
  .meta({ id: 'Seats' });

const memberState = z.enum(['enabled', 'disabled']);

export const accountListing = z
  .object({
    accountId: z.string(),
    ownerId: z.string(),
    catalog: z.string(),
    phase: accountPhase,
    plan: z.string().nullable(),
    interval: interval.nullable(),
    seats: z.int().meta({ description: 'Seats that exist, those that await removal included.' }),
    nextDueAt: instant
      .nullable()
      .meta({ description: 'What changes it next by itself: a trial’s end, a boundary. Payments apart.' }),
    currency: z.string(),
    openCents: amount.meta({ description: 'What is on open invoices, due or not.' }),
    testClockId: z.string().nullable().meta({ description: 'null: it lives on the real clock.' }),
    closedAt: instant.nullable(),
  } satisfies FieldsOf<AccountOverview>)
  .meta({ id: 'AccountListing' });

export const member = z
  .object({
    member: z.string(),
    login: z.string(),
    role: z.enum(['admin', 'member']),
    state: memberState,
    reason: z
      .string()
      .optional()
      .meta({ description: 'Why a disabled member is: no_seat, member_disabled, seat_removed, invited.' }),
    stateSince: instant.nullable().meta({ description: 'Since when state and reason are these; null: not known.' }),
    seatEndsAt: instant.nullable().meta({
      description: 'When their seat ends, where it awaits removal: they keep access until then (SBI-6).',
    }),
    lastUsedOn: z.string().nullable().meta({
      format: 'date',
      description: 'The latest day (UTC) on which they used something that was not given back; null: never.',
    }),
  } satisfies FieldsOf<MemberView>)
  .meta({ id: 'Member' });

const refused = z
  .object({
    code: z.string().meta({ examples: ['trial_ended'] }),
    message: z.string(),
    solve: z.string().nullable(),
  } satisfies FieldsOf<UseRefused>)
  .meta({ id: 'UseRefused' });

const shown = {
  accountId: z.string(),
  catalog: z.string(),
  phase: accountPhase,
  plan: z.string().nullable(),
  planTitle: z.string().nullable().meta({ description: 'What customers read for the plan.' }),
  subscription: z.enum(['scheduled', 'running', 'suspended']).nullable().meta({
    description:
      'Of a paid plan: `scheduled` begins later, `suspended` waits for money after the last try; null: there is none.',
  }),
  refused: refused.nullable().meta({ description: 'Why nothing metered may be used now; null: it may.' }),
  interval: interval.nullable(),
  pack: z.string().nullable(),
  trialEndsAt: instant.optional(),
  closedAt: instant.optional().meta({ description: 'Absent while the account is open.' }),
  cycle: period.nullable().meta({ description: 'The running cycle, where something is paid for.' }),
  scheduledChange: z
    .object({ at: instant, to: z.string() })
    .nullable()
    .meta({ description: 'What happens at the cycle’s end instead of a renewal.' }),
  automaticAllocation: z.object({ enabled: z.boolean(), ceiling: z.int().nullable() }),
  seats: seats.nullable(),
  next: listOf(z.object({ at: instant, what: z.string() })).meta({
    description: 'What the account waits for, earliest first.',
  }),
  version: z.int().meta({ description: 'Counts the decisions about the account; goes into If-Match.' }),
  now: instant.meta({ description: 'The account’s own time: of its test clock, or of the wall.' }),
  ownerId: z.string(),
  testClockId: z.string().nullable().meta({ description: 'null: it lives on the real clock.' }),
  catalogVersion: z.int().meta({ description: 'The version that it is on (CAT-2); `…/catalog` has it.' }),
  entity: z.string().meta({
    description: 'What customers read for an account.',
    examples: ['workspace', 'organization'],
  }),
};

const contract = z
  .object({
    priceCents: amount,
    seatPriceCents: amount.nullable(),
    meters: z.record(
      z.string(),
      z.object({
        includedPerMonth: z.number(),
        overage: z.object({ cents: amount, per: z.number() }).nullable(),
      } satisfies FieldsOf<ContractDocument['meters'][string]>),
    ),
    invoiceDueDays: z.int().nullable().meta({ description: 'null: the card is charged.' }),
    attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  } satisfies FieldsOf<ContractDocument>)
  .meta({ id: 'Contract', description: 'What was agreed beside the catalog (CRE-18, CAT-3).' });

export const account = z
  .object({
    ...shown,
    currency: z.string().meta({ examples: ['usd'] }),
    paymentMethod: z.object({ brand: z.string(), last4: z.string() }).nullable(),
    contract: contract.nullable(),
    billingContacts: listOf(z.string()).meta({ description: 'Whom its notices are mailed to.' }),
    meters: z.record(z.string(), meter),
  } satisfies FieldsOf<AccountView>)
  .meta({ id: 'Account' });

/** SEA-17: what a member sees: everything but the amounts and the card. */
export const accountForMembers = z
  .object({
    ...shown,
    meters: z.record(
      z.string(),
      meter.omit({ overageCents: true, capCents: true, rate: true }).meta({ id: 'MeterForMembers' }),
    ),
  })
  .meta({ id: 'AccountForMembers', description: 'An account as its members see it: without amounts.' });

const explanation = z
  .object({
    rule: z.string(),
    formula: z.string(),
    inputs: z.record(z.string(), z.union([z.string(), z.number()])),
  } satisfies FieldsOf<Explanation>)
  .meta({ id: 'Explanation', description: 'Enough to compute the amount again.' });

const line = z
  .object({
    kind: z.string().meta({ examples: ['base', 'seats', 'proration', 'overage'] }),
    quantity: z.number(),
    amount,
    periodStart: instant,
    periodEnd: instant,
    description: z.string(),
    explanation,
  } satisfies FieldsOf<InvoiceDocument['lines'][number]>)
  .meta({ id: 'InvoiceLine' });

export const invoice = z
  .object({
    number: z.string().nullable().meta({ description: 'Without gaps per account; null while a draft.' }),
    purpose: z.string().meta({ examples: ['start', 'cycle', 'seats', 'plan-change', 'final'] }),
    issuedAt: instant,
    periodStart: instant,
    periodEnd: instant,
    currency: z.string(),
    total: amount,
    dueAt: instant.optional().meta({ description: 'Only where the invoice is sent and paid later (CRE-18).' }),
    nextAttemptAt: instant
      .optional()
      .meta({ description: 'Only while it is open: when its payment is tried next (INV-5).' }),
    status: z.string().meta({ examples: ['draft', 'open', 'paid', 'void', 'uncollectible', 'carried'] }),
    lines: listOf(line),
    stripe: z
      .object({ id: z.string(), status: z.string(), total: amount })
      .nullable()
      .meta({ description: 'The same invoice at Stripe; null where it was settled without (INV-4, MON-6).' }),
  } satisfies FieldsOf<InvoiceDocument>)
  .meta({ id: 'Invoice' });

export const creditNote = z
  .object({
    number: z.string().meta({ description: 'Without gaps per account.' }),
    invoice: z.string().meta({ description: 'The number of the invoice it gives back of.' }),
    issuedAt: instant,
    reason: z.string(),
    destination: z.enum(['card', 'balance']).meta({ description: '`balance`: a line of the next invoice.' }),
    status: z.enum(['pending', 'refunded', 'credited', 'failed']),
    currency: z.string(),
    total: amount,
    lines: listOf(z.object({ description: z.string(), amount })),
    stripe: z.object({ id: z.string() }).nullable(),
  } satisfies FieldsOf<CreditNoteDocument>)
  .meta({
    id: 'CreditNote',
    description: 'What was given back of a paid invoice (INV-7); it never changes but for `status`.',
  });

export const auditEntry = z
  .object({
    at: instant,
    actor: z.string(),
    action: z.string().meta({ examples: ['seats.added'] }),
    before: z.unknown(),
    after: z.unknown(),
  } satisfies FieldsOf<AuditEntry>)
  .meta({ id: 'AuditEntry' });

export const answeredCommand = z
  .object({
    commandId: z.string().meta({ description: 'The Idempotency-Key, or one that was made.' }),
    type: z.string().meta({ examples: ['addSeats'] }),
    effectiveAt: instant,
    result: z.record(z.string(), z.unknown()).nullable(),
    refusal: z.object({ code: z.string(), message: z.string() }).nullable().meta({
      description: 'Why it was taken back: what it bought was not paid for (SBI-11), or not refunded. null: it stands.',
    }),
  } satisfies FieldsOf<AnsweredCommand>)
  .meta({ id: 'AnsweredCommand' });

export const commandAnswer = z
  .object({
    commandId: z.string().meta({ description: 'The Idempotency-Key, or one that was made.' }),
    effectiveAt: instant.meta({ description: 'The account’s time at which it took effect.' }),
    result: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'CommandAnswer' });

export const preview = z
  .object({
    dueNowCents: amount.meta({
      description: 'What is invoiced at once: charged to the card, or sent and due on the day that `dueNow` says.',
    }),
    nextInvoiceCents: amount.meta({ description: 'The whole next invoice, if nothing more happens.' }),
    dueNow: invoice.nullable(),
    nextInvoice: invoice.nullable(),
  })
  .meta({ id: 'Preview', description: 'Exactly what is issued (invariant 11).' });
