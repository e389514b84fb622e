import { Text, TextInput } from '@mantine/core';
import { type ReactElement, useState } from 'react';

import { api, type Schemas } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { ConfirmCost } from '../components/confirm-cost.tsx';
import { words } from '../words/account-overview.ts';

interface CloseAccountProps {
  readonly view: Schemas['Account'];
  readonly onClose: () => void;
}

/** Cannot be undone, so the account's id has to be typed, under the final invoice. */
export function CloseAccount({ view, onClose }: CloseAccountProps): ReactElement {
  const { accountId: account, currency } = view;
  const [typed, setTyped] = useState('');
  const closing = useCommand(
    account,
    (_: null, header) => api.POST('/v1/accounts/{account}/close', { params: { path: { account }, header } }),
    { onDone: onClose },
  );
  return (
    <ConfirmCost
      {...{ onClose, account, currency }}
      title={words.close.title}
      ask={{ type: 'close' }}
      preview={() => api.POST('/v1/accounts/{account}/close/preview', { params: { path: { account } } })}
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
    </ConfirmCost>
  );
}
