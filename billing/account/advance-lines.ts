import { formatDate, type Instant } from '../calendar/instant.ts';
import type { Period } from '../calendar/period.ts';
import type { Line } from '../facts/facts.ts';
import { packOf, priceMinorOf } from '../facts/terms.ts';
import { makeLine, planNamed, subscriptionOf, type Turn } from '../facts/turn.ts';
import { prorate, prorationInputs } from '../money/proration.ts';
import { negate, roundHalfAwayFromZero } from '../money/rational.ts';
import { seatsInWords } from '../seats/buy-seats.ts';

/** What a cycle costs in advance (SBI-1, INV-2): the pack's price, or each seat's. */
export function advanceLines(turn: Turn): readonly Line[] {
  const { plan: planName, pack: packName, interval, cycle } = subscriptionOf(turn);
  const plan = planNamed(turn.catalog, planName);
  const price = priceMinorOf(plan, packName, interval);
  const period = { periodStart: cycle.start, periodEnd: cycle.end };
  const until = `${formatDate(cycle.start)} to ${formatDate(cycle.end)}`;
  if (plan.packs !== null) {
    const pack = packOf(plan, packName);
    return [
      makeLine(turn, {
        kind: 'base',
        quantity: 1,
        amount: price,
        ...period,
        description: `${plan.title}, pack ${pack.name}, ${until}`,
        explanation: { rule: 'INV-2', formula: `price of a ${interval}`, inputs: { priceCents: price } },
      }),
    ];
  }
  const quantity = turn.facts.seats.length;
  return [
    makeLine(turn, {
      kind: 'seats',
      quantity,
      amount: price * quantity,
      ...period,
      description: `${plan.title}, ${seatsInWords(quantity)}, ${until}`,
      explanation: {
        rule: 'SBI-1',
        formula: `price of a ${interval} × seats`,
        inputs: { priceCents: price, seats: quantity },
      },
    }),
  ];
}

/** SBI-9: the part of what was paid for a cycle that the customer gets back when it is cut short; negative. */
export function unusedLine(turn: Turn, cycle: Period, at: Instant): Line {
  const { plan: planName, pack, interval } = subscriptionOf(turn);
  const price = priceMinorOf(planNamed(turn.catalog, planName), pack, interval);
  const quantity = turn.facts.seats.length;
  return makeLine(turn, {
    kind: 'credit',
    quantity,
    amount: roundHalfAwayFromZero(negate(prorate(price * quantity, cycle, at))),
    periodStart: at,
    periodEnd: cycle.end,
    description: `Unused part of the ${interval} until ${formatDate(cycle.end)}, ${seatsInWords(quantity)}`,
    explanation: {
      rule: 'SBI-9',
      formula: '−(price × seats × remaining seconds ÷ seconds of the whole cycle), rounded once half away from zero',
      inputs: { priceCents: price, seats: quantity, ...prorationInputs(cycle, at) },
    },
  });
}
