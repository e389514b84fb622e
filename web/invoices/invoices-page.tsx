import { Alert, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { invoicesQuery } from '../api/queries.ts';
import { useAccountId } from '../components/account-links.tsx';
import { money } from '../format/money.ts';
import { Loaded } from '../components/loaded.tsx';
import { Notice } from '../components/notice.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Panel } from '../components/panel.tsx';
import { useMaySeeAmounts } from '../session/session.ts';
import { words as shell } from '../words/shell.ts';
import { words } from '../words/invoices.ts';
import { InvoiceTable } from './invoice-table.tsx';
import { NextInvoice } from './next-invoice.tsx';

/** What is owed, what comes next, and all there was. */
export function InvoicesPage(): ReactElement {
  if (!useMaySeeAmounts()) {
    return (
      <>
        <PageHead title={words.title} />
        <Notice title={shell.states.noPermission} text={shell.states.noPermissionWhy} />
      </>
    );
  }
  return <AllInvoices />;
}

function AllInvoices(): ReactElement {
  const account = useAccountId();
  const query = useQuery(invoicesQuery(account));
  return (
    <>
      <PageHead title={words.title} hint={words.hint} />
      <Stack gap="lg">
        {query.data !== undefined && query.data.length > 0 && <Owed invoices={query.data} />}
        <NextInvoice />
        <Panel title={words.past}>
          <Loaded query={query} rows={5}>
            {(invoices) =>
              invoices.length === 0 ? (
                <Notice title={words.none} text={words.noneWhy} />
              ) : (
                <InvoiceTable invoices={invoices} />
              )
            }
          </Loaded>
        </Panel>
      </Stack>
    </>
  );
}

/** The page's question, answered at its top. */
function Owed({ invoices }: { readonly invoices: readonly Schemas['Invoice'][] }): ReactElement {
  const open = invoices.filter(({ status }) => status === 'open');
  const currency = open[0]?.currency;
  if (currency === undefined) {
    return (
      <Alert color="evergreen" icon={<IconCircleCheck aria-hidden />} p="sm" title={words.nothingOwed} role="status" />
    );
  }
  const total = open.reduce((sum, invoice) => sum + invoice.total, 0);
  const title = words.owed(money(total, currency), open.length);
  return (
    <Alert
      color="yellow"
      icon={<IconAlertTriangle aria-hidden />}
      p="sm"
      title={title}
      role="status"
      styles={{ label: { color: 'var(--mantine-color-text)' } }}
    />
  );
}
