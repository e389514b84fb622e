import { formatDate, type Instant } from '../calendar/instant.ts';
import type { Period } from '../calendar/period.ts';
import type { Line } from '../model/facts.ts';
import { planOf, priceMinorOf } from '../model/terms.ts';
import { makeLine, subscriptionOf, type Turn } from '../model/turn.ts';
import { advanceLeftMinor, giveBackAdvance } from '../invoicing/given-back.ts';
import { proratedAmount, prorationInputs, prorationRounding } from '../money/proration.ts';
import { seatsInWords } from '../seats/buy-seats.ts';

/** One thing that is paid for a whole cycle in advance. */
interface Advance {
  readonly kind: 'base' | 'seats';
  readonly quantity: number;
  readonly priceMinor: number;
  /** What the customer reads: the pack, the contract, so many seats. */
  readonly what: string;
  readonly rule: string;
}

/** What is paid in advance under the terms that hold: a pack's or a contract's price, and each seat's. */
function advances(turn: Turn): readonly Advance[] {
  const subscription = subscriptionOf(turn);
  const { pack, interval } = subscription;
  const plan = planOf(turn.catalog, subscription);
  const base = { kind: 'base', quantity: 1 } as const;
  if (plan.packs !== null) {
    return [{ ...base, priceMinor: priceMinorOf(plan, pack, interval), what: `${pack ?? ''} pack`, rule: 'INV-2' }];
  }
  const flat = plan.flatPriceMinor ?? 0;
  const contract: readonly Advance[] =
    flat === 0 ? [] : [{ ...base, priceMinor: flat, what: 'contract price', rule: 'CRE-18' }];
  if (plan.seats === null) return contract;
  const quantity = turn.facts.seats.length;
  const priceMinor = priceMinorOf(plan, pack, interval);
  // Seats that cost nothing are no charge (MON-6).
  if (priceMinor === 0) return contract;
  return [...contract, { kind: 'seats', quantity, priceMinor, what: seatsInWords(quantity), rule: 'SBI-1' }];
}

/** What a cycle costs in advance (SBI-1, INV-2, CRE-18). */
export function advanceLines(turn: Turn): readonly Line[] {
  const subscription = subscriptionOf(turn);
  const { interval, cycle } = subscription;
  const { title } = planOf(turn.catalog, subscription);
  return advances(turn).map(({ kind, quantity, priceMinor, what, rule }) =>
    makeLine(turn, {
      kind,
      quantity,
      amount: priceMinor * quantity,
      periodStart: cycle.start,
      periodEnd: cycle.end,
      description: `${title}, ${what}, ${formatDate(cycle.start)} to ${formatDate(cycle.end)}`,
      explanation:
        kind === 'seats'
          ? { rule, formula: `price per ${interval} × seats`, inputs: { priceCents: priceMinor, seats: quantity } }
          : { rule, formula: `price per ${interval}`, inputs: { priceCents: priceMinor } },
    }),
  );
}

/**
 * SBI-9: the part of what was paid for a cycle that the customer gets back when it is cut short; negative. Never more than credit notes have left of
 * the cycle's price (INV-7).
 */
export function unusedLines(turn: Turn, cycle: Period, at: Instant): readonly Line[] {
  const { interval } = subscriptionOf(turn);
  const rounding = prorationRounding(turn.catalog.currency);
  const lines = advances(turn).flatMap(({ kind, quantity, priceMinor, what }): readonly Line[] => {
    const leftCents = advanceLeftMinor(turn, cycle.start);
    const unused = -proratedAmount(priceMinor * quantity, cycle, at, turn.catalog.currency);
    const amount = Math.max(unused, -leftCents);
    const isBounded = amount !== unused;
    if (amount === 0) return [];
    giveBackAdvance(turn, cycle.start, -amount);
    const price = `price${kind === 'seats' ? ' × seats' : ''}`;
    const line = makeLine(turn, {
      kind: 'credit',
      quantity,
      amount,
      periodStart: at,
      periodEnd: cycle.end,
      description: `Unused part of the ${interval} until ${formatDate(cycle.end)}: ${what}${isBounded ? ', less what was already credited' : ''}`,
      explanation: {
        rule: 'SBI-9',
        formula: `−(${price} × remaining seconds ÷ seconds in the cycle), ${rounding.words}${isBounded ? ', at most what is left to credit' : ''}`,
        inputs: {
          priceCents: priceMinor,
          ...(kind === 'seats' ? { seats: quantity } : {}),
          ...prorationInputs(cycle, at),
          ...rounding.inputs,
          ...(isBounded ? { leftCents } : {}),
        },
      },
    });
    return [line];
  });
  return lines;
}
