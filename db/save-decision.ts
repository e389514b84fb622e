import type { Decision } from '../billing/account/decision.ts';
import type { Invoice, Line, MeterCycle, Subscription } from '../billing/facts/facts.ts';
import { saveCreditNotes } from './credit-notes.ts';
import type { Transaction } from './database.ts';
import type { AccountPlace } from './tables.ts';

/**
 * Writes all of a decision, in the caller's transaction, under the account's exclusive lock. Rows that the decision left alone are
 * the same objects before and after; only others are written, so a decision that changes nothing writes nothing.
 */
export async function saveDecision(trx: Transaction, decision: Decision, place?: AccountPlace): Promise<void> {
  const { before, after } = decision;
  const { accountId } = after.account;
  await saveAccount(trx, decision, place);
  await saveSubscription(trx, accountId, before?.subscription ?? null, after.subscription);
  const seats = [...changed(before?.seats, after.seats), ...decision.endedSeats];
  await upsert(trx, 'seats', ['accountId', 'seatNumber'], owned(accountId, seats));
  await upsert(trx, 'members', ['accountId', 'memberId'], owned(accountId, changed(before?.members, after.members)));
  const cycles = changed(before?.meterCycles, after.meterCycles).map(meterCycleRow);
  await upsert(trx, 'meterCycles', ['accountId', 'meter', 'cycleStart'], owned(accountId, cycles));
  const invoices = [...changed(before?.liveInvoices, after.liveInvoices), ...decision.settledInvoices];
  await saveInvoices(trx, accountId, invoices, before?.liveInvoices ?? []);
  const creditNotes = [
    ...changed(before?.pendingCreditNotes, after.pendingCreditNotes),
    ...decision.settledCreditNotes,
  ];
  await saveCreditNotes(trx, accountId, creditNotes);
  await saveLines(trx, accountId, decision, invoices);
  await append(
    trx,
    'notices',
    owned(
      accountId,
      decision.notices.map((notice) => ({ ...notice, detail: json(notice.detail) })),
    ),
  );
  const audit = decision.audit.map((entry) => ({ ...entry, before: json(entry.before), after: json(entry.after) }));
  await append(trx, 'auditEntries', owned(accountId, audit));
}

function changed<Row>(before: readonly Row[] | undefined, after: readonly Row[]): readonly Row[] {
  const known = new Set(before);
  return after.filter((row) => !known.has(row));
}

function owned<Row extends object>(accountId: string, rows: readonly Row[]): readonly (Row & { accountId: string })[] {
  return rows.map((row) => ({ accountId, ...row }));
}

