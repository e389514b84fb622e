import type { Refusal } from '../billing/refusal.ts';
import type { RefusalAnswer } from './account-activities.ts';

/** A Refusal as plain data, which travels through Temporal. */
export function refusalAnswer({ code, message, field }: Refusal): RefusalAnswer {
  return { code, message, field };
}
