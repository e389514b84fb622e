import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { IconCreditCard } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { accountQuery, isWithAmounts } from '../api/queries.ts';
import { useAccountId } from '../components/account-links.tsx';
import { owedOf } from '../billing/owed-invoices.ts';
import { lazyDialog } from '../components/lazy-dialog.tsx';
import { words } from '../words/invoices.ts';

const PayDialog = lazyDialog(async () => (await import('../billing/pay-dialog.tsx')).PayDialog);

interface PayInvoiceProps {
  readonly invoice: Schemas['Invoice'];
  readonly isSmall?: true;
}

/** Tries an open invoice at once (INV-5), after its amount was shown; nothing where it is not owed now. */
export function PayInvoice({ invoice, isSmall }: PayInvoiceProps): ReactElement | null {
  const [opened, { open, close }] = useDisclosure(false);
  const { data: view } = useQuery(accountQuery(useAccountId()));
  if (view === undefined || !isWithAmounts(view)) return null;
  const [owed] = owedOf([invoice], view.now);
  if (owed === undefined) return null;
  return (
    <>
      <Button
        size={isSmall === true ? 'compact-sm' : 'sm'}
        leftSection={<IconCreditCard size={16} aria-hidden />}
        aria-label={words.payOf(owed.number)}
        aria-haspopup="dialog"
        onClick={open}
      >
        {words.pay}
      </Button>
      {opened && <PayDialog onClose={close} account={view} invoice={owed} />}
    </>
  );
}
