import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { money } from '../format/money.ts';
import { number } from '../format/quantity.ts';
import { type Fact, FactList } from '../components/fact-list.tsx';
import { Panel } from '../components/panel.tsx';
import { words } from '../words/contract.ts';

interface ContractPanelProps {
  readonly contract: Schemas['Contract'];
  readonly currency: string;
}

/** CRE-18, CAT-3: what was agreed with one customer. */
export function ContractPanel({ contract, currency }: ContractPanelProps): ReactElement {
  const { priceCents, seatPriceCents, invoiceDueDays, meters, attributes } = contract;
  const facts: readonly Fact[] = [
    { name: words.price, value: money(priceCents, currency) },
    { name: words.seatPrice, value: seatPriceCents === null ? words.notBySeat : money(seatPriceCents, currency) },
    { name: words.payment, value: invoiceDueDays === null ? words.byCard : words.byInvoice(invoiceDueDays) },
    ...Object.entries(meters).map(([name, { includedPerMonth, overage }]) => ({
      name: words.meter(name),
      value: [
        words.perMonth(number(includedPerMonth)),
        overage === null ? words.noOverage : words.overage(money(overage.cents, currency), number(overage.per)),
      ].join(', '),
    })),
    ...Object.entries(attributes).map(([name, value]) => ({ name, value: String(value) })),
  ];
  return (
    <Panel title={words.title} hint={words.hint}>
      <FactList facts={facts} />
    </Panel>
  );
}
