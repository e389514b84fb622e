import type { Facts, Invoice, MeterCycle } from '../../billing/model/facts.ts';
import { meterCycleFromRow } from './account-statement.ts';
import { findInvoice } from './account-pages.ts';
import type { Database, Transaction } from '../database.ts';

/** The balances that an invoice's lines are about, however old. A line names them by their start, or what it carries does. */
export async function meterCyclesOf(
  trx: Database | Transaction,
  accountId: string,
  { lines }: Pick<Invoice, 'lines'>,
): Promise<readonly MeterCycle[]> {
  const carried = lines.flatMap(({ carries = [] }) => carries.map(({ sold }) => sold.cycleStart));
  const starts = [...new Set([...lines.map(({ periodStart }) => periodStart), ...carried])];
  const rows = await trx('meterCycles')
    .where({ accountId })
    .whereIn('cycleStart', starts)
    .orderBy(['meter', 'cycleStart']);
  return rows.map(meterCycleFromRow);
}

/** Facts with an invoice that has left them, and with the balances that it is about: both may change once more. */
export async function bringBackInvoice(trx: Database | Transaction, facts: Facts, invoice: Invoice): Promise<Facts> {
  const found = await meterCyclesOf(trx, facts.account.accountId, invoice);
  const known = new Set(facts.meterCycles.map(({ meter, start }) => `${meter} ${start}`));
  const missing = found.filter(({ meter, start }) => !known.has(`${meter} ${start}`));
  return {
    ...facts,
    liveInvoices: [...facts.liveInvoices, invoice],
    meterCycles: [...facts.meterCycles, ...missing],
  };
}

/** CRE-18: facts for money that comes for an invoice; one that was given up comes back to them. */
export async function withGivenUp(trx: Database | Transaction, facts: Facts, number: string): Promise<Facts> {
  const found = await findInvoice(trx, facts.account.accountId, number);
  return found?.status === 'uncollectible' ? bringBackInvoice(trx, facts, found) : facts;
}
