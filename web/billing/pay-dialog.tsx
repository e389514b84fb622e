import { Text } from '@mantine/core';
import type { ReactElement } from 'react';

import { api, type Schemas } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { ConfirmCost } from '../components/confirm-cost.tsx';
import { words } from '../words/billing.ts';
import { cardName } from './card-name.ts';
import type { Account } from './subscription-price.ts';

interface PayDialogProps {
  readonly onClose: () => void;
  readonly account: Account;
  readonly invoice: Schemas['Invoice'] & { readonly number: string };
}

/** An open invoice is tried at once, with the card that is there. */
export function PayDialog({ onClose, account, invoice }: PayDialogProps): ReactElement {
  const { accountId, currency, paymentMethod } = account;
  const { number } = invoice;
  const ask = { type: 'payInvoice' as const, number };
  const path = { account: accountId };
  const command = useCommand(
    accountId,
    (_: undefined, header) =>
      api.POST('/v1/accounts/{account}/invoices/{number}/pay', { params: { path: { ...path, number }, header } }),
    { onDone: onClose },
  );
  return (
    <ConfirmCost
      {...{ onClose, account: accountId, currency, ask }}
      title={words.owed.payTitle}
      preview={() => api.POST('/v1/accounts/{account}/preview', { params: { path }, body: ask })}
      confirmLabel={words.owed.pay}
      onConfirm={() => {
        command.mutate(undefined);
      }}
      isPending={command.isPending}
      problem={command.error}
    >
      <Text size="sm">
        {paymentMethod === null ? words.owed.payNoCard(number) : words.owed.payText(number, cardName(paymentMethod))}
      </Text>
    </ConfirmCost>
  );
}
