import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

import { COMMAND_TYPES } from '../../billing/commands/command-shape.ts';
import type { Instant } from '../../billing/calendar/instant.ts';
import type { Answer } from '../../activities/account-activities.ts';

/** An account's workflow, as others name it. */
export function accountWorkflowId(accountId: string): string {
  return `account/${accountId}`;
}

/**
 * Every command is an update, for callers who need the answer, and a signal of the same name, for scripts, the Temporal CLI and the
 * UI. The message is the command's fields, with `commandId`, `actor` and `effectiveAt` beside them where the caller has them.
 */
export const commandUpdates = COMMAND_TYPES.map((type) => ({ type, update: defineUpdate<Answer, [unknown]>(type) }));
export const commandSignals = COMMAND_TYPES.map((type) => ({ type, signal: defineSignal<[unknown]>(type) }));

/**
 * Something has happened to an invoice at Stripe: look at it again. It says no more than which one, and is believed in nothing: the
 * activity asks Stripe. Harmless however often, late, or never it comes.
 */
export const lookAtInvoice = defineSignal<[string]>('lookAtInvoice');

/** Begin a new run as soon as nothing is under way: its history begins anew, on the code that is there now. For operators; harmless however often. */
export const renewRun = defineSignal('renewRun');

/** Moves a test clock forward; answers when everything due by then is worked off. */
export const advanceTo = defineUpdate<Instant, [Instant]>('advanceTo');
/** The instant it is in this account. */
export const nowQuery = defineQuery<Instant>('now');
/** Whether nothing is due, queued or under way. */
export const idleQuery = defineQuery<boolean>('idle');
/** What the account waits for and how it stands, in Markdown. */
export const pageQuery = defineQuery<string>('page');
