import { formatDate } from '../calendar/instant.ts';
import { meterCycleAt } from '../usage/meter-cycle.ts';
import { overageCost } from '../usage/overage.ts';
import type { Invoice, Line, MeterCycle } from '../model/facts.ts';
import { meterTerms, metersOf, planOf, priceMinorOf } from '../model/terms.ts';
import { noteUseTerms } from '../model/use-terms.ts';
import { changeSubscription, makeLine, recordAudit, subscriptionOf, type Turn } from '../model/turn.ts';
import { billAdvance } from '../invoicing/given-back.ts';
import { finishDrafts, issueInvoice, takeSetOffLines } from '../invoicing/issue-invoice.ts';
import { prorate, proratedAmount, prorationInputs, prorationRounding } from '../money/proration.ts';
import { compare, floor } from '../money/rational.ts';

type Rate = Pick<MeterCycle, 'priceMinor' | 'pricePerUnits'>;

/** Whether a pack costs more than the one the account has: it begins now, any other at the next boundary (CRE-16). */
export function isPackUp(turn: Turn, pack: string): boolean {
  const subscription = subscriptionOf(turn);
  const { pack: before, interval } = subscription;
  const plan = planOf(turn.catalog, subscription);
  return priceMinorOf(plan, pack, interval) > priceMinorOf(plan, before, interval);
}

/**
 * CRE-16: the price's difference for the rest of the cycle is invoiced at once. The pack comes with its payment, not before: who upgrades
 * on a card that declines has used no credits that were never paid for (complaint 14).
 */
export function buyBiggerPack(turn: Turn, pack: string): Readonly<Record<string, unknown>> {
  finishDrafts(turn);
  const { cycle } = subscriptionOf(turn);
  const line = differenceLine(turn, pack);
  billAdvance(turn, cycle, line.amount);
  const commandId = turn.commandId ?? '';
  issueInvoice(turn, {
    purpose: 'plan-change',
    period: { start: turn.at, end: cycle.end },
    cause: commandId,
    lines: [line, ...takeSetOffLines(turn)],
    commandIds: [commandId],
  });
  const awaitsPayment = turn.facts.liveInvoices.some((invoice) => packBoughtBy(invoice) === pack);
  if (!awaitsPayment) adoptBiggerPack(turn, pack);
  return { pack, effective: 'now' };
}

function differenceLine(turn: Turn, pack: string): Line {
  const subscription = subscriptionOf(turn);
  const { pack: before, interval, cycle } = subscription;
  const plan = planOf(turn.catalog, subscription);
  const [oldPrice, newPrice] = [priceMinorOf(plan, before, interval), priceMinorOf(plan, pack, interval)];
  const rounding = prorationRounding(turn.catalog.currency);
  return makeLine(turn, {
    kind: 'proration',
    quantity: 1,
    amount: proratedAmount(newPrice - oldPrice, cycle, turn.at, turn.catalog.currency),
    periodStart: turn.at,
    periodEnd: cycle.end,
    description: `${plan.title}, ${pack} pack instead of ${before ?? ''}, ${formatDate(turn.at)} to ${formatDate(cycle.end)}`,
    explanation: {
      rule: 'CRE-16',
      formula: `(new price − old price) × remaining seconds ÷ seconds in the cycle, ${rounding.words}`,
      inputs: {
        newPriceCents: newPrice,
        oldPriceCents: oldPrice,
        ...prorationInputs(cycle, turn.at),
        ...rounding.inputs,
        newPack: pack,
      },
    },
  });
}

/** The pack that comes when an invoice is paid, if it sells one. */
export function packBoughtBy(invoice: Pick<Invoice, 'lines'>): string | null {
  const line = invoice.lines.find(({ explanation }) => explanation.rule === 'CRE-16');
  return line === undefined ? null : String(line.explanation.inputs['newPack']);
}

/**
 * The credits' difference for the rest of the cycle, rounded down, comes to what is left of the base. Overage that has accrued, and
 * what may follow it in this cycle, keeps the rate it began with; without any the new pack's rate holds at once. The cap counts the
 * whole cycle all the same (CRE-9).
 */
export function adoptBiggerPack(turn: Turn, pack: string): void {
  const before = subscriptionOf(turn);
  const raised = metersOf(turn.catalog, before).map((meter) => raisedCycle(turn, meter, pack));
  const isRaised = (cycle: MeterCycle): boolean =>
    raised.some((other) => other.meter === cycle.meter && other.start === cycle.start);
  turn.facts = {
    ...turn.facts,
    meterCycles: [...turn.facts.meterCycles.filter((cycle) => !isRaised(cycle)), ...raised],
  };
  // A change of pack that was scheduled is overtaken; an end that was scheduled is not (CRE-19).
  changeSubscription(turn, { pack, change: before.change?.kind === 'terms' ? null : before.change });
  noteUseTerms(turn);
  recordAudit(turn, 'subscription.changed', { pack: before.pack }, { pack });
}

function raisedCycle(turn: Turn, meter: string, pack: string): MeterCycle {
  const subscription = subscriptionOf(turn);
  const open = meterCycleAt(turn.facts, meter, turn.at);
  const oldTerms = meterTerms(turn.catalog, subscription, meter);
  const newTerms = meterTerms(turn.catalog, { ...subscription, pack }, meter);
  const difference = (newTerms?.includedUnits ?? 0) - (oldTerms?.includedUnits ?? 0);
  const more = Math.max(0, floor(prorate(difference, subscription.cycle, turn.at)));
  const includedUnits = open.includedUnits + more;
  const keepsRate =
    newTerms === null ||
    open.overageUnits > 0 ||
    (holdsOverage({ ...open, includedUnits }) && isDearer(newTerms, open));
  const { priceMinor, pricePerUnits } = keepsRate ? open : newTerms;
  const raises = [...open.bill.raises, { at: turn.at, overageUnits: open.overageUnits }];
  return { ...open, includedUnits, priceMinor, pricePerUnits, bill: { ...open.bill, raises } };
}

/** Whether held use reaches beyond the base (CRE-13): under the cap there was room for it at the old rate. */
function holdsOverage({ includedUnits, usedIncludedUnits, heldUnits }: MeterCycle): boolean {
  return heldUnits > includedUnits - usedIncludedUnits;
}

function isDearer(one: Rate, other: Rate): boolean {
  return compare(overageCost(one, 1), overageCost(other, 1)) > 0;
}
