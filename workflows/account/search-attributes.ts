import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';

import type { AccountSummary } from '../../activities/account-summary.ts';
import type { Due } from '../../billing/account/dues.ts';

export const BILLING_PHASE = defineSearchAttributeKey('BillingPhase', SearchAttributeType.KEYWORD);
export const BILLING_PLAN = defineSearchAttributeKey('BillingPlan', SearchAttributeType.KEYWORD);
export const NEXT_BOUNDARY = defineSearchAttributeKey('NextBoundary', SearchAttributeType.DATETIME);
export const SEATS = defineSearchAttributeKey('Seats', SearchAttributeType.INT);

/** Lets operators list accounts by phase, plan, next boundary and seats. Written only when one of them has changed. */
export function showInSearch(summary: AccountSummary, nextDue: Due | null): void {
  const boundary = nextDue === null ? null : new Date(nextDue.at);
  const shown = workflowInfo().typedSearchAttributes;
  const isUnchanged =
    shown.get(BILLING_PHASE) === summary.phase &&
    shown.get(BILLING_PLAN) === summary.plan &&
    shown.get(NEXT_BOUNDARY)?.getTime() === boundary?.getTime() &&
    (shown.get(SEATS) ?? null) === summary.seats;
  if (isUnchanged) return;
  upsertSearchAttributes([
    { key: BILLING_PHASE, value: summary.phase },
    { key: BILLING_PLAN, value: summary.plan },
    { key: NEXT_BOUNDARY, value: boundary },
    { key: SEATS, value: summary.seats },
  ]);
}
