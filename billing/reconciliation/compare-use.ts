import type { AccountBooks, CycleOfUse, UseSums } from './books.ts';
import { type Difference, whereDifferent } from './difference.ts';

/** Invariant 1: the ledger, the balances and the days say the same, cycle by cycle, and base used + overage = usage. */
export function compareUse({ use, events }: Pick<AccountBooks, 'use' | 'events'>): readonly Difference[] {
  return [...use.flatMap(compareCycle), ...compareEvents(events)];
}

/** The numbers of `UseSums` in words, but for the events. */
const PARTS = { includedUnits: 'included use', overageUnits: 'overage', trialUnits: 'use in the trial' } as const;
const PART_NAMES = Object.keys(PARTS) as (keyof typeof PARTS)[];

function compareCycle({ meter, start, balance, ledger, days }: CycleOfUse): readonly Difference[] {
  const about = `${meter} from ${start}`;
  const inDays = (what: string, part: keyof UseSums) =>
    whereDifferent('days_differ_from_ledger', about, {
      what: `${what} by day`,
      expected: ledger[part],
      found: days[part],
    });
  return [
    ...whereDifferent('use_does_not_add_up', about, {
      what: 'included use, overage and use in the trial together',
      expected: ledger.units,
      found: ledger.includedUnits + ledger.overageUnits + ledger.trialUnits,
    }),
    ...compareBalance(about, balance, ledger),
    ...inDays('events', 'events'),
    ...PART_NAMES.flatMap((part) => inDays(PARTS[part], part)),
  ];
}

function compareBalance(
  about: string,
  balance: CycleOfUse['balance'],
  ledger: CycleOfUse['ledger'],
): readonly Difference[] {
  if (balance === null)
    return whereDifferent('balance_missing', about, { what: 'units used', expected: 0, found: ledger.units });
  const { usedIncludedUnits: includedUnits, overageUnits, trialUnits } = balance;
  const kept = { includedUnits, overageUnits, trialUnits };
  return PART_NAMES.flatMap((part) =>
    whereDifferent('balance_differs_from_ledger', about, {
      what: `${PARTS[part]} of the balance`,
      expected: ledger[part],
      found: kept[part],
    }),
  );
}

function compareEvents({ known, inLedger, different }: AccountBooks['events']): readonly Difference[] {
  return [
    ...whereDifferent('events_lost', 'ledger', { what: 'events by id', expected: known, found: different }),
    ...whereDifferent('events_doubled', 'ledger', { what: 'events', expected: different, found: inLedger }),
  ];
}
