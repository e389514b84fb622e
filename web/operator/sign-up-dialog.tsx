import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, type SyntheticEvent, useState } from 'react';

import { answered, api } from '../api/client.ts';
import { problemOf } from '../api/problem.ts';
import { Dialog } from '../pieces/dialog.tsx';
import { Refused } from '../pieces/refused.tsx';
import { useOperator } from '../session/session.ts';
import { words as shell } from '../words/shell.ts';
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
  const queries = useQueryClient();
  const signUp = useMutation({
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
  return (
    <Dialog title={words.dialog.title} onClose={onClose} isPending={signUp.isPending}>
      <Stack>
        <Text size="sm">{words.dialog.what}</Text>
        <SignUpForm
          fixedClock={testClockId ?? null}
          isPending={signUp.isPending}
          onSubmit={(asked) => {
            signUp.mutate(asked);
          }}
          onCancel={onClose}
        >
          <Refused problem={signUp.isError ? problemOf(signUp.error) : null} />
        </SignUpForm>
      </Stack>
    </Dialog>
  );
}

interface SignUpFormProps {
  readonly fixedClock: string | null;
  readonly isPending: boolean;
  readonly onSubmit: (asked: Asked) => void;
  readonly onCancel: () => void;
  readonly children: ReactElement;
}

function SignUpForm({ fixedClock, isPending, onSubmit, onCancel, children }: SignUpFormProps): ReactElement {
  const [accountId, setAccountId] = useState('');
  const [ownerId, setOwnerId] = useState('');
  const [catalog, setCatalog] = useState<string | null>(null);
  const [clock, setClock] = useState(REAL);
  const { data: catalogs = [] } = useQuery(catalogsQuery);
  const chosen = catalog ?? catalogs[0]?.name ?? null;
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (chosen === null) return;
    const testClockId = fixedClock ?? (clock === REAL ? null : clock);
    onSubmit({ accountId: accountId.trim(), ownerId: ownerId.trim(), catalog: chosen, testClockId });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
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
        {fixedClock === null && <ClockSelect value={clock} onChange={setClock} />}
        {children}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel} disabled={isPending}>
            {shell.cancel}
          </Button>
          <Button type="submit" loading={isPending}>
            {words.dialog.submit}
          </Button>
        </Group>
      </Stack>
    </form>
  );
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
