import { Textarea } from '@mantine/core';
import { type ReactElement, useState } from 'react';

import { api } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { ConfirmAct } from '../components/confirm-act.tsx';
import { words } from '../words/billing.ts';
import type { Account } from './subscription-price.ts';

interface ContactsDialogProps {
  readonly account: Account;
  readonly onClose: () => void;
}

/** One address a line, or however they were pasted. */
export function ContactsDialog({ account, onClose }: ContactsDialogProps): ReactElement {
  const { accountId, billingContacts } = account;
  const [typed, setTyped] = useState(billingContacts.join('\n'));
  const command = useCommand(
    accountId,
    (emails: string[], header) =>
      api.PUT('/v1/accounts/{account}/billing-contacts', {
        params: { path: { account: accountId }, header },
        body: { emails },
      }),
    { onDone: onClose },
  );
  return (
    <ConfirmAct
      title={words.contacts.dialog}
      onClose={onClose}
      confirmLabel={words.contacts.save}
      onConfirm={() => {
        command.mutate(addressesIn(typed));
      }}
      isPending={command.isPending}
      problem={command.error}
    >
      <Textarea
        data-autofocus
        label={words.contacts.label}
        autosize
        minRows={3}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
        }}
      />
    </ConfirmAct>
  );
}

function addressesIn(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter((each) => each !== ''))];
}
