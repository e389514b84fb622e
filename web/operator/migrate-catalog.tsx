import { NumberInput, Text } from '@mantine/core';
import { type ReactElement, useState } from 'react';

import { api, type Schemas } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { ConfirmAct } from '../components/confirm-act.tsx';
import { words } from '../words/migration.ts';

interface MigrateCatalogProps {
  readonly view: Schemas['Account'];
  readonly onClose: () => void;
}

/** CAT-2: an account stays on its version until an operator moves it. */
export function MigrateCatalog({ view, onClose }: MigrateCatalogProps): ReactElement {
  const { accountId: account, catalog, catalogVersion } = view;
  const [version, setVersion] = useState<number | string>('');
  const migrate = useCommand(
    account,
    (body: { readonly version?: number }, header) =>
      api.POST('/v1/accounts/{account}/catalog-migration', { params: { path: { account }, header }, body }),
    { onDone: onClose },
  );
  return (
    <ConfirmAct
      title={words.title}
      onClose={onClose}
      confirmLabel={words.submit}
      onConfirm={() => {
        migrate.mutate(version === '' ? {} : { version: Number(version) });
      }}
      isPending={migrate.isPending}
      problem={migrate.error}
    >
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
    </ConfirmAct>
  );
}
