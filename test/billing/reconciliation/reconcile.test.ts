import { describe, expect, it } from 'vitest';

import type { CycleOfUse, ProviderBooks } from '../../../billing/reconciliation/books.ts';
import { compareProvider } from '../../../billing/reconciliation/compare-provider.ts';
import { compareUse } from '../../../billing/reconciliation/compare-use.ts';
import { NO_PROVIDER_BOOKS, reconcile } from '../../../billing/reconciliation/reconcile.ts';
import { AccountInMemory, catalogNamed, instant } from '../account-in-memory.ts';

/** Qodo's pack, overage in one month, which the next month's invoice has; and the books as they stand then. */
function books() {
  const account = new AccountInMemory(catalogNamed('qodo'), '2027-01-01T00:00:00Z').withCard();
  account.do('subscribe', { plan: 'pro-teams', pack: 'small', capCents: 5_000, startNow: true });
  const included = account.facts.meterCycles[0]?.includedUnits ?? 2_500;
  account.use(included + 100);
  account.until('2027-02-15T00:00:00Z');
  account.use(7);
  const use = account.facts.meterCycles.map((balance): CycleOfUse => {
    const { usedIncludedUnits: includedUnits, overageUnits, trialUnits } = balance;
    const sums = { events: 1, includedUnits, overageUnits, trialUnits };
    const units = includedUnits + overageUnits + trialUnits;
    return { meter: balance.meter, start: balance.start, balance, ledger: { ...sums, units }, days: sums };
  });
  const invoices = account.issued.map((invoice) => ({
    ...invoice,
    stripeInvoiceId: `in_${String(invoice.number)}`,
    isPaidOutside: false,
    collectionTrouble: null as string | null,
  }));
  const { catalog, facts } = account;
  const events = { known: 2, inLedger: 2, different: 2 };
  const creditNotes = [...account.creditNotes.values()];
  return {
    account: facts.account,
    ...{ catalog, use, events, invoices, creditNotes, isEnded: false },
    pendingLines: facts.pendingLines,
  };
}

type Books = ReturnType<typeof books>;

function providerOf({ invoices }: Pick<Books, 'invoices'>): ProviderBooks {
  return {
    ...NO_PROVIDER_BOOKS,
    invoices: invoices.map(({ invoiceId, total, currency, status }) => ({
      ...{ id: `in_${invoiceId}`, invoiceId, status, currency, total, charged: total, refunded: 0 },
    })),
  };
}

const sound = books();
const provider = providerOf(sound);
const [firstInvoice, secondInvoice] = sound.invoices as [Books['invoices'][number], Books['invoices'][number]];

function changedUse(change: (cycle: CycleOfUse) => CycleOfUse): Books {
  const closed = sound.use.findIndex(({ balance }) => balance?.closedAt !== null);
  return { ...sound, use: sound.use.map((cycle, index) => (index === closed ? change(cycle) : cycle)) };
}

function changedProvider(change: Partial<ProviderBooks['invoices'][number]>): ProviderBooks {
  const [first, ...others] = provider.invoices;
  return { ...provider, invoices: [{ ...first!, ...change }, ...others] };
}

const kindsOf = (found: readonly { readonly kind: string }[]): readonly string[] => found.map(({ kind }) => kind);

