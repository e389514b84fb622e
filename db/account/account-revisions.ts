import type { Database } from '../database.ts';

/**
 * What an account's page is made of, as a short text that is another one whenever any of it is: decisions, balances, how far invoices and credit
 * notes have come, notices, the audit, holds that end by themselves, and where its test clock stands. Every part is found by its index.
 */
const READ_REVISIONS = `
  select a.account_id, md5(row(
    a.version,
    t.now_at,
    (select bit_xor(hashtextextended(m::text, 0)) from meter_cycles m where m.account_id = a.account_id),
    (select bit_xor(hashtextextended(row(
        i.invoice_id, i.status, i.attempts, i.next_attempt_at, i.paid_at, i.stripe_status, i.collection_trouble)::text, 0))
      from invoices i where i.account_id = a.account_id),
    (select bit_xor(hashtextextended(row(c.credit_note_id, c.status)::text, 0)) from credit_notes c where c.account_id = a.account_id),
    (select max(n.notice_id) from notices n where n.account_id = a.account_id),
    (select max(e.audit_id) from audit_entries e where e.account_id = a.account_id),
    (select count(*) from holds h where h.account_id = a.account_id and h.state = 'open'
      and h.expires_at > coalesce(t.now_at, now() + make_interval(secs => a.clock_offset_seconds)))
  )::text) as revision
  from accounts a left join test_clocks t on t.clock_id = a.test_clock_id
  where a.account_id = any(?)`;

/** By account; without those that there are not. */
export async function readRevisions(db: Database, accountIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await db.raw<{ rows: readonly { accountId: string; revision: string }[] }>(READ_REVISIONS, [
    [...accountIds],
  ]);
  return new Map(rows.map(({ accountId, revision }) => [accountId, revision]));
}
