import { Text, TextInput } from '@mantine/core';
import { type ReactElement, useState } from 'react';

import { api } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { money } from '../format/money.ts';
import { ConfirmAct } from '../components/confirm-act.tsx';
import { words } from '../words/operator-money.ts';

interface RecordPaymentProps {
  readonly account: string;
  readonly number: string;
  readonly total: number;
  readonly currency: string;
  readonly onClose: () => void;
}

/** An invoice was paid by another way than the card (CRE-18). */
export function RecordPayment({ account, number, total, currency, onClose }: RecordPaymentProps): ReactElement {
  const [reference, setReference] = useState('');
  const record = useCommand(
    account,
    (body: { readonly reference?: string }, header) =>
      api.POST('/v1/accounts/{account}/invoices/{number}/record-payment', {
        params: { path: { account, number }, header },
        body,
      }),
    { onDone: onClose },
  );
  return (
    <ConfirmAct
      title={words.record.title(number)}
      onClose={onClose}
      confirmLabel={words.record.submit}
      onConfirm={() => {
        const given = reference.trim();
        record.mutate(given === '' ? {} : { reference: given });
      }}
      isPending={record.isPending}
      problem={record.error}
    >
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
    </ConfirmAct>
  );
}
