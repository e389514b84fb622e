import type { Instant } from '../calendar/instant.ts';
import type { Interval, Period } from '../calendar/period.ts';
import type { AuditEntry, CreditNote, Contract, DisabledReason, InvoicePurpose, Line, Notice } from './facts.ts';
import type { InvoiceStatus } from './invoice-status.ts';
import type { Phase } from './phase.ts';
import type { RefusalCode } from '../refusal-codes.ts';

/** An account as people and programs read it; the shape is fixed by the scenario interface. Amounts are minor units. */
export interface AccountDocument {
  readonly accountId: string;
  readonly catalog: string;
  readonly currency: string;
  readonly phase: Phase;
  readonly plan: string | null;
  readonly interval: Interval | null;
  readonly pack: string | null;
  readonly trialEndsAt?: Instant;
  /** Absent while the account is open. */
  readonly closedAt?: Instant;
  readonly cycle: Period | null;
  /** What happens at the cycle's end instead of a renewal. */
  readonly scheduledChange: { readonly at: Instant; readonly to: string } | null;
  /** What was agreed beside the catalog (CRE-18, CAT-3), from the moment the contract is chosen; null where nothing was. */
  readonly contract: ContractDocument | null;
  readonly paymentMethod: { readonly brand: string; readonly last4: string } | null;
  readonly automaticAllocation: { readonly enabled: boolean; readonly ceiling: number | null };
  readonly seats: SeatCounts | null;
  readonly members: readonly {
    readonly member: string;
    readonly login: string;
    readonly role: 'admin' | 'member';
    readonly state: 'enabled' | 'disabled';
    readonly reason?: DisabledReason;
  }[];
  readonly meters: Readonly<Record<string, MeterDocument>>;
  readonly invoices: readonly InvoiceDocument[];
  readonly creditNotes: readonly CreditNoteDocument[];
  readonly notices: readonly Notice[];
  readonly audit: readonly AuditEntry[];
  /** What the account waits for, earliest first. */
  readonly next: readonly { readonly at: Instant; readonly what: string }[];
}

/** A member as the list of members has them. */
export type MemberDocument = AccountDocument['members'][number] & {
  /** Since when they are what they are; null where that was before it was kept. */
  readonly stateSince: Instant | null;
  /** SBI-6: when their seat ends, where it awaits removal. */
  readonly seatEndsAt: Instant | null;
};

export interface ContractDocument {
  /** Minor units per interval, beside seats. */
  readonly priceCents: number;
  readonly seatPriceCents: number | null;
  /** By meter, in its unit; `overage: null`: use ends with what is included. */
  readonly meters: Contract['meters'];
  /** Invoices are due so many days after they are issued; null: the card is charged. */
  readonly invoiceDueDays: number | null;
  /** The plan's attributes, and those of the contract over them. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

export interface SeatCounts {
  readonly quantity: number;
  readonly used: number;
  readonly free: number;
  readonly awaitingRemoval: number;
}

/** Quantities in the meter's unit (credits, minutes). */
export interface MeterDocument {
  readonly included: number;
  readonly usedIncluded: number;
  readonly overage: number;
  readonly overageCents: number;
  /** Of the overage: used before a bigger pack began, and owed beside what it includes (CRE-16). */
  readonly overageBeforeBiggerPack: number;
  readonly capCents: number | null;
  readonly held: number;
  /** Used in the trial, free of charge (TRI-2). */
  readonly trial: number;
  readonly refusals: number;
  readonly renewsAt: Instant | null;
}

/** What is said of a meter beside its use. */
export interface MeterTold {
  /** Singular, for people: credit, minute. */
  readonly unit: string;
  /** Beyond what is included, `cents` for every `per` units; null where use ends with the allowance. */
  readonly rate: { readonly cents: number; readonly per: number } | null;
  /** A pool that packs fill, with a spending cap (CRE-1); else an allowance, with a budget (BUD-1). */
  readonly isPool: boolean;
  /** When its running cycle began: the trial, or a month of the subscription, also in a paid year (BUD-3). */
  readonly startedAt: Instant;
  /** Why one more unit would be refused now; null: it would not. Without the sentence, which names amounts (SEA-17). */
  readonly refused: RefusalCode | null;
}

/** Why nothing metered may be used now, in words that name no amount. */
export interface UseRefused {
  readonly code: RefusalCode;
  readonly message: string;
  readonly solve: string | null;
}

export interface InvoiceDocument {
  readonly number: string | null;
  readonly purpose: InvoicePurpose;
  readonly issuedAt: Instant;
  readonly periodStart: Instant;
  readonly periodEnd: Instant;
  readonly currency: string;
  readonly total: number;
  /** Only where the invoice is sent and paid later (CRE-18). */
  readonly dueAt?: Instant;
  /** Only while it is open: when its payment is tried next (INV-5). */
  readonly nextAttemptAt?: Instant;
  readonly status: InvoiceStatus;
  readonly lines: readonly Omit<Line, 'lineId' | 'carries'>[];
  readonly stripe: { readonly id: string; readonly status: string; readonly total: number } | null;
}

/** What was given back of a paid invoice (INV-7). */
export interface CreditNoteDocument {
  readonly number: string;
  /** The invoice's number. */
  readonly invoice: string;
  readonly issuedAt: Instant;
  readonly reason: string;
  readonly destination: CreditNote['destination'];
  readonly status: CreditNote['status'];
  readonly currency: string;
  readonly total: number;
  readonly lines: readonly { readonly description: string; readonly amount: number }[];
  readonly stripe: { readonly id: string } | null;
}
