import { Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactElement, type SyntheticEvent, useState } from 'react';

import { api, type Schemas } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { Refused } from '../pieces/refused.tsx';
import { words } from '../words/migration.ts';
import { words as shell } from '../words/shell.ts';

/** CAT-2: an account stays on its version until an operator moves it. */
export function MigrateCatalog({ view }: { readonly view: Schemas['Account'] }): ReactElement {
  const { accountId: account, catalog, catalogVersion } = view;
  const [opened, { open, close }] = useDisclosure(false);
  const [version, setVersion] = useState<number | string>('');
  const migrate = useCommand(
    account,
    (body: { readonly version?: number }, header) =>
      api.POST('/v1/accounts/{account}/catalog-migration', { params: { path: { account }, header }, body }),
    { onDone: close },
  );
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    migrate.mutate(version === '' ? {} : { version: Number(version) });
  };
  return (
    <>
      <Button variant="default" aria-haspopup="dialog" onClick={open}>
        {words.button}
      </Button>
      <Modal opened={opened} onClose={close} title={words.title}>
        <form onSubmit={submit}>
          <Stack>
            <Text size="sm">{words.what(catalog, catalogVersion)}</Text>
            <NumberInput
              label={words.version}
              description={words.versionHint}
              min={1}
              allowDecimal={false}
              value={version}
              onChange={setVersion}
              data-autofocus
            />
            <Refused problem={migrate.error} />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {shell.cancel}
              </Button>
              <Button type="submit" loading={migrate.isPending}>
                {words.submit}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
