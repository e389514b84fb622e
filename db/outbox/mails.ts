import type { Notice } from '../../billing/model/facts.ts';
import type { Database, Transaction } from '../database.ts';

/** A mail that is to be tried now, with what it tells. */
export interface ClaimedMail {
  readonly mailId: number;
  readonly recipient: string;
  /** Tries so far, this one included. */
  readonly attempts: number;
  readonly noticeId: number;
  readonly notice: Notice;
  readonly accountId: string;
  readonly currency: string;
}

/** Longer than a try takes: whoever claimed a mail and has not settled it by then is dead. */
const LEASE_MS = 120_000;

/** Notices are mailed to whoever the account names when they are given; a notice to nobody is not mailed. */
export async function queueMails(trx: Transaction, noticeIds: readonly string[], now: Date): Promise<void> {
  if (noticeIds.length === 0) return;
  await trx.raw(
    `insert into mails (account_id, notice_id, recipient, state, next_attempt_at)
     select n.account_id, n.notice_id, email, 'pending', ?
     from notices n join accounts a using (account_id) cross join jsonb_array_elements_text(a.billing_emails) email
     where n.notice_id = any(?::bigint[])
     on conflict do nothing`,
    [now, [...noticeIds]],
  );
}

/** Takes mails that are due; several workers may ask at once, and each gets others. */
export async function claimMails(
  db: Database,
  { limit, now }: { readonly limit: number; readonly now: Date },
): Promise<readonly ClaimedMail[]> {
  const { rows } = await db.raw<{
    rows: (Omit<ClaimedMail, 'notice'> & { at: Notice['at']; kind: string; detail: Notice['detail'] })[];
  }>(
    `update mails m set attempts = m.attempts + 1, next_attempt_at = ?
     from notices n, accounts a
     where n.notice_id = m.notice_id and a.account_id = m.account_id and m.mail_id in (
       select mail_id from mails where state = 'pending' and next_attempt_at <= ?
       order by next_attempt_at limit ? for update skip locked
     )
     returning m.mail_id, m.recipient, m.attempts, m.notice_id, m.account_id, a.currency, n.at, n.kind, n.detail`,
    [new Date(now.getTime() + LEASE_MS), now, limit],
  );
  return rows.map(({ at, kind, detail, ...mail }) => ({ ...mail, notice: { at, kind, detail } }));
}

export type MailVerdict =
  | { readonly state: 'sent' }
  | { readonly state: 'pending'; readonly nextAttemptAt: Date; readonly problem: string }
  | { readonly state: 'failed'; readonly problem: string };

export async function settleMail(db: Database, mailId: number, verdict: MailVerdict): Promise<void> {
  await db('mails')
    .where({ mailId, state: 'pending' })
    .update({ nextAttemptAt: null, ...verdict });
}
