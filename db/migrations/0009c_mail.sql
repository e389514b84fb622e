-- Whom the account's notices are mailed to (CRE-15).
alter table accounts add column billing_emails jsonb not null default '[]';

-- Notices that are to be mailed, one row per reader: whoever refuses keeps nobody else from reading. Filled only where SMTP is set up.
create table mails (
  mail_id bigint generated always as identity primary key,
  account_id text not null,
  notice_id bigint not null,
  recipient text not null,
  state text not null check (state in ('pending', 'sent', 'failed')),
  attempts integer not null default 0,
  next_attempt_at timestamptz, -- while somebody tries: when another may, because that one has died
  problem text,
  unique (notice_id, recipient),
  check ((state = 'pending') = (next_attempt_at is not null))
);
create index mails_waiting on mails (next_attempt_at) where state = 'pending';
