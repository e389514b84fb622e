import { Group, Stack, Table, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import type { AccountView } from '../api/queries.ts';
import { moment } from '../format/time.ts';
import { DialogButton } from '../components/dialog-button.tsx';
import { lazyDialog } from '../components/lazy-dialog.tsx';
import { Panel } from '../components/panel.tsx';
import { StackingTable } from '../components/stacking-table.tsx';
import { StatusBadge } from '../components/status-badge.tsx';
import { words as accounts } from '../words/accounts.ts';
import { words } from '../words/time-machine.ts';
import { AccountAnchor } from './account-table.tsx';
import { OPERATOR_KEY } from './queries.ts';

const SignUpDialog = lazyDialog(async () => (await import('./sign-up-dialog.tsx')).SignUpDialog);

interface ClockAccountsProps {
  readonly clock: Schemas['TestClock'];
  readonly views: readonly AccountView[];
}

/** Who lives on a clock, and what each of them waits for. */
export function ClockAccounts({ clock, views }: ClockAccountsProps): ReactElement {
  const queries = useQueryClient();
  return (
    <Panel
      title={words.accounts}
      hint={words.accountsHint}
      actions={
        <DialogButton label={words.signUp} size="compact-sm">
          {(onClose) => (
            <SignUpDialog
              onClose={onClose}
              testClockId={clock.clockId}
              onSignedUp={() => {
                onClose();
                void queries.invalidateQueries({ queryKey: OPERATOR_KEY });
              }}
            />
          )}
        </DialogButton>
      }
    >
      {clock.accountIds.length === 0 ? <Text>{words.noAccounts}</Text> : <Accounts views={views} />}
      {views.length < clock.accountIds.length && views.length > 0 && (
        <Text size="sm" c="dimmed">
          {words.tooMany(views.length, clock.accountIds.length)}
        </Text>
      )}
    </Panel>
  );
}

function Accounts({ views }: { readonly views: readonly AccountView[] }): ReactElement {
  return (
    <StackingTable minWidth={520}>
      <Table verticalSpacing="xs" aria-label={words.accounts}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{accounts.account}</Table.Th>
            <Table.Th>{accounts.phase}</Table.Th>
            <Table.Th>{accounts.plan}</Table.Th>
            <Table.Th>{accounts.next}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {views.map(({ accountId, phase, plan, next }) => (
            <Table.Tr key={accountId}>
              <Table.Td>
                <AccountAnchor account={accountId} />
              </Table.Td>
              <Table.Td data-label={accounts.phase}>
                <StatusBadge status={phase} />
              </Table.Td>
              <Table.Td data-label={accounts.plan}>{plan ?? accounts.noPlan}</Table.Td>
              <Table.Td data-label={accounts.next}>
                <Due due={next[0]} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </StackingTable>
  );
}

function Due({ due }: { readonly due: AccountView['next'][number] | undefined }): ReactElement {
  if (due === undefined) return <Text size="sm">{words.nothingNext}</Text>;
  return (
    <Stack gap={0}>
      <Text size="sm">{due.what}</Text>
      <Group gap={4}>
        <Text size="xs" c="dimmed" className="figures">
          {moment(due.at)}
        </Text>
      </Group>
    </Stack>
  );
}
