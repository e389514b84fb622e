import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactElement, type SyntheticEvent, useState } from 'react';

import { api } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { money } from '../format/money.ts';
import { Refused } from '../pieces/refused.tsx';
import { words as shell } from '../words/shell.ts';
import { words } from '../words/operator-money.ts';

interface RecordPaymentProps {
  readonly account: string;
  readonly number: string;
  readonly total: number;
  readonly currency: string;
}

/** An invoice was paid by another way than the card (CRE-18). */
export function RecordPayment({ account, number, total, currency }: RecordPaymentProps): ReactElement {
  const [opened, { open, close }] = useDisclosure(false);
  const [reference, setReference] = useState('');
  const record = useCommand(
    account,
    (body: { readonly reference?: string }, header) =>
      api.POST('/v1/accounts/{account}/invoices/{number}/record-payment', {
        params: { path: { account, number }, header },
        body,
      }),
    { onDone: close },
  );
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const given = reference.trim();
    record.mutate(given === '' ? {} : { reference: given });
  };
  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        aria-haspopup="dialog"
        aria-label={words.record.buttonOf(number)}
        onClick={open}
      >
        {words.record.button}
      </Button>
      <Modal opened={opened} onClose={close} title={words.record.title(number)}>
        <form onSubmit={submit}>
          <Stack>
            <Text size="sm">{words.record.what(money(total, currency))}</Text>
            <TextInput
              label={words.record.reference}
              description={words.record.referenceHint}
              value={reference}
              onChange={(event) => {
                setReference(event.currentTarget.value);
              }}
              data-autofocus
            />
            <Refused problem={record.error} />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {shell.cancel}
              </Button>
              <Button type="submit" loading={record.isPending}>
                {words.record.submit}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
