import { Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactElement, type SyntheticEvent, useState } from 'react';

import { api } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { moment } from '../format/time.ts';
import { Refused } from '../pieces/refused.tsx';
import { words } from '../words/account-overview.ts';
import { words as shell } from '../words/shell.ts';

interface ExtendTrialProps {
  readonly account: string;
  readonly trialEndsAt: string;
}

const USUAL_DAYS = 7;

/** TRI-8. */
export function ExtendTrial({ account, trialEndsAt }: ExtendTrialProps): ReactElement {
  const [opened, { open, close }] = useDisclosure(false);
  const [days, setDays] = useState<number | string>(USUAL_DAYS);
  const extend = useCommand(
    account,
    (body: { readonly days: number }, header) =>
      api.POST('/v1/accounts/{account}/trial-extension', { params: { path: { account }, header }, body }),
    { onDone: close },
  );
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    extend.mutate({ days: Number(days) });
  };
  return (
    <>
      <Button variant="default" aria-haspopup="dialog" onClick={open}>
        {words.extend.button}
      </Button>
      <Modal opened={opened} onClose={close} title={words.extend.title}>
        <form onSubmit={submit}>
          <Stack>
            <Text size="sm">{words.extend.what(moment(trialEndsAt))}</Text>
            <NumberInput
              label={words.extend.days}
              min={1}
              allowDecimal={false}
              value={days}
              onChange={setDays}
              required
              data-autofocus
            />
            <Refused problem={extend.error} />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {shell.cancel}
              </Button>
              <Button type="submit" loading={extend.isPending}>
                {words.extend.submit}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
