import { Group } from '@mantine/core';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { DialogButton } from '../components/dialog-button.tsx';
import { lazyDialog } from '../components/lazy-dialog.tsx';
import { Panel } from '../components/panel.tsx';
import { words } from '../words/account-overview.ts';
import { words as migration } from '../words/migration.ts';
import { words as money } from '../words/operator-money.ts';

const CloseAccount = lazyDialog(async () => (await import('./close-account.tsx')).CloseAccount);
const ContractDialog = lazyDialog(async () => (await import('./contract-dialog.tsx')).ContractDialog);
const CreditDialog = lazyDialog(async () => (await import('./credit-dialog.tsx')).CreditDialog);
const ExtendTrial = lazyDialog(async () => (await import('./extend-trial.tsx')).ExtendTrial);
const MigrateCatalog = lazyDialog(async () => (await import('./migrate-catalog.tsx')).MigrateCatalog);

/** What only operators can do about an account. */
export function AccountActions({ view }: { readonly view: Schemas['Account'] }): ReactElement {
  const { accountId: account, trialEndsAt, subscription, closedAt } = view;
  if (closedAt !== undefined) return <></>;
  return (
    <Panel title={words.act} hint={words.actHint}>
      <Group gap="sm">
        <DialogButton label={money.contract.button}>
          {(onClose) => <ContractDialog {...{ view, onClose }} />}
        </DialogButton>
        <DialogButton label={money.credit.button}>
          {(onClose) => <CreditDialog {...{ account, onClose }} />}
        </DialogButton>
        {trialEndsAt !== undefined && subscription === null && (
          <DialogButton label={words.extend.button}>
            {(onClose) => <ExtendTrial {...{ account, trialEndsAt, onClose }} />}
          </DialogButton>
        )}
        <DialogButton label={migration.button}>{(onClose) => <MigrateCatalog {...{ view, onClose }} />}</DialogButton>
        <DialogButton label={words.close.button} variant="outline" color="red">
          {(onClose) => <CloseAccount {...{ view, onClose }} />}
        </DialogButton>
      </Group>
    </Panel>
  );
}
