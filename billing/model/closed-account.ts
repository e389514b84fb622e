import type { Facts } from './facts.ts';
import { Refusal } from '../refusal.ts';
import type { CommandType } from './command.ts';

/** What a closed account still takes: what is owed may be paid, by another card too, and what was paid may be given back. */
const AFTER_CLOSING: ReadonlySet<CommandType> = new Set<CommandType>([
  'setPaymentMethod',
  'payInvoice',
  'recordPayment',
  'payOut',
  'creditInvoice',
]);

export function isTakenAfterClosing(type: CommandType): boolean {
  return AFTER_CLOSING.has(type);
}

/** @throws Refusal `account_closed` for whatever a closed account does not take any more. */
export function assertNotClosed({ account, liveInvoices }: Facts, type: CommandType): void {
  if (account.closedAt === null) return;
  const owes = liveInvoices.some(({ status }) => status === 'open' || status === 'uncollectible');
  if (type === 'creditInvoice' || type === 'payOut' || (isTakenAfterClosing(type) && owes)) return;
  throw accountClosed(account.accountId);
}

export function accountClosed(accountId: string): Refusal {
  return new Refusal({
    code: 'account_closed',
    message: `The account ${accountId} is closed. Its data stays readable.`,
  });
}
