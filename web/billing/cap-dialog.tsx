import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { money, typedMoney, unitsFor } from '../format/money.ts';
import { quantity } from '../format/quantity.ts';
import { SetCap } from '../components/set-cap.tsx';
import { words } from '../words/billing.ts';
import type { Account } from './subscription-price.ts';

interface CapDialogProps {
  readonly onClose: () => void;
  readonly name: string;
  readonly meter: Schemas['Meter'];
  readonly account: Account;
}

/** The most that overage may cost: what it buys, and what raising or lowering it does, before it is set (CRE-7, CRE-8). */
export function CapDialog(props: CapDialogProps): ReactElement {
  const { meter, account } = props;
  return (
    <SetCap
      {...props}
      words={words.cap}
      none={typedMoney(0, account.currency)}
      meaning={(capCents) => meaningOf(capCents, meter, account.currency)}
    />
  );
}

function meaningOf(capCents: number | null, meter: Schemas['Meter'], currency: string): readonly string[] {
  if (capCents === null) return [];
  const { rate, unit, overageCents } = meter;
  const units = unitsFor(capCents, rate);
  return [
    units === 0 ? words.cap.worthNothing : words.cap.worth(quantity(units, unit)),
    words.cap.most(money(Math.max(capCents, overageCents), currency)),
    ...(overageCents > 0 ? [words.cap.accrued(money(overageCents, currency))] : []),
    capCents < overageCents ? words.cap.lowers : words.cap.raises,
  ];
}
