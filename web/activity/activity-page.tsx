import { Card, Tabs, Text } from '@mantine/core';
import { IconBell, IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { accountQuery, isWithAmounts } from '../api/queries.ts';
import { useAccountId } from '../components/account-links.tsx';
import { Notice } from '../components/notice.tsx';
import { PageHead } from '../components/page-head.tsx';
import { ShowOlder } from '../components/show-older.tsx';
import { useMaySeeAmounts } from '../session/session.ts';
import { words } from '../words/activity.ts';
import { noticeSentence } from '../words/notices.ts';
import { AuditEntry } from './audit-entry.tsx';
import { ByDay } from './by-day.tsx';
import { auditPages, noticePages } from './record-pages.ts';

/** Who did what, and what the account was told. Members read the notices alone (SEA-17). */
export function ActivityPage(): ReactElement {
  const seesAmounts = useMaySeeAmounts();
  if (!seesAmounts) {
    return (
      <>
        <PageHead title={words.title} hint={words.hintForMembers} />
        <Card>
          <Notices order={2} />
        </Card>
      </>
    );
  }
  return (
    <>
      <PageHead title={words.title} hint={words.hint} />
      <Card>
        <Tabs defaultValue="changes" keepMounted={false}>
          <Tabs.List mb="md">
            <Tabs.Tab value="changes" leftSection={<IconHistory size={16} aria-hidden />}>
              {words.changes}
            </Tabs.Tab>
            <Tabs.Tab value="notices" leftSection={<IconBell size={16} aria-hidden />}>
              {words.notices}
            </Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="changes">
            <Changes />
          </Tabs.Panel>
          <Tabs.Panel value="notices">
            <Notices order={2} />
          </Tabs.Panel>
        </Tabs>
      </Card>
    </>
  );
}

function Changes(): ReactElement {
  const account = useAccountId();
  const query = useInfiniteQuery(auditPages(account));
  const { data: view } = useQuery(accountQuery(account));
  const currency = view !== undefined && isWithAmounts(view) ? view.currency : null;
  return (
    <ShowOlder
      query={query}
      itemsOf={({ items }) => items}
      label={words.more}
      rows={6}
      empty={<Notice title={words.noChanges} />}
    >
      {(entries) => (
        <ByDay items={entries} atOf={({ at }) => at} order={2}>
          {(entry) => <AuditEntry entry={entry} currency={currency} />}
        </ByDay>
      )}
    </ShowOlder>
  );
}

function Notices({ order }: { readonly order: 2 | 3 }): ReactElement {
  const query = useInfiniteQuery(noticePages(useAccountId()));
  return (
    <ShowOlder
      query={query}
      itemsOf={({ items }) => items}
      label={words.more}
      rows={6}
      empty={<Notice title={words.noNotices} text={words.noNoticesWhy} />}
    >
      {(notices) => (
        <ByDay items={notices} atOf={({ at }) => at} order={order}>
          {(notice) => <Text size="sm">{noticeSentence(notice)}</Text>}
        </ByDay>
      )}
    </ShowOlder>
  );
}
