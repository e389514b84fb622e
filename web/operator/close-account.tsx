import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactElement, useState } from 'react';

import { api } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { Refused } from '../pieces/refused.tsx';
import { words } from '../words/account-overview.ts';
import { words as shell } from '../words/shell.ts';

/** Cannot be undone, so the account's id has to be typed. */
export function CloseAccount({ account }: { readonly account: string }): ReactElement {
  const [opened, { open, close }] = useDisclosure(false);
  const [typed, setTyped] = useState('');
  const closing = useCommand(
    account,
    (_: null, header) => api.POST('/v1/accounts/{account}/close', { params: { path: { account }, header } }),
    { onDone: close },
  );
  return (
    <>
      <Button variant="outline" color="red" aria-haspopup="dialog" onClick={open}>
        {words.close.button}
      </Button>
      <Modal opened={opened} onClose={close} title={words.close.title}>
        <Stack>
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
          <Refused problem={closing.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {shell.cancel}
            </Button>
            <Button
              color="red"
              disabled={typed !== account}
              loading={closing.isPending}
              onClick={() => {
                closing.mutate(null);
              }}
            >
              {words.close.submit}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
