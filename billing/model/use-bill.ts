import type { Instant } from '../calendar/instant.ts';

/** What became of one balance's overage as money. Minor units unless they say otherwise. */
export interface UseBill {
  /** What was owed for it when it was last accounted for. */
  readonly accountedMinor: number;
  /** All its lines together, those that wait included. */
  readonly billedMinor: number;
  /** Given back of its lines by credit notes (INV-7); positive. */
  readonly creditedMinor: number;
  /** Of its lines: on invoices that were given up, or written off as too small (INV-5, MON-6). */
  readonly givenUpMinor: number;
  /** Overage that running work used beyond the budget of its time: written off, whatever the budget is now (BUD-2). */
  readonly forgivenUnits: number;
  /** Where bigger packs added to the base (CRE-16), and the overage that had accrued by then; oldest first. */
  readonly raises: readonly BaseRaise[];
  /** Of an allowance: budgets that were in force before the present one, and the overage that had accrued when each ended (CRE-8); oldest first. */
  readonly budgets: readonly PastBudget[];
}

export interface BaseRaise {
  readonly at: Instant;
  readonly overageUnits: number;
}

export interface PastBudget {
  /** Null: there was none. */
  readonly capMinor: number | null;
  readonly overageUnits: number;
}

/** How many changes of its terms a balance has seen: of what is recorded before one, and after it, something else can be given back (CRE-14). */
export function changesOf({ raises, budgets }: UseBill): number {
  return raises.length + budgets.length;
}

export const UNBILLED: UseBill = {
  accountedMinor: 0,
  billedMinor: 0,
  creditedMinor: 0,
  givenUpMinor: 0,
  forgivenUnits: 0,
  raises: [],
  budgets: [],
};
