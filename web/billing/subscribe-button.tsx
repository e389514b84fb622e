import { Button } from '@mantine/core';
import type { ReactElement } from 'react';

import { words } from '../words/billing.ts';
import { NeedsCardDialog } from './needs-card-dialog.tsx';
import { SubscribeDialog } from './subscribe-dialog.tsx';
import { type Account, type Catalog, plansForSale } from './subscription-price.ts';
import { useReopened } from './use-reopened.ts';

interface SubscribeButtonProps {
  readonly account: Account;
  readonly catalog: Catalog;
  readonly isProminent?: true;
}

/** The name under which the dialog is open again when one comes back with a card. */
const SUBSCRIBE = 'subscribe';

/** Subscribing needs a card: who has none adds one first, and comes back to the choice. */
export function SubscribeButton({ account, catalog, isProminent }: SubscribeButtonProps): ReactElement | null {
  const [opened, { open, close }] = useReopened(SUBSCRIBE);
  if (plansForSale(catalog).length === 0) return null;
  const isPaidByCard = account.paymentMethod !== null;
  return (
    <>
      <Button size={isProminent === true ? 'sm' : 'xs'} onClick={open}>
        {words.plan.subscribe}
      </Button>
      <NeedsCardDialog
        opened={opened && !isPaidByCard}
        onClose={close}
        account={account}
        catalog={catalog}
        then={SUBSCRIBE}
      />
      {opened && isPaidByCard && <SubscribeDialog onClose={close} account={account} catalog={catalog} />}
    </>
  );
}
