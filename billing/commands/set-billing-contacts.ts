import { changeAccount, recordAudit, type Turn } from '../model/turn.ts';
import type { CommandBodies } from '../model/command.ts';

/**
 * Whom the account's notices are mailed to (CRE-15). The audit says how many, not who: entries are kept for ever, and an address is a
 * person's.
 */
export function setBillingContacts(
  turn: Turn,
  { emails }: CommandBodies['setBillingContacts'],
): Readonly<Record<string, unknown>> {
  const before = turn.facts.account.billingEmails;
  const after = [...new Set(emails)];
  if (JSON.stringify(before) === JSON.stringify(after)) return { emails: after };
  changeAccount(turn, { billingEmails: after });
  recordAudit(turn, 'billing_contacts.set', { count: before.length }, { count: after.length });
  return { emails: after };
}
