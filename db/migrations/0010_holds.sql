-- CRE-13: what is reserved before work starts. Its units are part of held_units of the balance that they were reserved on for as long as the
-- hold is open. Rows stay, because the first answer is given to every repeat (CRE-11).
create table holds (
  account_id text not null references accounts,
  hold_id text not null,
  digest text not null,
  feature text not null,
  meter text not null,
  units bigint not null check (units > 0),
  member_id text,
  model text,
  cycle_start timestamptz not null,
  placed_at timestamptz not null,
  expires_at timestamptz not null,
  state text not null default 'open' check (state in ('open', 'captured', 'released', 'expired')),
  capture_digest text,
  primary key (account_id, hold_id),
  check ((state = 'captured') = (capture_digest is not null))
);
-- Whoever looks for expired ones finds them here; no timer does.
create index holds_open on holds (account_id, expires_at) where state = 'open';

-- CRE-14: an event that failed is given back once. The ledger is only added to, so it gets a second row for it, with negative units and
-- the cycle and date of the first: the balances, and the days, stay its sum. That row is named by U+0018, "cancel", which no id of an
-- event can have, and the event's id.
create table usage_reversals (
  account_id text not null references accounts,
  event_id text not null,
  meter text not null,
  included_units bigint not null,
  overage_units bigint not null,
  trial_units bigint not null,
  reversed_at timestamptz not null,
  primary key (account_id, event_id)
);

-- Found by what it says: its name was given by Postgres. A partition that was made alone and then attached has the check for itself, so it is
-- looked for again after the whole table's is gone.
do $$
declare
  found record;
begin
  for found in
    select conrelid::regclass as part, conname from pg_constraint
    where contype = 'c' and pg_get_constraintdef(oid) = 'CHECK ((units > 0))' and conrelid = 'usage_events'::regclass
  loop
    execute format('alter table %s drop constraint %I', found.part, found.conname);
  end loop;
  for found in
    select conrelid::regclass as part, conname from pg_constraint join pg_inherits on inhrelid = conrelid
    where contype = 'c' and pg_get_constraintdef(pg_constraint.oid) = 'CHECK ((units > 0))' and inhparent = 'usage_events'::regclass
  loop
    execute format('alter table %s drop constraint %I', found.part, found.conname);
  end loop;
  alter table usage_events add constraint usage_events_have_units check (units <> 0);
end $$;
