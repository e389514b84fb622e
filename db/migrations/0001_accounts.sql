-- Accounts and everything a billing decision reads or writes. Amounts are minor units; instants are UTC, whole seconds, half-open.

create table catalogs (
  name text not null,
  version integer not null,
  digest text not null,
  body json not null, -- json, not jsonb: the order of plans and packs has a meaning
  primary key (name, version),
  unique (name, digest)
);

create table test_clocks (
  clock_id text primary key,
  now_at timestamptz not null
);

create table accounts (
  account_id text primary key,
  owner_id text not null,
  catalog_name text not null,
  catalog_version integer not null,
  currency text not null,
  signed_up_at timestamptz not null,
  phase text not null check (phase in ('trialing', 'free', 'active', 'past_due', 'blocked', 'canceled')),
  blocked_code text,
  trial_ends_at timestamptz,
  trial_notices_given integer not null,
  payment_method jsonb,
  automatic_allocation jsonb not null,
  caps jsonb not null,
  settled_through timestamptz not null,
  next_invoice_number integer not null,
  next_seat_number integer not null,
  closed_at timestamptz,
  test_clock_id text references test_clocks,
  clock_offset_seconds bigint not null,
  stripe_customer_id text,
  foreign key (catalog_name, catalog_version) references catalogs (name, version)
);
-- TRI-6: one account per owner and product.
create unique index accounts_one_per_owner on accounts (catalog_name, owner_id) where closed_at is null;
create index accounts_by_owner on accounts (owner_id);
create index accounts_by_test_clock on accounts (test_clock_id) where test_clock_id is not null;

create table subscriptions (
  account_id text primary key references accounts,
  plan text not null,
  interval text not null check (interval in ('month', 'year')),
  pack text,
  state text not null check (state in ('scheduled', 'running', 'suspended')),
  anchor timestamptz not null,
  cycle_start timestamptz not null,
  cycle_end timestamptz not null,
  meter_boundary_at timestamptz not null,
  seats_at_start integer not null,
  first_paid_at timestamptz,
  change jsonb,
  check (cycle_start < cycle_end)
);

create table seats (
  account_id text not null references accounts,
  seat_number integer not null,
  added_at timestamptz not null,
  ended_at timestamptz,
  member_id text,
  removal_requested_at timestamptz,
  primary key (account_id, seat_number)
);
-- SEA-6: nobody sits on two seats.
create unique index seats_one_per_member on seats (account_id, member_id) where member_id is not null and ended_at is null;

create table members (
  account_id text not null references accounts,
  member_id text not null,
  login text not null,
  role text not null check (role in ('admin', 'member')),
  state text not null check (state in ('enabled', 'disabled')),
  reason text check (reason in ('no_seat', 'member_disabled', 'seat_removed')),
  created_at timestamptz not null,
  enabled_at timestamptz,
  primary key (account_id, member_id),
  check ((state = 'disabled') = (reason is not null))
);

-- The balance of one meter over one cycle, in the meter's smallest units. CRE-6 is decided on this row, under its lock.
create table meter_cycles (
  account_id text not null references accounts,
  meter text not null,
  cycle_start timestamptz not null,
  cycle_end timestamptz not null,
  included_units bigint not null check (included_units >= 0),
  used_included_units bigint not null check (used_included_units between 0 and included_units),
  overage_units bigint not null check (overage_units >= 0),
  trial_units bigint not null check (trial_units >= 0),
  held_units bigint not null check (held_units >= 0),
  price_minor bigint,
  price_per_units bigint,
  cap_minor bigint,
  billed_overage_units bigint not null,
  closed_at timestamptz,
  refusals integer not null,
  primary key (account_id, meter, cycle_start)
);

-- Every accepted event, for as long as the account exists (CRE-11): the ledger that the balances are the sum of.
create table usage_events (
  account_id text not null references accounts,
  event_id text not null,
  digest text not null,
  feature text not null,
  meter text not null,
  units bigint not null check (units > 0),
  included_units bigint not null,
  overage_units bigint not null,
  trial_units bigint not null,
  member_id text,
  model text,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  cycle_start timestamptz not null,
  primary key (account_id, event_id),
  check (included_units + overage_units + trial_units = units)
);
create index usage_events_by_time on usage_events (account_id, occurred_at);

create table invoices (
  invoice_id text primary key, -- account, purpose and cycle or command: INV-1
  account_id text not null references accounts,
  number text,
  purpose text not null check (purpose in ('start', 'cycle', 'seats', 'plan-change', 'final')),
  status text not null check (status in ('draft', 'open', 'paid', 'void', 'uncollectible', 'carried')),
  currency text not null,
  issued_at timestamptz not null,
  period_start timestamptz not null,
  period_end timestamptz not null,
  total bigint not null,
  attempts integer not null,
  next_attempt_at timestamptz,
  paid_at timestamptz,
  seat_numbers jsonb not null,
  command_ids jsonb not null,
  stripe_invoice_id text unique,
  stripe_status text,
  stripe_total bigint,
  unique (account_id, number)
);
create index invoices_live on invoices (account_id) where status in ('draft', 'open');

-- Lines wait without an invoice until one takes them; then they stay on it.
create table invoice_lines (
  account_id text not null references accounts,
  line_id text not null,
  invoice_id text references invoices,
  position integer not null,
  kind text not null check (kind in ('base', 'seats', 'proration', 'overage', 'credit', 'adjustment', 'carried')),
  quantity bigint not null,
  amount bigint not null,
  period_start timestamptz not null,
  period_end timestamptz not null,
  description text not null,
  explanation json not null, -- json: its inputs are read in the order in which they are multiplied
  primary key (account_id, line_id)
);
create index invoice_lines_by_invoice on invoice_lines (invoice_id);

create table notices (
  notice_id bigint generated always as identity primary key,
  account_id text not null references accounts,
  at timestamptz not null,
  kind text not null,
  detail jsonb not null
);
create index notices_by_account on notices (account_id, notice_id);

create table audit_entries (
  audit_id bigint generated always as identity primary key,
  account_id text not null references accounts,
  at timestamptz not null,
  actor text not null,
  action text not null,
  before jsonb,
  after jsonb
);
create index audit_entries_by_account on audit_entries (account_id, audit_id);

-- A command is applied once; whoever repeats it reads the answer here.
create table commands (
  account_id text not null references accounts,
  command_id text not null,
  digest text not null,
  type text not null,
  effective_at timestamptz not null,
  result jsonb,
  refusal jsonb,
  primary key (account_id, command_id)
);

-- What is asked of Stripe is written down before it is sent (INV-4): the key names the business act, never the try.
create table stripe_requests (
  idempotency_key text primary key,
  account_id text not null references accounts,
  parameters jsonb not null,
  outcome jsonb
);

-- AUD-2: what happened, happened.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed or deleted (AUD-2)', tg_table_name;
end $$;
create trigger audit_entries_are_final before update or delete or truncate on audit_entries
  for each statement execute function refuse_change();

-- INV-1: an issued invoice never changes in what it says; only how far its collection has come does.
create function refuse_reissue() returns trigger language plpgsql as $$
begin
  if old.number is not null and (
    new.number, new.total, new.currency, new.issued_at, new.period_start, new.period_end, new.purpose, new.account_id
  ) is distinct from (
    old.number, old.total, old.currency, old.issued_at, old.period_start, old.period_end, old.purpose, old.account_id
  ) then
    raise exception 'invoice % is issued and does not change (INV-1)', old.number;
  end if;
  return new;
end $$;
create trigger invoices_are_final before update on invoices for each row execute function refuse_reissue();
