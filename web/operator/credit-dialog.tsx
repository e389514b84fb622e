import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, type SyntheticEvent, useState } from 'react';

import { api, type Schemas } from '../api/client.ts';
import { creditNotesQuery, invoicesQuery } from '../api/queries.ts';
import { useCommand } from '../api/use-command.ts';
import { money } from '../format/money.ts';
import { amountIn, readMoney } from '../components/read-money.ts';
import { day } from '../format/time.ts';
import { Dialog } from '../components/dialog.tsx';
import { Refused } from '../components/refused.tsx';
import { words as shell } from '../words/shell.ts';
import { words } from '../words/operator-money.ts';
import { CreditDestination, type Destination } from './credit-destination.tsx';
import { CreditLines } from './credit-lines.tsx';

type Invoice = Schemas['Invoice'] & { readonly number: string };

interface CreditDialogProps {
  readonly account: string;
  readonly onClose: () => void;
}

/** INV-7: money of a paid invoice is given back, against its lines and with a reason. */
export function CreditDialog({ account, onClose }: CreditDialogProps): ReactElement {
  return (
    <Dialog title={words.credit.title} size="xl" onClose={onClose}>
      <Stack>
        <Text size="sm">{words.credit.what}</Text>
        <ChooseInvoice account={account} onClose={onClose} />
      </Stack>
    </Dialog>
  );
}

function ChooseInvoice({ account, onClose }: CreditDialogProps): ReactElement | null {
  const { data: invoices } = useQuery(invoicesQuery(account));
  const [chosen, choose] = useState<string | null>(null);
  if (invoices === undefined) return null;
  const paid = invoices.filter((invoice): invoice is Invoice => {
    return invoice.number !== null && invoice.status === 'paid' && invoice.total > 0;
  });
  const invoice = paid.find(({ number }) => number === chosen) ?? paid[0];
  if (invoice === undefined) return <Text>{words.credit.none}</Text>;
  return (
    <>
      <Select
        label={words.credit.invoice}
        data={paid.map(({ number, total, currency, issuedAt }) => ({
          value: number,
          label: words.credit.invoiceOf(number, money(total, currency), day(issuedAt)),
        }))}
        value={invoice.number}
        onChange={choose}
        allowDeselect={false}
        searchable
      />
      <CreditForm key={invoice.number} {...{ account, invoice, onClose }} />
    </>
  );
}

interface CreditFormProps extends CreditDialogProps {
  readonly invoice: Invoice;
}

function CreditForm({ account, invoice, onClose }: CreditFormProps): ReactElement {
  const { currency } = invoice;
  const [typed, setTyped] = useState<Readonly<Record<number, string>>>({});
  const [reason, setReason] = useState('');
  const [to, setTo] = useState<Destination>('card');
  const given = useGivenBack(account, invoice.number);
  const credit = useCommand(
    account,
    (body: Parameters<typeof creditInvoice>[1], header) => creditInvoice(account, body, header),
    { onDone: onClose },
  );
  const amounts = invoice.lines.map((_, index) => amountIn(typed[index] ?? '', { currency, isCharged: true }) ?? 0);
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  const isWrong =
    Object.values(typed).some((text) => readMoney(text, { currency, isCharged: true }).kind === 'refused') ||
    amounts.some((amount, index) => amount > Math.max(0, invoice.lines[index]?.amount ?? 0));
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const lines = amounts.flatMap((amountCents, index) =>
      amountCents === 0 ? [] : [{ line: index + 1, amountCents }],
    );
    credit.mutate({ invoice: invoice.number, lines, reason: reason.trim(), to });
  };
  const isTooMuch = total > invoice.total - given;
  return (
    <form onSubmit={submit}>
      <Stack>
        {given > 0 && <Text size="sm">{words.credit.already(money(given, currency))}</Text>}
        <CreditLines {...{ invoice, typed }} onChange={setTyped} />
        <TextInput
          label={words.credit.reason}
          description={words.credit.reasonHint}
          value={reason}
          onChange={(event) => {
            setReason(event.currentTarget.value);
          }}
          required
        />
        <CreditDestination to={to} onChange={setTo} />
        {isTooMuch && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {words.credit.tooMuch(money(invoice.total - given, currency))}
          </Text>
        )}
        <Refused problem={credit.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {shell.cancel}
          </Button>
          <Button type="submit" loading={credit.isPending} disabled={total === 0 || isWrong || isTooMuch}>
            {words.credit.submit(money(total, currency))}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface CreditBody {
  readonly invoice: string;
  readonly lines: { readonly line: number; readonly amountCents: number }[];
  readonly reason: string;
  readonly to: Destination;
}

function creditInvoice(account: string, body: CreditBody, header: { readonly 'idempotency-key': string }) {
  return api.POST('/v1/accounts/{account}/credit-notes', { params: { path: { account }, header }, body });
}

/** What was given back of an invoice already; a refund that failed gave nothing. */
function useGivenBack(account: string, number: string): number {
  const { data: notes = [] } = useQuery(creditNotesQuery(account));
  return notes
    .filter(({ invoice, status }) => invoice === number && status !== 'failed')
    .reduce((sum, { total }) => sum + total, 0);
}
