import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { upcomingQuery } from '../api/queries.ts';
import { day } from '../format/time.ts';
import { InvoiceLines } from '../components/invoice-lines.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Panel } from '../components/panel.tsx';
import { words } from '../words/billing.ts';
import type { Account } from './subscription-price.ts';

/** The next invoice, line by line, as it is issued if nothing more happens (INV-3). */
export function UpcomingPanel({ account }: { readonly account: Account }): ReactElement {
  const query = useQuery(upcomingQuery(account.accountId));
  const { data } = query;
  return (
    <Panel title={words.upcoming.title} {...(data == null ? {} : { hint: words.upcoming.on(day(data.issuedAt)) })}>
      <Loaded query={query} rows={4}>
        {(invoice) =>
          invoice === null ? (
            <Text size="sm" c="dimmed">
              {words.upcoming.none} {words.upcoming.noneWhy}
            </Text>
          ) : (
            <InvoiceLines invoice={invoice} />
          )
        }
      </Loaded>
    </Panel>
  );
}
