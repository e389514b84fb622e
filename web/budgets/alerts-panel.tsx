import { Group, Table, Text } from '@mantine/core';
import { IconBell, IconBellOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { type AccountView, noticesQuery } from '../api/queries.ts';
import { moment } from '../format/time.ts';
import { Loaded } from '../components/loaded.tsx';
import { Panel } from '../components/panel.tsx';
import { words } from '../words/budgets.ts';
import { meterWord } from '../words/meters.ts';

/** CRE-15, BUD-2: the shares at which an account is told. */
const PERCENTS = [50, 75, 90, 100] as const;

type Notices = readonly Schemas['Notice'][];

/** Which alerts of the running month have been given, and when. */
export function AlertsPanel({ account }: { readonly account: AccountView }): ReactElement {
  const query = useQuery(noticesQuery(account.accountId));
  const meters = Object.entries(account.meters).filter(([, { isPool }]) => !isPool);
  return (
    <Panel title={words.alerts.title} hint={words.alerts.hint}>
      <Loaded query={query} rows={4}>
        {(notices) =>
          meters.map(([name, meter]) => <Alerts key={name} name={name} since={meter.startedAt} notices={notices} />)
        }
      </Loaded>
    </Panel>
  );
}

interface AlertsProps {
  readonly name: string;
  readonly since: string;
  readonly notices: Notices;
}

function Alerts({ name, since, notices }: AlertsProps): ReactElement {
  const given = (kind: string): string | undefined =>
    notices.find((each) => each.kind === kind && each.at >= since)?.at;
  return (
    <Table verticalSpacing="sm" horizontalSpacing={4} aria-label={`${words.alerts.title}: ${meterWord(name)}`}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.alerts.share}</Table.Th>
          <Table.Th>{words.alerts.ofIncluded}</Table.Th>
          <Table.Th>{words.alerts.ofBudget}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {PERCENTS.map((share) => (
          <Table.Tr key={share}>
            <Table.Th>{`${String(share)}\u00a0%`}</Table.Th>
            <Table.Td>
              <Given at={given(`${name}_${String(share)}`)} />
            </Table.Td>
            <Table.Td>
              <Given at={given(`budget_${String(share)}`)} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Given({ at }: { readonly at: string | undefined }): ReactElement {
  const Sign = at === undefined ? IconBellOff : IconBell;
  return (
    <Group gap={6} wrap="nowrap">
      <Sign size={16} aria-hidden />
      <Text size="sm" {...(at === undefined ? { c: 'dimmed' } : { fw: 600 })}>
        {at === undefined ? words.alerts.notYet : words.alerts.reached(moment(at))}
      </Text>
    </Group>
  );
}
