-- INV-7: what is given back of a paid invoice, against its lines and with a reason. As final as the invoice itself: only how far the refund
-- has come does change.
alter table accounts add column next_credit_note_number integer not null default 1;

create table credit_notes (
  credit_note_id text primary key, -- account and its count: INV-1
  account_id text not null references accounts,
  number text not null,
  invoice_id text not null references invoices,
  command_id text not null,
  reason text not null,
  destination text not null check (destination in ('card', 'balance')),
  status text not null check (status in ('pending', 'refunded', 'credited', 'failed')),
  currency text not null,
  issued_at timestamptz not null,
  total bigint not null check (total > 0),
  stripe_credit_note_id text unique,
  unique (account_id, number)
);
create index credit_notes_by_invoice on credit_notes (invoice_id);
create index credit_notes_pending on credit_notes (account_id) where status = 'pending';

create table credit_note_lines (
  credit_note_id text not null references credit_notes,
  position integer not null,
  account_id text not null,
  line_id text not null,
  description text not null,
  amount bigint not null check (amount > 0),
  primary key (credit_note_id, position),
  foreign key (account_id, line_id) references invoice_lines (account_id, line_id)
);

create function refuse_credit_note_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or to_jsonb(new) - array['status', 'stripe_credit_note_id']
    is distinct from to_jsonb(old) - array['status', 'stripe_credit_note_id'] then
    raise exception 'credit note % is issued and does not change (INV-7)', old.number;
  end if;
  return new;
end $$;
create trigger credit_notes_are_final before update or delete on credit_notes
  for each row execute function refuse_credit_note_change();

create function refuse_credit_line_change() returns trigger language plpgsql as $$
begin
  raise exception 'lines of a credit note are never changed or deleted (INV-7)';
end $$;
create trigger credit_note_lines_are_final before update or delete or truncate on credit_note_lines
  for each statement execute function refuse_credit_line_change();
