import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

import { Refusal } from '../../billing/refusal.ts';
import { REFUSAL_CODES, type RefusalCode } from '../../billing/refusal-codes.ts';

/** Runs an update and turns what the workflow refused back into a Refusal; anything else stays what it is. */
export async function refusingUpdates<Result>(update: () => Promise<Result>): Promise<Result> {
  try {
    return await update();
  } catch (error) {
    throw refusalIn(error) ?? error;
  }
}

function refusalIn(error: unknown): Refusal | null {
  if (error instanceof WorkflowNotFoundError) {
    return new Refusal({ code: 'unknown_account', message: 'The account does not exist.' });
  }
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure) || !isRefusalCode(cause.type)) return null;
  const [detail] = (cause.details ?? []) as { field?: string | null }[];
  return new Refusal({ code: cause.type, message: cause.message, field: detail?.field ?? null });
}

function isRefusalCode(type: string | null | undefined): type is RefusalCode {
  return type !== null && type !== undefined && Object.hasOwn(REFUSAL_CODES, type);
}
