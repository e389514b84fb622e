import { Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { answered, api } from '../api/client.ts';
import { problemOf } from '../api/problem.ts';
import { ConfirmAct } from '../components/confirm-act.tsx';
import { words } from '../words/time-machine.ts';
import { OPERATOR_KEY } from './queries.ts';

interface NewClockDialogProps {
  readonly onClose: () => void;
  readonly onMade: (clockId: string) => void;
}

export function NewClockDialog({ onClose, onMade }: NewClockDialogProps): ReactElement {
  const queries = useQueryClient();
  const [clockId, setClockId] = useState('');
  const [date, setDate] = useState(`${String(new Date().getUTCFullYear() + 1)}-01-31`);
  const create = useMutation({
    mutationFn: (body: { readonly clockId: string; readonly now: string }) =>
      answered(api.POST('/v1/test-clocks', { headers: { 'idempotency-key': crypto.randomUUID() }, body })),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: OPERATOR_KEY });
      onMade(made.clockId);
    },
  });
  return (
    <ConfirmAct
      title={words.dialog.title}
      onClose={onClose}
      confirmLabel={words.dialog.submit}
      onConfirm={() => {
        create.mutate({ clockId: clockId.trim(), now: `${date}T00:00:00Z` });
      }}
      isPending={create.isPending}
      problem={create.isError ? problemOf(create.error) : null}
    >
      <Text size="sm">{words.dialog.what}</Text>
      <TextInput
        label={words.dialog.id}
        value={clockId}
        onChange={(event) => {
          setClockId(event.currentTarget.value);
        }}
        required
        data-autofocus
      />
      <TextInput
        type="date"
        label={words.dialog.now}
        description={words.dialog.zone}
        value={date}
        onChange={(event) => {
          setDate(event.currentTarget.value);
        }}
        required
      />
    </ConfirmAct>
  );
}
