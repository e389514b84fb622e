import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { api, type Schemas } from '../api/client.ts';
import { catalogQuery } from '../api/queries.ts';
import { useCommand } from '../api/use-command.ts';
import { ConfirmCost } from '../components/confirm-cost.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Loaded } from '../components/loaded.tsx';
import { words } from '../words/operator-money.ts';
import { bodyOf, type ContractBody, type ContractDraft, draftOf } from './contract-draft.ts';
import { ContractFields } from './contract-fields.tsx';

interface ContractDialogProps {
  readonly view: Schemas['Account'];
  readonly onClose: () => void;
}

/** CRE-18: what was agreed with one customer is written down. */
export function ContractDialog({ view, onClose }: ContractDialogProps): ReactElement {
  const query = useQuery(catalogQuery(view.accountId));
  const start = query.data === undefined ? null : draftOf(view, query.data);
  if (query.data !== undefined && start !== null) {
    return <ContractForm {...{ view, start, onClose }} catalog={query.data} />;
  }
  return (
    <Dialog title={words.contract.title} size="lg" onClose={onClose}>
      <Loaded query={query}>{() => <Text>{words.contract.none}</Text>}</Loaded>
    </Dialog>
  );
}

interface ContractFormProps extends ContractDialogProps {
  readonly catalog: Schemas['Catalog'];
  readonly start: ContractDraft;
}

/** The fields, and under them what they come to now and next; setting it is one question with both. */
function ContractForm({ view, catalog, start, onClose }: ContractFormProps): ReactElement {
  const { accountId: account, currency } = view;
  const path = { account };
  const [draft, setDraft] = useState(start);
  const body = bodyOf(draft, currency);
  const set = useCommand(
    account,
    (given: ContractBody, header) =>
      api.PUT('/v1/accounts/{account}/contract', { params: { path, header }, body: given }),
    { onDone: onClose },
  );
  return (
    <ConfirmCost
      {...{ onClose, account, currency }}
      title={words.contract.title}
      ask={{ type: 'setContract', ...body }}
      isAskable={body !== null}
      preview={() => {
        if (body === null) throw new Error('nothing is asked for a contract that is not whole');
        return api.POST('/v1/accounts/{account}/contract/preview', { params: { path }, body });
      }}
      confirmLabel={words.contract.submit}
      onConfirm={() => {
        if (body !== null) set.mutate(body);
      }}
      isPending={set.isPending}
      problem={set.error}
    >
      <Text size="sm">{words.contract.what}</Text>
      <ContractFields
        {...{ draft, catalog, currency }}
        onChange={(changed) => {
          set.reset();
          setDraft(changed);
        }}
      />
    </ConfirmCost>
  );
}
