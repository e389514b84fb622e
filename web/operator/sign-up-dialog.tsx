import { Select, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { answered, api } from '../api/client.ts';
import { problemOf } from '../api/problem.ts';
import { ConfirmAct } from '../components/confirm-act.tsx';
import { useOperator } from '../session/session.ts';
import { words } from '../words/accounts.ts';
import { catalogsQuery, clocksQuery, OPERATOR_KEY } from './queries.ts';

interface SignUpDialogProps {
  readonly onClose: () => void;
  readonly onSignedUp: (account: string) => void;
  /** The clock that it is to live on; where none is given, one is chosen. */
  readonly testClockId?: string;
}

interface Asked {
  readonly accountId: string;
  readonly ownerId: string;
  readonly catalog: string;
  readonly testClockId: string | null;
}

const REAL = '';

export function SignUpDialog({ onClose, onSignedUp, testClockId }: SignUpDialogProps): ReactElement {
  const signUp = useSignUp(onSignedUp);
  const [accountId, setAccountId] = useState('');
  const [ownerId, setOwnerId] = useState('');
  const [catalog, setCatalog] = useState<string | null>(null);
  const [clock, setClock] = useState(REAL);
  const { data: catalogs = [] } = useQuery(catalogsQuery);
  const chosen = catalog ?? catalogs[0]?.name ?? null;
  return (
    <ConfirmAct
      title={words.dialog.title}
      onClose={onClose}
      confirmLabel={words.dialog.submit}
      onConfirm={() => {
        if (chosen === null) return;
        const on = testClockId ?? (clock === REAL ? null : clock);
        signUp.mutate({ accountId: accountId.trim(), ownerId: ownerId.trim(), catalog: chosen, testClockId: on });
      }}
      isPending={signUp.isPending}
      problem={signUp.isError ? problemOf(signUp.error) : null}
    >
      <Text size="sm">{words.dialog.what}</Text>
      <TextInput
        label={words.dialog.id}
        description={words.dialog.idHint}
        value={accountId}
        onChange={(event) => {
          setAccountId(event.currentTarget.value);
        }}
        required
        data-autofocus
      />
      <TextInput
        label={words.dialog.owner}
        description={words.dialog.ownerHint}
        value={ownerId}
        onChange={(event) => {
          setOwnerId(event.currentTarget.value);
        }}
        required
      />
      <Select
        label={words.dialog.catalog}
        data={catalogs.map(({ name }) => name)}
        value={chosen}
        onChange={setCatalog}
        allowDeselect={false}
        required
      />
      {testClockId === undefined && <ClockSelect value={clock} onChange={setClock} />}
    </ConfirmAct>
  );
}

function useSignUp(onSignedUp: (account: string) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ testClockId: clock, ...asked }: Asked) =>
      answered(
        api.POST('/v1/signups', {
          // The account's id names the act: the same signup again is the same.
          params: { header: { 'idempotency-key': `pages signup ${asked.accountId}` } },
          body: { ...asked, ...(clock === null ? {} : { testClockId: clock }) },
        }),
      ),
    onSuccess: async (_, { accountId }) => {
      await queries.invalidateQueries({ queryKey: OPERATOR_KEY });
      onSignedUp(accountId);
    },
  });
}

function ClockSelect({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (clock: string) => void;
}): ReactElement | null {
  const isSandbox = useOperator()?.isSandbox === true;
  const { data: clocks = [] } = useQuery({ ...clocksQuery, enabled: isSandbox });
  if (!isSandbox) return null;
  const data = [
    { value: REAL, label: words.dialog.real },
    ...clocks.map(({ clockId }) => ({ value: clockId, label: clockId })),
  ];
  return (
    <Select
      label={words.dialog.clock}
      description={words.dialog.clockHint}
      data={data}
      value={value}
      onChange={(clock) => {
        onChange(clock ?? REAL);
      }}
      allowDeselect={false}
      searchable
    />
  );
}
