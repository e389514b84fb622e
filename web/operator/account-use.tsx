import { Table } from '@mantine/core';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { number, quantity } from '../format/quantity.ts';
import { Amount } from '../components/amount.tsx';
import { Panel } from '../components/panel.tsx';
import { StackingTable } from '../components/stacking-table.tsx';
import { words } from '../words/account-overview.ts';

/** How much of each meter is used, and what of it costs. */
export function AccountUse({ view }: { readonly view: Schemas['Account'] }): ReactElement {
  const { currency } = view;
  return (
    <Panel title={words.usage} hint={words.usageHint}>
      <StackingTable minWidth={640}>
        <Table verticalSpacing="xs" aria-label={words.usage}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.meter}</Table.Th>
              <Table.Th ta="right">{words.included}</Table.Th>
              <Table.Th ta="right">{words.used}</Table.Th>
              <Table.Th ta="right">{words.overage}</Table.Th>
              <Table.Th ta="right">{words.cost}</Table.Th>
              <Table.Th ta="right">{words.cap}</Table.Th>
              <Table.Th ta="right">{words.refusals}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {Object.entries(view.meters).map(([name, meter]) => (
              <Table.Tr key={name}>
                <Table.Td>{name.replaceAll('_', ' ')}</Table.Td>
                <Table.Td ta="right" data-label={words.included}>
                  {quantity(meter.included, meter.unit)}
                </Table.Td>
                <Table.Td ta="right" data-label={words.used}>
                  {quantity(meter.usedIncluded + meter.trial, meter.unit)}
                </Table.Td>
                <Table.Td ta="right" data-label={words.overage}>
                  {quantity(meter.overage, meter.unit)}
                </Table.Td>
                <Table.Td ta="right" data-label={words.cost}>
                  <Amount minor={meter.overageCents} currency={currency} size="sm" />
                </Table.Td>
                <Table.Td ta="right" data-label={words.cap}>
                  {meter.capCents === null ? (
                    words.noCap
                  ) : (
                    <Amount minor={meter.capCents} currency={currency} size="sm" />
                  )}
                </Table.Td>
                <Table.Td ta="right" data-label={words.refusals}>
                  {number(meter.refusals)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </StackingTable>
    </Panel>
  );
}
