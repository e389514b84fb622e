import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Decision } from '../../billing/schedule/decision.ts';
import { addDays } from '../../billing/calendar/instant.ts';
import type { CreditNote, Facts, Invoice, Line, NewTerms, Seat } from '../../billing/model/facts.ts';
import { UNBILLED } from '../../billing/model/use-bill.ts';
import { fromJson } from '../../db/account/json-rows.ts';
import { loadAccount } from '../../db/account/load-account.ts';
import { saveDecision } from '../../db/account/save-decision.ts';
import { type Engine, instant, openEngine } from './engine-under-test.ts';

type UsageState = Readonly<Record<string, { readonly meterCycles: readonly { readonly start: string }[] }>>;

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const MARCH = instant('2027-03-01T00:00:00Z');
const APRIL = instant('2027-04-01T00:00:00Z');
const LATER = instant('2027-04-11T12:34:56Z');
/** As a customer may well name something. */
const LIKE_AN_INSTANT = '2027-03-01T00:00:00+00:00';

function line(lineId: string, amount: number): Line {
  return {
    ...{ lineId, kind: 'base', quantity: 1, amount, periodStart: MARCH, periodEnd: APRIL },
    description: `"é" \\ ${LIKE_AN_INSTANT}`,
    explanation: { rule: 'CRE-5', formula: 'z × a', inputs: { z: 2, a: '1/3', at: LIKE_AN_INSTANT } },
  };
}

function seat(seatNumber: number, memberId: string | null): Seat {
  return { seatNumber, addedAt: MARCH, endedAt: null, memberId, removalRequestedAt: seatNumber === 2 ? LATER : null };
}

function invoice(accountId: string, count: number, status: Invoice['status']): Invoice {
  return {
    ...{ invoiceId: `${accountId}/${String(count)}`, purpose: 'cycle', status, currency: 'usd' },
    number: status === 'draft' ? null : `N-${String(count)}`,
    ...{ issuedAt: MARCH, periodStart: MARCH, periodEnd: APRIL, dueAt: LATER, total: 700, paidAt: null },
    lines: [9, 8, 7].map((each) => line(`${String(count)}.${String(each)}`, each)),
    ...{ attempts: 2, nextAttemptAt: status === 'open' ? LATER : null },
    ...{ seatNumbers: [2], keptSeats: [seat(2, null)], commandIds: [`"${String(count)}"`] },
  };
}

const terms: NewTerms = {
  ...{ plan: 'enterprise', interval: 'year', pack: null, seats: 3, caps: { zebra: 5, ape: 1 } },
  contract: {
    ...{ priceMinor: 1, seatPriceMinor: null, invoiceDueDays: 30 },
    meters: { credits: { includedPerMonth: 9, overage: null } },
    attributes: { zone: 'z', area: LIKE_AN_INSTANT },
  },
};

