import type { Instant } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Account, CreditNote, Invoice, Line, MeterCycle } from '../model/facts.ts';

/** All that is written down about one account's money and use, as of one instant, and what the payment provider has of it. */
export interface AccountBooks {
  readonly account: Pick<
    Account,
    'accountId' | 'currency' | 'nextInvoiceNumber' | 'nextCreditNoteNumber' | 'closedAt' | 'settledThrough'
  >;
  readonly catalog: Catalog;
  /** Nothing is subscribed: nothing that was used before may still wait for an invoice. */
  readonly isEnded: boolean;
  readonly use: readonly CycleOfUse[];
  readonly events: EventCounts;
  /** Every invoice, drafts and those that are void included. */
  readonly invoices: readonly InvoiceOnFile[];
  readonly pendingLines: readonly Line[];
  readonly creditNotes: readonly CreditNote[];
}

/** One meter's use in one cycle, as three tables have it. */
export interface CycleOfUse {
  readonly meter: string;
  readonly start: Instant;
  /** Null where use was taken down for a cycle that has no balance. */
  readonly balance: MeterCycle | null;
  readonly ledger: UseSums & { readonly units: number };
  readonly days: UseSums;
}

export interface UseSums {
  /** Those that were given back (CRE-14) do not count. */
  readonly events: number;
  readonly includedUnits: number;
  readonly overageUnits: number;
  readonly trialUnits: number;
}

/** CRE-11: an id that is known stands in the ledger, once. */
export interface EventCounts {
  readonly known: number;
  readonly inLedger: number;
  readonly different: number;
}

export interface InvoiceOnFile extends Invoice {
  /** What the provider calls it; null where it was never sent there, or is on its way. */
  readonly stripeInvoiceId: string | null;
  /** Why the provider does not take it as it is; null while all is well. */
  readonly collectionTrouble: string | null;
  /** An operator wrote down that it was paid by another way (CRE-18). */
  readonly isPaidOutside: boolean;
}

/** What the payment provider has of one customer. Amounts are in our minor units, whatever its own are. */
export interface ProviderBooks {
  readonly invoices: readonly ProviderInvoice[];
  readonly creditNotes: readonly ProviderCreditNote[];
  /** Payments that belong to no invoice. */
  readonly loosePayments: readonly { readonly id: string; readonly amount: number }[];
}

export interface ProviderInvoice {
  readonly id: string;
  /** Our id in its metadata; null where somebody else made it. */
  readonly invoiceId: string | null;
  readonly status: string;
  readonly currency: string;
  readonly total: number;
  /** What was taken from cards for it, and given back of that. */
  readonly charged: number;
  readonly refunded: number;
}

export interface ProviderCreditNote {
  readonly id: string;
  /** Our id in its metadata; null where somebody else made it. */
  readonly creditNoteId: string | null;
  readonly total: number;
}
