import { Group, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { IconArrowLeft } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { accountQuery, invoiceQuery } from '../api/queries.ts';
import { AccountLink, useAccountId } from '../components/account-links.tsx';
import { InvoiceLines } from '../components/invoice-lines.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Notice } from '../components/notice.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Panel } from '../components/panel.tsx';
import { useMaySeeAmounts } from '../session/session.ts';
import { words as shell } from '../words/shell.ts';
import { words } from '../words/invoices.ts';
import { CreditNotes } from './credit-notes.tsx';
import { InvoiceFacts } from './invoice-facts.tsx';
import { InvoiceHistory } from './invoice-history.tsx';
import { PayInvoice } from './pay-invoice.tsx';
import { PdfButton } from './pdf-button.tsx';

/** One invoice: what it is for, line by line, and what became of it. */
export function InvoicePage(): ReactElement {
  const { number }: { readonly number?: string } = useParams({ strict: false });
  const seesAmounts = useMaySeeAmounts();
  const title = words.invoice(number ?? '');
  if (!seesAmounts || number === undefined) {
    return (
      <>
        <PageHead title={title} />
        <Notice title={shell.states.noPermission} text={shell.states.noPermissionWhy} />
      </>
    );
  }
  return <OneInvoice number={number} />;
}

function OneInvoice({ number }: { readonly number: string }): ReactElement {
  const account = useAccountId();
  const query = useQuery(invoiceQuery(account, number));
  const { data: view } = useQuery(accountQuery(account));
  const now = view?.now ?? '';
  return (
    <>
      <AccountLink page="invoices" size="sm">
        <Group gap={4} component="span">
          <IconArrowLeft size={16} aria-hidden />
          {words.back}
        </Group>
      </AccountLink>
      <PageHead title={words.invoice(number)} actions={query.data && <Actions invoice={query.data} />} />
      <Loaded query={query} rows={6}>
        {(invoice) => (
          <Stack gap="lg">
            <Panel title={words.facts}>
              <InvoiceFacts invoice={invoice} now={now} />
            </Panel>
            <Panel title={words.lines} hint={words.linesHint}>
              <InvoiceLines invoice={invoice} withQuantity />
            </Panel>
            <CreditNotes number={number} />
            <InvoiceHistory number={number} currency={invoice.currency} />
          </Stack>
        )}
      </Loaded>
    </>
  );
}

function Actions({ invoice }: { readonly invoice: Schemas['Invoice'] }): ReactElement {
  const { number } = invoice;
  if (number === null) return <></>;
  return (
    <>
      <PdfButton number={number} />
      <PayInvoice invoice={invoice} />
    </>
  );
}
