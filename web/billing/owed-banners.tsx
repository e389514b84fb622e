import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { money } from '../format/money.ts';
import { moment } from '../format/time.ts';
import { lazyDialog } from '../components/lazy-dialog.tsx';
import { Refused } from '../components/refused.tsx';
import { words } from '../words/billing.ts';
import { lastFailureQuery } from './last-failure.ts';
import { owedOf, useInvoices } from './owed-invoices.ts';
import type { Account } from './subscription-price.ts';
import { useCardPage } from './use-card-page.ts';
import { usePaymentPage } from './use-payment-page.ts';

const PayDialog = lazyDialog(async () => (await import('./pay-dialog.tsx')).PayDialog);

type Owed = ReturnType<typeof owedOf>[number];

/** What is owed: why it is not paid, when it is tried next, and every way to pay it (INV-5, INV-6). */
export function OwedBanners({ account }: { readonly account: Account }): ReactElement | null {
  const { data } = useInvoices(account.accountId);
  const owed = owedOf(data ?? [], account.now);
  if (owed.length === 0) return null;
  return (
    <Stack gap="sm">
      {owed.map((invoice) => (
        <OwedBanner key={invoice.number} account={account} invoice={invoice} />
      ))}
    </Stack>
  );
}

function OwedBanner({ account, invoice }: { readonly account: Account; readonly invoice: Owed }): ReactElement {
  const [opened, { open, close }] = useDisclosure(false);
  const card = useCardPage(account.accountId);
  const page = usePaymentPage(account.accountId, invoice.number);
  const { data: reason } = useQuery(lastFailureQuery(account.accountId, invoice.number));
  const isToConfirm = reason === 'requires_action';
  const isPaidThere = isToConfirm || invoice.dueAt !== undefined;
  return (
    <Alert
      color="red"
      variant="outline"
      role="alert"
      icon={<IconAlertTriangle aria-hidden />}
      title={words.owed.title(invoice.number, money(invoice.total, invoice.currency))}
    >
      <Stack gap="sm">
        <Text size="sm">{sentences(account, invoice, reason ?? null).join(' ')}</Text>
        <Group gap="xs">
          {isToConfirm && (
            <Button size="xs" onClick={page.open} loading={page.isOpening}>
              {words.owed.confirm}
            </Button>
          )}
          <Button size="xs" {...(isToConfirm ? { variant: 'default' } : {})} onClick={open}>
            {words.owed.pay}
          </Button>
          <Button
            size="xs"
            variant="default"
            loading={card.isOpening}
            onClick={() => {
              card.open();
            }}
          >
            {account.paymentMethod === null ? words.card.add : words.card.change}
          </Button>
          {isPaidThere && !isToConfirm && (
            <Button size="xs" variant="default" onClick={page.open} loading={page.isOpening}>
              {words.owed.page}
            </Button>
          )}
        </Group>
        {isPaidThere && (
          <Text size="xs" c="dimmed">
            {words.owed.pageHint}
          </Text>
        )}
        <Refused problem={card.problem ?? page.problem} />
      </Stack>
      {opened && <PayDialog onClose={close} account={account} invoice={invoice} />}
    </Alert>
  );
}

function sentences(account: Account, invoice: Owed, reason: string | null): readonly string[] {
  const { nextAttemptAt } = invoice;
  const why = (words.owed as Readonly<Record<string, unknown>>)[reason ?? ''];
  const isTrying = nextAttemptAt !== undefined && nextAttemptAt <= account.now;
  const next =
    nextAttemptAt === undefined
      ? words.owed.noNext
      : isTrying
        ? words.owed.trying
        : words.owed.next(moment(nextAttemptAt));
  const meanwhile =
    account.refused?.code === 'payment_failed'
      ? [words.owed.stopped]
      : account.phase === 'past_due'
        ? [words.owed.included]
        : [];
  return [...(typeof why === 'string' ? [why] : []), next, ...meanwhile];
}
