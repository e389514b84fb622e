import { Text, TextInput } from '@mantine/core';
import { type ReactElement, useState } from 'react';

import { api } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { ConfirmAct } from '../pieces/confirm-act.tsx';
import { words } from '../words/account-overview.ts';

interface CloseAccountProps {
  readonly account: string;
  readonly onClose: () => void;
}

/** Cannot be undone, so the account's id has to be typed. */
export function CloseAccount({ account, onClose }: CloseAccountProps): ReactElement {
  const [typed, setTyped] = useState('');
  const closing = useCommand(
    account,
    (_: null, header) => api.POST('/v1/accounts/{account}/close', { params: { path: { account }, header } }),
    { onDone: onClose },
  );
  return (
    <ConfirmAct
      title={words.close.title}
      onClose={onClose}
      confirmLabel={words.close.submit}
      onConfirm={() => {
        closing.mutate(null);
      }}
      isReady={typed === account}
      isPending={closing.isPending}
      problem={closing.error}
      isSevere
    >
      <Text size="sm">{words.close.what}</Text>
      <TextInput
        label={words.close.type(account)}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
        }}
        autoComplete="off"
        data-autofocus
      />
    </ConfirmAct>
  );
}
