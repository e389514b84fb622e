import type { Decision } from '../../billing/schedule/decision.ts';
import type { Invoice, MeterCycle, Subscription } from '../../billing/model/facts.ts';
import { creditNoteWrites } from './credit-notes.ts';
import { type Queryable, write } from '../run-statement.ts';
import type { AccountPlace } from '../tables.ts';
import { type AccountToWrite, type Write, writeTogether } from './write-together.ts';

/**
 * Writes all of a decision, in the caller's transaction, under the account's exclusive lock. Rows that the decision left alone are
 * the same objects before and after; only others are written, so a decision that changes nothing writes nothing.
 */
export async function saveDecision(
  on: Queryable,
  decision: Decision,
  { place, tried }: { readonly place?: AccountPlace; readonly tried?: TriedInvoice } = {},
): Promise<void> {
  const { before, after } = decision;
  const { accountId } = after.account;
  const invoices = [...changed(before?.liveInvoices, after.liveInvoices), ...decision.settledInvoices];
  await numberDrafts(on, invoices, before?.liveInvoices ?? []);
  if (before?.subscription != null && after.subscription === null) await endSubscription(on, accountId);
  const isOther = after.subscription !== null && after.subscription !== before?.subscription;
  const writes: readonly Write[] = [
    { table: 'subscriptions', key: ['accountId'], rows: isOther ? [subscriptionRow(after.subscription)] : [] },
    {
      table: 'seats',
      key: ['accountId', 'seatNumber'],
      rows: [...changed(before?.seats, after.seats), ...decision.endedSeats],
    },
    { table: 'members', key: ['accountId', 'memberId'], rows: changed(before?.members, after.members) },
    {
      table: 'meterCycles',
      key: ['accountId', 'meter', 'cycleStart'],
      rows: changed(before?.meterCycles, after.meterCycles).map(meterCycleRow),
    },
    ...invoiceWrites(invoices, before?.liveInvoices ?? [], tried),
    ...lineWrites(decision, invoices),
    ...creditNoteWrites([
      ...changed(before?.pendingCreditNotes, after.pendingCreditNotes),
      ...decision.settledCreditNotes,
    ]),
    { table: 'notices', key: null, rows: decision.notices },
    { table: 'auditEntries', key: null, rows: decision.audit },
  ];
  await writeTogether(on, accountRow(decision, place), writes);
}

function endSubscription(on: Queryable, accountId: string): Promise<void> {
  const text = 'delete from subscriptions where account_id = $1';
  return write(on, { name: 'end-subscription', text, values: [accountId] });
}

function changed<Row>(before: readonly Row[] | undefined, after: readonly Row[]): readonly Row[] {
  const known = new Set(before);
  return after.filter((row) => !known.has(row));
}

/** Its head is what usage and access read; border fields are written once. */
function accountRow({ before, after, nextDueAt }: Decision, place: AccountPlace | undefined): AccountToWrite {
  const { account, subscription } = after;
  const row = { ...account, nextDueAt, head: { account, subscription } };
  const border = place ?? { testClockId: null, clockOffsetSeconds: 0, stripeCustomerId: null };
  return before === null ? { isNew: true, row: { ...row, ...border, version: 1 } } : { isNew: false, row };
}

function subscriptionRow({ cycle, ...terms }: Subscription): object {
  return { ...terms, cycleStart: cycle.start, cycleEnd: cycle.end };
}

function meterCycleRow(
  cycle: MeterCycle,
): Omit<MeterCycle, 'start' | 'end'> & { cycleStart: string; cycleEnd: string } {
  const { start, end, ...balance } = cycle;
  return { ...balance, cycleStart: start, cycleEnd: end };
}

/** INV-1: what a draft says last. */
async function numberDrafts(on: Queryable, invoices: readonly Invoice[], known: readonly Invoice[]): Promise<void> {
  const drafts = new Set(known.filter(({ number }) => number === null).map(({ invoiceId }) => invoiceId));
  for (const { invoiceId, number, total } of invoices) {
    if (number !== null && drafts.has(invoiceId)) {
      const text = 'select number_invoice($1, $2, $3)';
      await write(on, { name: 'number-invoice', text, values: [invoiceId, number, total] });
    }
  }
}

/** How far its collection has come: all that changes of an invoice that is known. */
const COLLECTION = ['status', 'attempts', 'nextAttemptAt', 'paidAt', 'seatNumbers', 'keptSeats', 'commandIds'];

/** An invoice that was tried to be collected, and how it stands at Stripe after that; null: as noted. Nothing keeps it from being collected any more. */
export interface TriedInvoice {
  readonly invoiceId: string;
  readonly stripeStatus: string | null;
}

/** What is issued is written once (INV-1): of known rows a few columns change, and a new one whose id is taken is an error. */
function invoiceWrites(
  invoices: readonly Invoice[],
  known: readonly Invoice[],
  tried: TriedInvoice | undefined,
): readonly Write[] {
  const table = 'invoices';
  const ids = new Set(known.map(({ invoiceId }) => invoiceId));
  const rows = invoices.map(({ lines: _lines, ...invoice }) => invoice);
  const issued = rows.filter(({ invoiceId }) => ids.has(invoiceId));
  const stripeStatus = tried?.stripeStatus ?? null;
  const there = { collectionTrouble: null, ...(stripeStatus === null ? {} : { stripeStatus }) };
  const asKnown = { table, key: ['invoiceId'], areThere: true };
  return [
    { ...asKnown, may: COLLECTION, rows: issued.filter((row) => row.invoiceId !== tried?.invoiceId) },
    {
      ...asKnown,
      may: [...COLLECTION, ...Object.keys(there)],
      rows: issued.filter((row) => row.invoiceId === tried?.invoiceId).map((row) => ({ ...row, ...there })),
    },
    { table, key: null, rows: rows.filter(({ invoiceId }) => !ids.has(invoiceId)) },
  ];
}

/** A line says what it says from the start; it only gets its invoice, and its place there. */
function lineWrites({ before, after }: Decision, invoices: readonly Invoice[]): readonly Write[] {
  const live = before?.liveInvoices ?? [];
  const known = [...live.flatMap(({ lines }) => lines), ...(before?.pendingLines ?? [])];
  const ids = new Set(known.map(({ lineId }) => lineId));
  // A try to collect changes an invoice, not its lines.
  const written = new Set(live.map(({ lines }) => lines));
  const rows = [
    ...invoices
      .filter(({ lines }) => !written.has(lines))
      .flatMap(({ invoiceId, lines }) => lines.map((line, position) => ({ ...line, invoiceId, position }))),
    ...changed(before?.pendingLines, after.pendingLines).map((line, position) => ({
      ...line,
      invoiceId: null,
      position,
    })),
  ];
  const table = 'invoiceLines';
  return [
    {
      table,
      key: ['accountId', 'lineId'],
      areThere: true,
      may: ['invoiceId', 'position'],
      rows: rows.filter(({ lineId }) => ids.has(lineId)),
    },
    { table, key: null, rows: rows.filter(({ lineId }) => !ids.has(lineId)) },
  ];
}
