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
    unit: z.string().meta({ description: 'The singular of the unit, for display.', examples: ['credit', 'minute'] }),
    included: z.number(),
    usedIncluded: z.number(),
    overage: z.number(),
    overageCents: amount,
    overageBeforeBiggerPack: z.number().meta({
      description:
        'The part of the overage that was used before an upgrade to a bigger pack. It is charged in addition to that pack.',
    }),
    capCents: amount.nullable().meta({ description: 'The spending cap on overage per cycle; null if there is none.' }),
    held: z.number().meta({ description: 'Reserved by open holds.' }),
    trial: z.number().meta({ description: 'Used in the trial, free of charge.' }),
    refusals: z.int().meta({ description: 'The number of events and holds refused in this cycle.' }),
    renewsAt: instant.nullable(),
    rate: z
      .object({ cents: amount, per: z.number() })
      .nullable()
      .meta({
        description:
          'The overage price: `cents` for every `per` units, rounded once per cycle. Null if the plan sells no overage of this ' +
          'meter.',
      }),
    isPool: z.boolean().meta({
      description: 'True for credits that packs include, with a spending cap; false for an allowance with a budget.',
    }),
    startedAt: instant.meta({
      description: 'When the current monthly cycle started. Yearly plans also have monthly cycles of usage.',
    }),
    refused: z
      .string()
      .nullable()
      .meta({
        description: 'The error code with which one more unit would be refused now; null if it would be accepted.',
        examples: ['spending_cap_reached', 'budget_reached'],
      }),
  } satisfies FieldsOf<MeterDocument & MeterTold>)
  .meta({
    id: 'Meter',
    description: 'One meter in its current cycle. Quantities are in the unit of the meter (credits, minutes).',
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
    seats: z.int().meta({ description: 'The number of seats, including those scheduled for removal.' }),
    nextDueAt: instant.nullable().meta({
      description:
        'The next scheduled event that changes the account, such as the end of a trial or a renewal. Payments are not included.',
    }),
    currency: z.string(),
    openCents: amount.meta({ description: 'The total of open invoices, including those not yet due.' }),
    testClockId: z.string().nullable().meta({ description: 'Null if the account follows real time.' }),
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
      .meta({ description: 'Why a disabled member is disabled: no_seat, member_disabled, seat_removed, or invited.' }),
    stateSince: instant
      .nullable()
      .meta({ description: 'When the member entered this state for this reason; null if unknown.' }),
    seatEndsAt: instant.nullable().meta({
      description:
        'When the seat of the member ends, if it is scheduled for removal. The member keeps access until then.',
    }),
    lastUsedOn: z.string().nullable().meta({
      format: 'date',
      description: 'The last day (UTC) with usage that was not reversed; null if there is none.',
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
  planTitle: z.string().nullable().meta({ description: 'The title of the plan, for display.' }),
  subscription: z
    .enum(['scheduled', 'running', 'suspended'])
    .nullable()
    .meta({
      description:
        'The state of a paid subscription: `scheduled` starts later, `suspended` is waiting for payment after the last attempt. ' +
        'Null if there is no subscription.',
    }),
  refused: refused.nullable().meta({ description: 'Why metered usage is refused now; null if it is accepted.' }),
  interval: interval.nullable(),
  pack: z.string().nullable(),
  trialEndsAt: instant.optional(),
  closedAt: instant.optional().meta({ description: 'When the account was closed; absent while it is open.' }),
  cycle: period.nullable().meta({ description: 'The current cycle of a paid plan.' }),
  scheduledChange: z
    .object({ at: instant, to: z.string() })
    .nullable()
    .meta({ description: 'What happens at the end of the cycle instead of a renewal.' }),
  automaticAllocation: z.object({ enabled: z.boolean(), ceiling: z.int().nullable() }),
  seats: seats.nullable(),
  next: listOf(z.object({ at: instant, what: z.string() })).meta({
    description: 'Upcoming events of the account, earliest first.',
  }),
  version: z.int().meta({ description: 'Increases with every change to the account. Use it for If-Match.' }),
  now: instant.meta({ description: 'The current time of the account, from its test clock or from real time.' }),
  ownerId: z.string(),
  testClockId: z.string().nullable().meta({ description: 'Null if the account follows real time.' }),
  catalogVersion: z
    .int()
    .meta({ description: 'The version of the catalog that the account is on; `…/catalog` returns it.' }),
  entity: z.string().meta({
    description: 'The word for an account, for display.',
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
    invoiceDueDays: z.int().nullable().meta({ description: 'Null if the card is charged automatically.' }),
    attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  } satisfies FieldsOf<ContractDocument>)
  .meta({ id: 'Contract', description: 'The terms of the contract, in addition to the catalog.' });

export const account = z
  .object({
    ...shown,
    currency: z.string().meta({ examples: ['usd'] }),
    paymentMethod: z.object({ brand: z.string(), last4: z.string() }).nullable(),
    contract: contract.nullable(),
    billingContacts: listOf(z.string()).meta({ description: 'The addresses that billing emails go to.' }),
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
  .meta({ id: 'AccountForMembers', description: 'An account as its members see it, without amounts.' });

const explanation = z
  .object({
    rule: z.string(),
    formula: z.string(),
    inputs: z.record(z.string(), z.union([z.string(), z.number()])),
  } satisfies FieldsOf<Explanation>)
  .meta({ id: 'Explanation', description: 'Everything needed to recompute the amount.' });

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
    number: z.string().nullable().meta({ description: 'Consecutive per account, without gaps; null for a draft.' }),
    purpose: z.string().meta({ examples: ['start', 'cycle', 'seats', 'plan-change', 'final'] }),
    issuedAt: instant,
    periodStart: instant,
    periodEnd: instant,
    currency: z.string(),
    total: amount,
    dueAt: instant.optional().meta({ description: 'Only for invoices that are sent and paid later.' }),
    nextAttemptAt: instant
      .optional()
      .meta({ description: 'Only while the invoice is open: when the next payment attempt is made.' }),
    status: z.string().meta({ examples: ['draft', 'open', 'paid', 'void', 'uncollectible', 'carried'] }),
    lines: listOf(line),
    stripe: z
      .object({ id: z.string(), status: z.string(), total: amount })
      .nullable()
      .meta({ description: 'The same invoice at Stripe; null if it was settled without Stripe.' }),
  } satisfies FieldsOf<InvoiceDocument>)
  .meta({ id: 'Invoice' });

export const creditNote = z
  .object({
    number: z.string().meta({ description: 'Consecutive per account, without gaps.' }),
    invoice: z.string().meta({ description: 'The number of the credited invoice.' }),
    issuedAt: instant,
    reason: z.string(),
    destination: z
      .enum(['card', 'balance'])
      .meta({ description: '`card`: refunded to the card. `balance`: applied to the next invoice.' }),
    status: z.enum(['pending', 'refunded', 'credited', 'failed']),
    currency: z.string(),
    total: amount,
    lines: listOf(z.object({ description: z.string(), amount })),
    stripe: z.object({ id: z.string() }).nullable(),
  } satisfies FieldsOf<CreditNoteDocument>)
  .meta({
    id: 'CreditNote',
    description: 'A credit note on a paid invoice. Only its `status` ever changes.',
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
    commandId: z.string().meta({ description: 'The Idempotency-Key of the request, or a generated id.' }),
    type: z.string().meta({ examples: ['addSeats'] }),
    effectiveAt: instant,
    result: z.record(z.string(), z.unknown()).nullable(),
    refusal: z.object({ code: z.string(), message: z.string() }).nullable().meta({
      description: 'Why the command was undone: its payment failed or was refused. Null if it is in effect.',
    }),
  } satisfies FieldsOf<AnsweredCommand>)
  .meta({ id: 'AnsweredCommand' });

export const commandAnswer = z
  .object({
    commandId: z.string().meta({ description: 'The Idempotency-Key of the request, or a generated id.' }),
    effectiveAt: instant.meta({ description: 'When the command took effect, in the time of the account.' }),
    result: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'CommandAnswer' });

export const preview = z
  .object({
    dueNowCents: amount.meta({
      description: 'What is invoiced immediately: charged to the card, or sent and due on the date in `dueNow`.',
    }),
    nextInvoiceCents: amount.meta({ description: 'The full next invoice, if nothing else changes.' }),
    dueNow: invoice.nullable(),
    nextInvoice: invoice.nullable(),
  })
  .meta({ id: 'Preview', description: 'Exactly the invoices that the request would produce.' });
