import { Button, Divider, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';

import { answered, type Schemas } from '../api/client.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { accountKey } from '../api/queries.ts';
import { money } from '../format/money.ts';
import { day } from '../format/time.ts';
import { words } from '../words/shell.ts';
import { Dialog } from './dialog.tsx';
import { InvoiceLines } from './invoice-lines.tsx';
import { Refused } from './refused.tsx';

type Preview = Schemas['Preview'];

interface ConfirmCostProps {
  readonly onClose: () => void;
  readonly account: string;
  readonly currency: string;
  readonly title: string;
  /** What happens, in a sentence or two, and what is chosen. */
  readonly children: ReactNode;
  /** What is asked for, so that another choice is another preview. */
  readonly ask: Readonly<Record<string, unknown>>;
  /** False while what is chosen makes no sense: nothing is previewed, nothing can be confirmed. */
  readonly isAskable?: boolean;
  /** False while something is missing that the preview does not depend on. */
  readonly isReady?: boolean;
  /** What cannot be undone. */
  readonly isSevere?: boolean;
  readonly preview: () => Promise<{ data?: Preview; error?: unknown; response: Response }>;
  readonly confirmLabel: string;
  readonly onConfirm: () => void;
  readonly isPending: boolean;
  readonly problem: Problem | null;
}

/** Who types an amount passes others; each would be a question. */
const SETTLED_MS = 300;

/**
 * Before money: the exact charge now and on the next invoice, from the preview, and one question (invariant 11). Nothing can be confirmed
 * before the amounts are there.
 */
export function ConfirmCost(props: ConfirmCostProps): ReactElement {
  const {
    onClose,
    account,
    currency,
    title,
    children,
    ask,
    isAskable = true,
    isReady = true,
    isSevere = false,
    preview,
    confirmLabel,
    onConfirm,
    isPending,
    problem,
  } = props;
  const key = JSON.stringify(ask);
  const [settled] = useDebouncedValue(key, SETTLED_MS, { leading: true });
  const previewed = useQuery({
    queryKey: [...accountKey(account), 'preview', ask],
    queryFn: () => answered(preview()),
    // What was confirmed is not asked about again: done, it would be refused.
    enabled: isAskable && settled === key && !isPending,
    staleTime: 0,
    gcTime: 0,
  });
  const refused = problem ?? (previewed.isError && !isPending ? problemOf(previewed.error) : null);
  return (
    <Dialog {...{ title, onClose, isPending }} size="lg">
      <Stack gap="md">
        {children}
        <Divider />
        {isAskable && previewed.data === undefined && !previewed.isError && (
          <Stack gap="xs" aria-busy="true">
            <Text size="sm" c="dimmed">
              {words.cost.calculating}
            </Text>
            <Skeleton height={22} />
            <Skeleton height={22} />
          </Stack>
        )}
        {previewed.data !== undefined && <Costs preview={previewed.data} currency={currency} />}
        <Refused problem={refused} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} disabled={isPending}>
            {words.cancel}
          </Button>
          <Button
            onClick={onConfirm}
            loading={isPending}
            disabled={!isAskable || !isReady || previewed.data === undefined || previewed.isError}
            {...(isSevere ? { color: 'red' } : {})}
          >
            {confirmLabel}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

function Costs({ preview, currency }: { readonly preview: Preview; readonly currency: string }): ReactElement {
  const { dueNowCents, nextInvoiceCents, dueNow, nextInvoice } = preview;
  return (
    <Stack gap="sm" aria-live="polite">
      <Sum
        name={nameOfNow(dueNow)}
        value={dueNow === null && dueNowCents === 0 ? words.cost.nothingNow : money(dueNowCents, currency)}
        testId="due-now"
      />
      {dueNow !== null && <InvoiceLines invoice={dueNow} />}
      <Sum
        name={nextInvoice === null ? words.cost.next : words.cost.nextOn(day(nextInvoice.issuedAt))}
        value={nextInvoice === null ? words.cost.noNext : money(nextInvoiceCents, currency)}
        testId="next-invoice"
      />
      {nextInvoice !== null && <InvoiceLines invoice={nextInvoice} />}
      <Text size="xs" c="dimmed">
        {words.cost.asked}
      </Text>
    </Stack>
  );
}

/** An invoice that is sent and paid later is not charged. */
function nameOfNow(dueNow: Preview['dueNow']): string {
  return dueNow?.dueAt === undefined ? words.cost.now : words.cost.invoiced(day(dueNow.dueAt));
}

function Sum({
  name,
  value,
  testId,
}: {
  readonly name: string;
  readonly value: string;
  readonly testId: string;
}): ReactElement {
  return (
    <Group justify="space-between">
      <Text fw={600}>{name}</Text>
      <Text fw={700} className="figures" data-testid={testId}>
        {value}
      </Text>
    </Group>
  );
}
