import { planOf } from '../model/terms.ts';
import { changeAccount, recordAudit, subscriptionOf, type Turn } from '../model/turn.ts';
import { withCap } from './overage.ts';
import { Refusal } from '../refusal.ts';
import type { CommandBodies } from '../model/command.ts';

/**
 * CRE-8, CRE-9, BUD-1: a ceiling counts the whole cycle, whenever it is set; a raised one unblocks at once, a lowered one stops
 * further overage and leaves what has accrued.
 */
export function setCap(turn: Turn, { meter, capCents }: CommandBodies['setCap']): Readonly<Record<string, unknown>> {
  assertCapOffered(turn, meter, capCents);
  const before = turn.facts.account.caps[meter] ?? null;
  if (before === capCents) return { meter, capCents };
  const { [meter]: _replaced, ...others } = turn.facts.account.caps;
  changeAccount(turn, { caps: capCents === null ? others : { ...others, [meter]: capCents } });
  const meterCycles = turn.facts.meterCycles.map((cycle) =>
    cycle.meter === meter && cycle.closedAt === null && turn.at < cycle.end
      ? withCap(turn.catalog, cycle, capCents)
      : cycle,
  );
  turn.facts = { ...turn.facts, meterCycles };
  recordAudit(turn, 'cap.set', { meter, capCents: before }, { meter, capCents });
  return { meter, capCents };
}

function assertCapOffered(turn: Turn, meter: string, capCents: number | null): void {
  if (!Object.hasOwn(turn.catalog.meters, meter)) {
    const meters = Object.keys(turn.catalog.meters).join(', ');
    throw new Refusal({
      code: 'unknown_meter',
      message: `There is no meter "${meter}"; the meters are ${meters}.`,
      field: 'meter',
    });
  }
  const plan = planOf(turn.catalog, subscriptionOf(turn));
  const allowance = plan.meters[meter];
  const capTerms = plan.caps[meter];
  if (capTerms === undefined && (allowance === undefined || allowance.cap === 'none')) {
    throw new Refusal({
      code: 'cap_not_offered',
      message: `${plan.title} has no overage of ${meter} to cap.`,
      field: 'meter',
    });
  }
  const isRequired = capTerms?.required === true || allowance?.cap === 'required';
  if (capCents === null && isRequired) {
    throw new Refusal({
      code: 'cap_required',
      message: `${plan.title} requires a spending cap for ${meter}; set it to 0 for no overage.`,
    });
  }
}