/** Arrays need it: the driver would write them as Postgres arrays. */
function json(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

/** The row is written with every decision: its head is what usage and access read, and its version tells that it is another. */
async function saveAccount(
  trx: Transaction,
  { before, after, nextDueAt }: Decision,
  place: AccountPlace | undefined,
): Promise<void> {
  const { account, subscription } = after;
  const row = {
    ...account,
    paymentMethod: json(account.paymentMethod),
    automaticAllocation: json(account.automaticAllocation),
    caps: json(account.caps),
    billingEmails: json(account.billingEmails),
    nextDueAt,
    head: json({ account, subscription }),
  };
  if (before === null) {
    const border = place ?? { testClockId: null, clockOffsetSeconds: 0, stripeCustomerId: null };
    await trx('accounts').insert({ ...row, ...border, version: 1 });
  } else {
    const version = trx.raw('version + 1');
    await trx('accounts')
      .where({ accountId: account.accountId })
      .update({ ...row, version });
  }
}

async function saveSubscription(
  trx: Transaction,
  accountId: string,
  before: Subscription | null,
  after: Subscription | null,
): Promise<void> {
  if (before === after) return;
  if (after === null) {
    await trx('subscriptions').where({ accountId }).delete();
    return;
  }
  const { cycle, change, contract, awaitedTerms, ...terms } = after;
  const documents = { change: json(change), contract: json(contract), awaitedTerms: json(awaitedTerms) };
  const row = { accountId, ...terms, cycleStart: cycle.start, cycleEnd: cycle.end, ...documents };
  await upsert(trx, 'subscriptions', ['accountId'], [row]);
}

function meterCycleRow(
  cycle: MeterCycle,
): Omit<MeterCycle, 'start' | 'end'> & { cycleStart: string; cycleEnd: string } {
  const { start, end, ...balance } = cycle;
  return { ...balance, cycleStart: start, cycleEnd: end };
}

/** How far its collection has come: all that changes of an invoice that is known. */
const COLLECTION = ['status', 'attempts', 'nextAttemptAt', 'paidAt', 'seatNumbers', 'keptSeats', 'commandIds'];

async function saveInvoices(
  trx: Transaction,
  accountId: string,
  invoices: readonly Invoice[],
  known: readonly Invoice[],
): Promise<void> {
  const drafts = new Set(known.filter(({ number }) => number === null).map(({ invoiceId }) => invoiceId));
  for (const { invoiceId, number, total } of invoices) {
    if (number !== null && drafts.has(invoiceId)) {
      await trx.raw('select number_invoice(?, ?, ?)', [invoiceId, number, total]);
    }
  }
  const rows = invoices.map(({ lines: _lines, seatNumbers, keptSeats, commandIds, ...invoice }) => ({
    ...invoice,
    seatNumbers: json(seatNumbers),
    keptSeats: json(keptSeats),
    commandIds: json(commandIds),
  }));
  const ids = new Set(known.map(({ invoiceId }) => invoiceId));
  const isKnown = ({ invoiceId }: { readonly invoiceId: string }): boolean => ids.has(invoiceId);
  await write(trx, 'invoices', { key: ['invoiceId'], may: COLLECTION, isKnown }, owned(accountId, rows));
}

/** A line says what it says from the start; it only gets its invoice, and its place there. */
async function saveLines(
  trx: Transaction,
  accountId: string,
  { before, after }: Decision,
  invoices: readonly Invoice[],
): Promise<void> {
  const live = before?.liveInvoices ?? [];
  const known = [...live.flatMap(({ lines }) => lines), ...(before?.pendingLines ?? [])];
  const ids = new Set(known.map(({ lineId }) => lineId));
  // A try to collect changes an invoice, not its lines.
  const written = new Set(live.map(({ lines }) => lines));
  const rows = [
    ...invoices
      .filter(({ lines }) => !written.has(lines))
      .flatMap(({ invoiceId, lines }) => lines.map((line, index) => lineRow(line, invoiceId, index))),
    ...changed(before?.pendingLines, after.pendingLines).map((line, index) => lineRow(line, null, index)),
  ];
  const isKnown = ({ lineId }: { readonly lineId: string }): boolean => ids.has(lineId);
  const may = ['invoiceId', 'position'];
  await write(trx, 'invoiceLines', { key: ['accountId', 'lineId'], may, isKnown }, owned(accountId, rows));
}

type LineToWrite = Omit<Line, 'explanation'> & {
  readonly invoiceId: string | null;
  readonly position: number;
  readonly explanation: string | null;
};

function lineRow(line: Line, invoiceId: string | null, position: number): LineToWrite {
  return { ...line, invoiceId, position, explanation: json(line.explanation) };
}

async function upsert(trx: Transaction, table: string, key: readonly string[], rows: readonly object[]): Promise<void> {
  if (rows.length > 0) await trx(table).insert(rows).onConflict(key).merge();
}

interface Writing<Row> {
  readonly key: readonly string[];
  /** The columns that may change. */
  readonly may: readonly string[];
  readonly isKnown: (row: Row) => boolean;
}

/** What is issued is written once (INV-1): of known rows a few columns change, and a new one whose id is taken is an error. */
async function write<Row extends object>(
  trx: Transaction,
  table: string,
  { key, may, isKnown }: Writing<Row>,
  rows: readonly Row[],
): Promise<void> {
  const known = rows.filter(isKnown);
  if (known.length > 0) await trx(table).insert(known).onConflict(key).merge(may);
  const fresh = rows.filter((row) => !isKnown(row));
  if (fresh.length > 0) await trx(table).insert(fresh);
}

async function append(trx: Transaction, table: string, rows: readonly object[]): Promise<void> {
  if (rows.length > 0) await trx(table).insert(rows);
}
