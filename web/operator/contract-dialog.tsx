import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, type SyntheticEvent, useState } from 'react';

import { api, type Schemas } from '../api/client.ts';
import { catalogQuery } from '../api/queries.ts';
import { useCommand } from '../api/use-command.ts';
import { Dialog } from '../pieces/dialog.tsx';
import { Loaded } from '../pieces/loaded.tsx';
import { Refused } from '../pieces/refused.tsx';
import { words as shell } from '../words/shell.ts';
import { words } from '../words/operator-money.ts';
import { bodyOf, type ContractBody, type ContractDraft, draftOf } from './contract-draft.ts';
import { ContractFields } from './contract-fields.tsx';

interface ContractDialogProps {
  readonly view: Schemas['Account'];
  readonly onClose: () => void;
}

/** CRE-18: what was agreed with one customer is written down. */
export function ContractDialog({ view, onClose }: ContractDialogProps): ReactElement {
  return (
    <Dialog title={words.contract.title} size="lg" onClose={onClose}>
      <Stack>
        <Text size="sm">{words.contract.what}</Text>
        <OfCatalog view={view} onClose={onClose} />
      </Stack>
    </Dialog>
  );
}

function OfCatalog({ view, onClose }: ContractDialogProps): ReactElement {
  const query = useQuery(catalogQuery(view.accountId));
  return (
    <Loaded query={query}>
      {(catalog) => {
        const start = draftOf(view, catalog);
        if (start === null) return <Text>{words.contract.none}</Text>;
        return <ContractForm {...{ view, catalog, start, onClose }} />;
      }}
    </Loaded>
  );
}

interface ContractFormProps extends ContractDialogProps {
  readonly catalog: Schemas['Catalog'];
  readonly start: ContractDraft;
}

function ContractForm({ view, catalog, start, onClose }: ContractFormProps): ReactElement {
  const { accountId: account, currency } = view;
  const [draft, setDraft] = useState(start);
  const body = bodyOf(draft, currency);
  const set = useCommand(
    account,
    (given: ContractBody, header) =>
      api.PUT('/v1/accounts/{account}/contract', { params: { path: { account }, header }, body: given }),
    { onDone: onClose },
  );
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (body !== null) set.mutate(body);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <ContractFields {...{ draft, catalog, currency }} onChange={setDraft} />
        <Refused problem={set.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {shell.cancel}
          </Button>
          <Button type="submit" loading={set.isPending} disabled={body === null}>
            {words.contract.submit}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
