import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { money, unitsFor } from '../format/money.ts';
import { quantity } from '../format/quantity.ts';
import { SetCap } from '../components/set-cap.tsx';
import { words } from '../words/budgets.ts';

interface BudgetDialogProps {
  readonly onClose: () => void;
  readonly name: string;
  readonly meter: Schemas['Meter'];
  readonly account: Schemas['Account'];
}

/** Sets, changes or removes the budget of one meter, and says first what that does (BUD-1, BUD-2). */
export function BudgetDialog(props: BudgetDialogProps): ReactElement {
  const { meter, account } = props;
  return (
    <SetCap
      {...props}
      words={words.dialog}
      none=""
      meaning={(capCents) => meaningOf(capCents, meter, account.currency)}
      {...(meter.capCents === null ? {} : { removeLabel: words.dialog.remove })}
    />
  );
}

function meaningOf(capCents: number | null, meter: Schemas['Meter'], currency: string): readonly string[] {
  const { rate, unit, overageCents } = meter;
  const units = capCents === null ? 0 : unitsFor(capCents, rate);
  const chosen =
    capCents === null
      ? []
      : [
          units === 0 ? words.dialog.worthNothing : words.dialog.worth(quantity(units, unit)),
          capCents < overageCents ? words.dialog.lowers : words.dialog.raises,
        ];
  return [
    ...chosen,
    ...(overageCents > 0 ? [words.dialog.accrued(money(overageCents, currency))] : []),
    ...(meter.capCents === null ? [] : [words.dialog.removes]),
  ];
}
