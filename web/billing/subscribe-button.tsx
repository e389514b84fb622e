import { Button } from '@mantine/core';
import type { ReactElement } from 'react';

import { lazyDialog } from '../components/lazy-dialog.tsx';
import { words } from '../words/billing.ts';
import { type Account, type Catalog, plansForSale } from './subscription-price.ts';
import { useReopened } from './use-reopened.ts';

const NeedsCardDialog = lazyDialog(async () => (await import('./needs-card-dialog.tsx')).NeedsCardDialog);
const SubscribeDialog = lazyDialog(async () => (await import('./subscribe-dialog.tsx')).SubscribeDialog);

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
      {opened && !isPaidByCard && (
        <NeedsCardDialog onClose={close} account={account} catalog={catalog} then={SUBSCRIBE} />
      )}
      {opened && isPaidByCard && <SubscribeDialog onClose={close} account={account} catalog={catalog} />}
    </>
  );
}
