import { Group } from '@mantine/core';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { Panel } from '../pieces/panel.tsx';
import { words } from '../words/account-overview.ts';
import { CloseAccount } from './close-account.tsx';
import { ContractDialog } from './contract-dialog.tsx';
import { CreditDialog } from './credit-dialog.tsx';
import { ExtendTrial } from './extend-trial.tsx';
import { MigrateCatalog } from './migrate-catalog.tsx';

/** What only operators can do about an account. */
export function AccountActions({ view }: { readonly view: Schemas['Account'] }): ReactElement {
  const { accountId: account, trialEndsAt, subscription, closedAt } = view;
  if (closedAt !== undefined) return <></>;
  return (
    <Panel title={words.act} hint={words.actHint}>
      <Group gap="sm">
        <ContractDialog view={view} />
        <CreditDialog account={account} />
        {trialEndsAt !== undefined && subscription === null && <ExtendTrial {...{ account, trialEndsAt }} />}
        <MigrateCatalog view={view} />
        <CloseAccount account={account} />
      </Group>
    </Panel>
  );
}