/** An account that has something of everything. */
function richFacts(accountId: string): Facts {
  const note: CreditNote = {
    ...{ creditNoteId: `${accountId}/CN`, number: 'CN-1', invoiceId: `${accountId}/3`, invoiceNumber: 'N-3' },
    ...{ commandId: 'c', reason: 'a gift', destination: 'card', status: 'pending', currency: 'usd', issuedAt: APRIL },
    ...{ total: 17, refundedByHandMinor: 0 },
    lines: [9, 8].map((each) => ({
      ...{ lineId: `3.${String(each)}`, description: 'd', amount: each },
      sold: each === 9 ? null : { kind: 'use', meter: 'credits', cycleStart: MARCH },
    })),
  };
  const sold = { kind: 'use', meter: 'credits', cycleStart: MARCH } as const;
  const carries = [{ sold, amountMinor: 4, isCreditTakenBack: false }];
  return {
    account: {
      ...{ accountId, ownerId: accountId, catalogName: 'qodo', catalogVersion: 1, nextCatalogVersion: null },
      ...{ currency: 'usd', signedUpAt: MARCH, phase: 'active', blockedCode: null, trialEndsAt: null },
      ...{ trialNoticesGiven: 3, paymentMethod: { paymentMethodId: 'pm_1', brand: 'visa', last4: '4242' } },
      ...{ automaticAllocation: { enabled: true, ceiling: null }, caps: { credits: 10 }, settledThrough: APRIL },
      ...{ nextInvoiceNumber: 4, nextSeatNumber: 3, nextCreditNoteNumber: 2, closedAt: null },
      useTerms: [
        {
          ...{ from: MARCH, kind: 'paid', refusedWith: null, anchor: MARCH, caps: { zebra: 1, ape: 2 } },
          meters: { credits: { includedUnits: 9, priceMinor: null, pricePerUnits: null } },
        },
      ],
      advances: [
        { cycleStart: MARCH, cycleEnd: APRIL, billedMinor: 9, givenBackMinor: 1, givenUpMinor: 2, takenBackMinor: 0 },
      ],
      billingEmails: ['a@example.com'],
    },
    subscription: {
      ...{
        plan: 'enterprise',
        interval: 'year',
        pack: null,
        contract: terms.contract,
        state: 'running',
        anchor: MARCH,
      },
      ...{
        cycle: { start: MARCH, end: APRIL },
        meterBoundaryAt: APRIL,
        seatsAtStart: 2,
        firstPaidAt: null,
        blockedBefore: null,
        recoveryEndsAt: null,
      },
      ...{ change: { kind: 'contract', terms }, ending: { kind: 'cancel' }, awaitedTerms: terms },
    },
    seats: [seat(1, LIKE_AN_INSTANT), seat(2, null)],
    members: ['b', 'a', LIKE_AN_INSTANT]
      .map((memberId, index) => ({
        ...{ memberId, login: `${memberId} "\\`, role: 'member', state: index === 0 ? 'enabled' : 'disabled' },
        ...{ reason: index === 0 ? null : 'no_seat', createdAt: index === 2 ? APRIL : MARCH, enabledAt: null },
        stateSince: index === 1 ? LATER : null,
        reasonBefore: index === 0 ? 'member_disabled' : null,
      }))
      .sort((one, other) =>
        one.createdAt + one.memberId < other.createdAt + other.memberId ? -1 : 1,
      ) as Facts['members'],
    meterCycles: [MARCH, APRIL].map((start) => ({
      ...{ meter: 'credits', start, end: start === MARCH ? APRIL : LATER, includedUnits: Number.MAX_SAFE_INTEGER },
      ...{ usedIncludedUnits: 5, overageUnits: 0, trialUnits: 0, heldUnits: 2, priceMinor: 1, pricePerUnits: null },
      bill: { ...UNBILLED, raises: [{ at: MARCH, overageUnits: 3 }] },
      ...{ capMinor: null, billedOverageUnits: 0, closedAt: start === MARCH ? APRIL : null, refusals: 1 },
    })),
    pendingLines: [line('p2', -3), { ...line('p1', 4), carries }],
    liveInvoices: [invoice(accountId, 1, 'draft'), invoice(accountId, 2, 'open')],
    pendingCreditNotes: [note],
  };
}

function decision(before: Facts | null, after: Facts, settled: readonly Invoice[]): Decision {
  return {
    ...{ commandId: null, before, after, nextDueAt: APRIL, settledInvoices: settled, settledCreditNotes: [] },
    ...{
      endedSeats: [{ ...seat(7, null), endedAt: APRIL }],
      notices: [],
      audit: [],
      result: {},
      revokedCommandIds: [],
    },
    immediate: { lines: [], seatNumbers: [], keptSeats: [] },
  };
}

