import { Button, Collapse, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { type ReactElement, useId } from 'react';

import type { Schemas } from '../api/client.ts';
import { upcomingQuery } from '../api/queries.ts';
import { useAccountId } from '../components/account-links.tsx';
import { moment } from '../format/time.ts';
import { Amount } from '../components/amount.tsx';
import { InvoiceLines } from '../components/invoice-lines.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Panel } from '../components/panel.tsx';
import { words } from '../words/invoices.ts';

/** What is issued next if nothing more happens (INV-3). */
export function NextInvoice(): ReactElement {
  const query = useQuery(upcomingQuery(useAccountId()));
  return (
    <Panel title={words.next} hint={words.nextHint}>
      <Loaded query={query} rows={2}>
        {(invoice) => (invoice === null ? <NoNext /> : <Upcoming invoice={invoice} />)}
      </Loaded>
    </Panel>
  );
}

function NoNext(): ReactElement {
  return (
    <Stack gap={2}>
      <Text>{words.noNext}</Text>
      <Text size="sm" c="dimmed">
        {words.noNextWhy}
      </Text>
    </Stack>
  );
}

function Upcoming({ invoice }: { readonly invoice: Schemas['Invoice'] }): ReactElement {
  const [opened, { toggle }] = useDisclosure(false);
  const id = useId();
  const Sign = opened ? IconChevronDown : IconChevronRight;
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="flex-end">
        <Stack gap={0}>
          <Amount minor={invoice.total} currency={invoice.currency} fz={28} fw={700} lh={1.2} />
          <Text size="sm" c="dimmed">
            {words.nextOn(moment(invoice.issuedAt))}
          </Text>
        </Stack>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<Sign size={16} aria-hidden />}
          aria-expanded={opened}
          aria-controls={id}
          onClick={toggle}
        >
          {opened ? words.hideLines : words.showLines}
        </Button>
      </Group>
      <Collapse expanded={opened} id={id}>
        {opened && <InvoiceLines invoice={invoice} />}
      </Collapse>
    </Stack>
  );
}
