import {
  IconActivity,
  IconChartHistogram,
  IconCreditCard,
  IconFileInvoice,
  IconGauge,
  IconUsers,
} from '@tabler/icons-react';

import type { AccountView } from '../api/queries.ts';
import { words } from '../words/shell.ts';
import type { ShellLink } from './shell.tsx';

const SIZE = 18;

/** The pages of one account that make sense for whoever looks. */
export function accountPages(
  base: string,
  { view, seesAmounts }: { readonly view: AccountView | undefined; readonly seesAmounts: boolean },
): readonly ShellLink[] {
  const hasBudgets = view !== undefined && Object.values(view.meters).some(({ isPool }) => !isPool);
  return [
    { label: words.billing, to: `${base}/billing`, icon: <IconCreditCard size={SIZE} aria-hidden /> },
    { label: words.usage, to: `${base}/usage`, icon: <IconChartHistogram size={SIZE} aria-hidden /> },
    { label: words.members, to: `${base}/members`, icon: <IconUsers size={SIZE} aria-hidden /> },
    ...(hasBudgets
      ? [{ label: words.budgets, to: `${base}/budgets`, icon: <IconGauge size={SIZE} aria-hidden /> }]
      : []),
    ...(seesAmounts
      ? [{ label: words.invoices, to: `${base}/invoices`, icon: <IconFileInvoice size={SIZE} aria-hidden /> }]
      : []),
    { label: words.activity, to: `${base}/activity`, icon: <IconActivity size={SIZE} aria-hidden /> },
  ];
}
