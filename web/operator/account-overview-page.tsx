import { Button, SimpleGrid, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconExternalLink, IconUserShare } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { accountQuery, isWithAmounts } from '../api/queries.ts';
import { useAccountId } from '../components/account-links.tsx';
import { DialogButton } from '../components/dialog-button.tsx';
import { lazyDialog } from '../components/lazy-dialog.tsx';
import { Loaded } from '../components/loaded.tsx';
import { PageHead } from '../components/page-head.tsx';
import { useOperator } from '../session/session.ts';
import { words } from '../words/account-overview.ts';
import { AccountActions } from './account-actions.tsx';
import { AccountGlance } from './account-glance.tsx';
import { AccountMoney } from './account-money.tsx';
import { AccountUse } from './account-use.tsx';
import { CommandList } from './command-list.tsx';
import { ContractPanel } from './contract-panel.tsx';
import { DuesPanel } from './dues-panel.tsx';
import { OneAccountsBooks } from './one-accounts-books.tsx';

const OpenAsCustomer = lazyDialog(async () => (await import('./open-as-customer.tsx')).OpenAsCustomer);

/** All that there is about one account, for whoever runs the installation, and what can be done about it. */
export function AccountOverviewPage(): ReactElement {
  const account = useAccountId();
  const query = useQuery(accountQuery(account));
  const view = query.data;
  return (
    <>
      <PageHead
        title={account}
        {...(view === undefined ? {} : { hint: words.hint(view.ownerId, view.catalog, view.catalogVersion) })}
        actions={
          <>
            <WorkflowLink account={account} />
            {view !== undefined && (
              <DialogButton
                label={words.openAs.button}
                variant="filled"
                leftSection={<IconUserShare size={16} aria-hidden />}
              >
                {(onClose) => <OpenAsCustomer owner={view.ownerId} onClose={onClose} />}
              </DialogButton>
            )}
          </>
        }
      />
      <Loaded query={query} rows={8}>
        {(found) => (isWithAmounts(found) ? <Overview view={found} /> : null)}
      </Loaded>
    </>
  );
}

function Overview({ view }: { readonly view: Schemas['Account'] }): ReactElement {
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <AccountGlance view={view} />
        <DuesPanel next={view.next} />
      </SimpleGrid>
      <AccountMoney view={view} />
      {Object.keys(view.meters).length > 0 && <AccountUse view={view} />}
      {view.contract !== null && <ContractPanel contract={view.contract} currency={view.currency} />}
      <AccountActions view={view} />
      <OneAccountsBooks account={view.accountId} />
      <CommandList account={view.accountId} currency={view.currency} />
    </Stack>
  );
}

/** The account's whole story, as Temporal tells it. */
function WorkflowLink({ account }: { readonly account: string }): ReactElement | null {
  const operator = useOperator();
  if (operator?.temporalUiUrl == null) return null;
  const { temporalUiUrl, temporalNamespace } = operator;
  const workflow = encodeURIComponent(`account/${account}`);
  return (
    <Button
      component="a"
      href={`${temporalUiUrl.replace(/\/$/, '')}/namespaces/${encodeURIComponent(temporalNamespace)}/workflows/${workflow}`}
      target="_blank"
      rel="noopener noreferrer"
      variant="default"
      rightSection={<IconExternalLink size={16} aria-hidden />}
      aria-label={`${words.workflow} ${words.newTab}`}
    >
      {words.workflow}
    </Button>
  );
}