describe('all of an account in one statement', () => {
  it('given an account with something of everything, then what is loaded is what was saved, value for value', async () => {
    const accountId = engine.name('rich');
    const facts = richFacts(accountId);
    const settled = [3, 4].map((count) => invoice(accountId, count, count === 3 ? 'paid' : 'void'));
    const before = { ...facts, pendingCreditNotes: [] };
    await engine.db.transaction((trx) => saveDecision(trx, decision(null, before, settled)));
    await engine.db.transaction((trx) => saveDecision(trx, decision(before, facts, [])));
    const loaded = await loadAccount(engine.db, accountId);
    expect(loaded.facts).toEqual(facts);
    // Their order has a meaning.
    expect(JSON.stringify(loaded.facts.subscription?.contract)).toBe(JSON.stringify(terms.contract));
    expect(JSON.stringify(loaded.facts.pendingLines)).toBe(JSON.stringify(facts.pendingLines));
    expect(loaded.version).toBe(2);
    expect(loaded.place.openAtStripe).toEqual([]);
    await engine.db('invoices').where({ accountId }).update({ stripeStatus: 'open' });
    const atStripe = engine.db.raw("'in_' || invoice_id");
    await engine.db('invoices').where({ accountId }).update({ stripeInvoiceId: atStripe });
    expect((await loadAccount(engine.db, accountId)).place.openAtStripe).toEqual([`${accountId}/3`, `${accountId}/4`]);
  });

  it('CRE-12 given closed cycles of any age, then a decision and a recording of use have the same ones before them', async () => {
    const accountId = engine.name('cycles');
    const facts = richFacts(accountId);
    const closed = (daysAgo: number, billedOverageUnits = 0) => ({
      ...{ ...facts.meterCycles[0]!, start: addDays(APRIL, -daysAgo - 30), end: addDays(APRIL, -daysAgo) },
      ...{ overageUnits: 0, billedOverageUnits, closedAt: addDays(APRIL, -daysAgo) },
    });
    const meterCycles = [closed(400), closed(300, 1), closed(70), closed(69), closed(0)];
    await engine.db.transaction((trx) =>
      saveDecision(trx, decision(null, { ...facts, meterCycles, pendingCreditNotes: [] }, [])),
    );
    const loaded = await loadAccount(engine.db, accountId);
    const { rows } = await engine.db.raw<{ rows: readonly { state: UsageState }[] }>('select usage_state(?) as state', [
      [accountId],
    ]);
    const known = meterCycles.filter((_, index) => [1, 3, 4].includes(index)).map(({ start }) => start);
    expect(loaded.facts.meterCycles.map(({ start }) => start)).toEqual(known);
    expect(rows[0]?.state[accountId]?.meterCycles.map(({ start }) => start)).toEqual(known);
  });

  it('given any column with an instant, then it is known as one; and a number that is no safe integer is an error', async () => {
    const { rows } = await engine.db.raw<{ rows: readonly { columnName: string; dataType: string }[] }>(
      `select distinct column_name, data_type from information_schema.columns where table_schema = current_schema() and table_name in
        ('accounts', 'subscriptions', 'seats', 'members', 'meter_cycles', 'invoices', 'invoice_lines', 'credit_notes', 'credit_note_lines')`,
    );
    for (const { columnName, dataType } of rows) {
      const isInstant =
        Object.values(fromJson<Record<string, unknown>>({ [columnName]: LIKE_AN_INSTANT }))[0] !== LIKE_AN_INSTANT;
      expect(isInstant, columnName).toBe(dataType === 'timestamp with time zone');
    }
    expect(() => fromJson(JSON.parse('{"total": 9007199254740993}') as Record<string, unknown>)).toThrow(
      /safe integer/,
    );
  });

  it('given it is read again on the same connection, then it is prepared there once', async () => {
    const prepared = await engine.db.transaction(async (trx) => {
      for (let count = 0; count < 2; count++) await loadAccount(trx, 'nobody').catch(() => null);
      return trx.raw<{ rows: readonly { name: string }[] }>(
        "select name from pg_prepared_statements where name = 'read-account'",
      );
    });
    expect(prepared.rows.map(({ name }) => name)).toEqual(['read-account']);
  });
});
