import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributeUpdatePair } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';

import type { AccountSummary } from '../../activities/account-summary.ts';
import type { Due } from '../../billing/schedule/dues.ts';

export const BILLING_PHASE = defineSearchAttributeKey('BillingPhase', SearchAttributeType.KEYWORD);
export const BILLING_PLAN = defineSearchAttributeKey('BillingPlan', SearchAttributeType.KEYWORD);
export const NEXT_BOUNDARY = defineSearchAttributeKey('NextBoundary', SearchAttributeType.DATETIME);
export const SEATS = defineSearchAttributeKey('Seats', SearchAttributeType.INT);

/** Lets operators list accounts by phase, plan, next boundary and seats. Only what has changed is written: Temporal keeps the others. */
export function showInSearch(summary: AccountSummary, nextDue: Due | null): void {
  const boundary = nextDue === null ? null : new Date(nextDue.at);
  const shown = workflowInfo().typedSearchAttributes;
  const changes: SearchAttributeUpdatePair[] = [];
  if (shown.get(BILLING_PHASE) !== summary.phase) changes.push({ key: BILLING_PHASE, value: summary.phase });
  if (shown.get(BILLING_PLAN) !== summary.plan) changes.push({ key: BILLING_PLAN, value: summary.plan });
  if (shown.get(NEXT_BOUNDARY)?.getTime() !== boundary?.getTime())
    changes.push({ key: NEXT_BOUNDARY, value: boundary });
  if ((shown.get(SEATS) ?? null) !== summary.seats) changes.push({ key: SEATS, value: summary.seats });
  if (changes.length > 0) upsertSearchAttributes(changes);
}
