import { Button, Group, Stack, Text } from '@mantine/core';
import { IconCreditCard } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import { Panel } from '../components/panel.tsx';
import { Refused } from '../components/refused.tsx';
import { words } from '../words/billing.ts';
import { cardName } from './card-name.ts';
import type { Account } from './subscription-price.ts';
import { useCardPage } from './use-card-page.ts';

export function PaymentPanel({ account }: { readonly account: Account }): ReactElement {
  const page = useCardPage(account.accountId);
  const { paymentMethod, contract, closedAt } = account;
  const isByInvoice = contract?.invoiceDueDays != null;
  return (
    <Panel
      title={words.card.title}
      actions={
        closedAt === undefined && (
          <Button
            variant="default"
            size="xs"
            loading={page.isOpening}
            onClick={() => {
              page.open();
            }}
          >
            {paymentMethod === null ? words.card.add : words.card.change}
          </Button>
        )
      }
    >
      <Stack gap="xs">
        {paymentMethod === null ? (
          <Text size="sm">{isByInvoice ? words.card.noneByInvoice : words.card.none}</Text>
        ) : (
          <Group gap="xs" wrap="nowrap">
            <IconCreditCard size={20} aria-hidden />
            <Text fw={600}>{cardName(paymentMethod)}</Text>
          </Group>
        )}
        <Text size="sm" c="dimmed">
          {words.card.where}
        </Text>
        <Refused problem={page.problem} />
      </Stack>
    </Panel>
  );
}