describe('AUD-3 what a reconciliation compares', () => {
  it('AUD-3 given sound books, with overage that was billed and use that was not yet, then nothing differs', () => {
    expect(sound.use.some(({ balance }) => balance?.closedAt !== null)).toBe(true);
    expect(reconcile(sound, provider)).toEqual([]);
  });

  it('AUD-3 given a balance, a day or an event that was changed, then it is named with what was expected and found', () => {
    const more = changedUse((cycle) => ({ ...cycle, ledger: { ...cycle.ledger, overageUnits: 101, units: 2_601 } }));
    expect(compareUse(more)).toEqual([
      expect.objectContaining({ kind: 'balance_differs_from_ledger', expected: 101, found: 100 }),
      expect.objectContaining({ kind: 'days_differ_from_ledger', expected: 101, found: 100 }),
    ]);
    const days = changedUse((cycle) => ({ ...cycle, days: { ...cycle.days, events: 2 } }));
    expect(kindsOf(reconcile(days, provider))).toEqual(['days_differ_from_ledger']);
    const units = changedUse((cycle) => ({ ...cycle, ledger: { ...cycle.ledger, units: 1 } }));
    expect(kindsOf(reconcile(units, provider))).toEqual(['use_does_not_add_up']);
    const noBalance = changedUse((cycle) => ({ ...cycle, balance: null }));
    expect(kindsOf(compareUse(noBalance))).toEqual(['balance_missing']);
    expect(kindsOf(compareUse({ ...sound, events: { known: 3, inLedger: 4, different: 2 } }))).toEqual([
      'events_lost',
      'events_doubled',
    ]);
  });

  it('AUD-3 given a line of overage that says another amount, quantity or nothing, then the cycle is named', () => {
    const withLines = (change: (amount: number, quantity: number) => object | null): Books => ({
      ...sound,
      invoices: sound.invoices.map((invoice) => {
        const lines = invoice.lines.flatMap((line) => {
          if (line.kind !== 'overage') return [line];
          const changed = change(line.amount, line.quantity);
          return changed === null ? [] : [{ ...line, ...changed }];
        });
        return { ...invoice, lines, total: lines.reduce((sum, line) => sum + line.amount, 0) };
      }),
    });
    const compared = (changed: Books) => kindsOf(reconcile(changed, providerOf(changed)));
    expect(compared(withLines((amount) => ({ amount: amount + 1 })))).toEqual(['overage_amount_differs']);
    expect(compared(withLines((_amount, quantity) => ({ quantity: quantity + 1 })))).toEqual([
      'overage_quantity_differs',
    ]);
    expect(compared(withLines(() => null))).toEqual(['overage_amount_differs']);
  });

  it('AUD-3 given a total, a number or a credit note that does not fit, then it is named', () => {
    const compared = (change: Partial<Books>) => kindsOf(reconcile({ ...sound, ...change }, provider));
    expect(compared({ account: { ...sound.account, nextInvoiceNumber: 4 } })).toEqual(['number_missing']);
    expect(compared({ account: { ...sound.account, nextInvoiceNumber: 2 } })).toEqual(['number_unexpected']);
    const invoices = sound.invoices.map((invoice, index) =>
      index === 0 ? { ...invoice, total: invoice.total + 1 } : invoice,
    );
    expect(kindsOf(reconcile({ ...sound, invoices }, providerOf({ invoices })))).toEqual(['total_is_not_its_lines']);
    const note = {
      ...{ creditNoteId: 'n', number: `${sound.account.accountId}-CN-0001`, invoiceId: firstInvoice.invoiceId },
      ...{ invoiceNumber: firstInvoice.number ?? '', commandId: 'c', reason: 'r', currency: 'usd' },
      issuedAt: instant('2027-02-01T00:00:00Z'),
      lines: [{ lineId: 'l', sold: null, description: 'd', amount: firstInvoice.total + 1 }],
      refundedByHandMinor: 0,
      total: firstInvoice.total + 1,
    };
    const account = { ...sound.account, nextCreditNoteNumber: 2 };
    const balance = [{ ...note, destination: 'balance', status: 'credited' } as const];
    expect(compared({ account, creditNotes: balance })).toEqual(['credit_line_differs', 'credited_beyond_paid']);
    const card = [{ ...note, destination: 'card', status: 'refunded' } as const];
    expect(compared({ account, creditNotes: card })).toEqual([
      'credited_beyond_paid',
      'refunds_differ_at_stripe',
      'refund_missing_at_stripe',
    ]);
  });

  it('AUD-3 given a subscription that has ended, when some of its overage is on no invoice, then it is named', () => {
    const closed = changedUse((cycle) => ({ ...cycle, balance: { ...cycle.balance!, billedOverageUnits: 0 } }));
    expect(kindsOf(reconcile({ ...closed, isEnded: true }, provider))).toContain('overage_not_billed');
  });

  it('AUD-3 INV-4 given an invoice that Stripe refuses for good, then it is named, though nothing else differs', () => {
    const invoices = sound.invoices.map((invoice, index) =>
      index === 0 ? { ...invoice, collectionTrouble: 'too many lines' } : invoice,
    );
    expect(kindsOf(compareProvider({ ...sound, invoices }, provider))).toEqual(['invoice_refused_by_stripe']);
  });

  it('AUD-3 given another total, status, payment or refund at Stripe, then it is named', () => {
    const compared = (there: ProviderBooks) => kindsOf(compareProvider(sound, there));
    expect(compared(changedProvider({ total: 1 }))).toEqual(['total_differs_at_stripe']);
    expect(compared(changedProvider({ currency: 'eur' }))).toEqual(['total_differs_at_stripe']);
    expect(compared(changedProvider({ status: 'void' }))).toEqual(['status_differs_at_stripe']);
    expect(compared(changedProvider({ charged: 2 * firstInvoice.total }))).toEqual(['paid_twice']);
    expect(compared(changedProvider({ refunded: 100 }))).toEqual(['refunds_differ_at_stripe']);
    expect(compared({ ...provider, invoices: provider.invoices.slice(1) })).toEqual(['invoice_missing_at_stripe']);
    expect(compared({ ...provider, loosePayments: [{ id: 'ch_1', amount: 500 }] })).toEqual([
      'unknown_payment_at_stripe',
    ]);
    const twice = { ...provider.invoices[0]!, id: 'in_again' };
    expect(compared({ ...provider, invoices: [...provider.invoices, twice] })).toEqual(['invoice_twice_at_stripe']);
    const unknown = { ...provider.invoices[0]!, id: 'in_strange', invoiceId: 'acme/cycle/never' };
    expect(compared({ ...provider, invoices: [...provider.invoices, unknown] })).toEqual(['unknown_invoice_at_stripe']);
    const note = { id: 'cn_1', creditNoteId: 'acme/credit/9', total: 100 };
    expect(compared({ ...provider, creditNotes: [note] })).toEqual(['unknown_refund_at_stripe']);
  });

  it('AUD-3 given an invoice that a bank transfer has paid, when its card was charged as well, then it was paid twice', () => {
    const invoices = sound.invoices.map((invoice) => ({ ...invoice, isPaidOutside: invoice === secondInvoice }));
    expect(kindsOf(compareProvider({ ...sound, invoices }, provider))).toEqual(['paid_twice']);
  });

  it('AUD-3 given what is under way, an invoice that is pushed or not tried yet and one that somebody made by hand, then nothing is named', () => {
    const open = { ...secondInvoice, status: 'open', attempts: 0, stripeInvoiceId: null } as const;
    const invoices = [firstInvoice, open];
    const first = provider.invoices[0]!;
    expect(compareProvider({ ...sound, invoices }, { ...provider, invoices: [first] })).toEqual([]);
    const draft = { ...provider.invoices[1]!, status: 'draft', total: 0, charged: 0 };
    expect(compareProvider({ ...sound, invoices }, { ...provider, invoices: [first, draft] })).toEqual([]);
    const byHand = { ...first, id: 'in_hand', invoiceId: null };
    expect(compareProvider(sound, { ...provider, invoices: [...provider.invoices, byHand] })).toEqual([]);
  });
});
