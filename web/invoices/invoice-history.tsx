import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { actorName, sentenceOf } from '../activity/audit-entry.tsx';
import { ByDay } from '../activity/by-day.tsx';
import type { Schemas } from '../api/client.ts';
import { auditQuery } from '../api/queries.ts';
import { useAccountId } from '../components/account-links.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Panel } from '../components/panel.tsx';
import { words as activity } from '../words/activity.ts';
import { words } from '../words/invoices.ts';

/** What the audit says of one invoice, from its issue on. */
export function InvoiceHistory({
  number,
  currency,
}: {
  readonly number: string;
  readonly currency: string;
}): ReactElement {
  const query = useQuery(auditQuery(useAccountId()));
  return (
    <Panel title={words.history}>
      <Loaded query={query}>
        {(entries) => {
          const about = entries.filter((entry) => isAbout(entry, number));
          if (about.length === 0) return <Text c="dimmed">{words.noHistory}</Text>;
          return (
            <ByDay items={about} atOf={({ at }) => at}>
              {(entry) => (
                <Text size="sm">
                  {sentenceOf(entry, currency)}{' '}
                  <Text span size="sm" c="dimmed">
                    {activity.by(actorName(entry.actor))}
                  </Text>
                </Text>
              )}
            </ByDay>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function isAbout({ action, before, after }: Schemas['AuditEntry'], number: string): boolean {
  if (action.startsWith('credit_note.')) return valueOf(after, 'invoice') === number;
  return valueOf(after, 'number') === number || valueOf(before, 'number') === number;
}

function valueOf(told: unknown, name: string): unknown {
  return typeof told === 'object' && told !== null ? (told as Readonly<Record<string, unknown>>)[name] : undefined;
}
