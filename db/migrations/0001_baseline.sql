-- The baseline: everything there is in a new database, by idea. Tables come first, then functions, then triggers. It is frozen: a change of
-- the schema is a new file beside this one.
--
-- Amounts are integers in minor units. Instants are UTC, whole seconds, and intervals are half-open: they include their start and not their end.
-- A column is json where the order of what is inside has a meaning or is shown, and jsonb everywhere else.


-- Accounts: what every billing decision reads and writes.
-- =====================================================================================================================================

-- What is sold. A version that was published never changes, and accounts stay on theirs until they are moved (CAT-2).
create table catalogs (
  name text not null,
  version integer not null,
  digest text not null,
  body json not null, -- json: the order of plans and packs has a meaning
  primary key (name, version),
  unique (name, digest)
);

-- Clocks that are moved by hand, so that a year can be tried out in a second.
create table test_clocks (
  clock_id text primary key,
  now_at timestamptz not null
);

create table accounts (
  account_id text primary key,
  owner_id text not null,
  catalog_name text not null,
  catalog_version integer not null,
  next_catalog_version integer, -- the one it moves to at the end of what is paid (CAT-2); null: it stays
  currency text not null,
  signed_up_at timestamptz not null,
  closed_at timestamptz,

  phase text not null check (phase in ('trialing', 'free', 'active', 'past_due', 'blocked', 'canceled')),
  blocked_code text, -- why nothing is allowed
  trial_ends_at timestamptz,
  trial_notices_given integer not null,
  settled_through timestamptz not null, -- the latest instant that was worked off: nothing takes effect before it (CAL-3, CAL-4)

  payment_method jsonb,
  billing_emails jsonb not null default '[]', -- whom notices are mailed to (CRE-15)
  automatic_allocation jsonb not null,
  caps jsonb not null, -- by meter: a cap or a budget
  use_terms jsonb not null default '[]', -- what was in force for metered use, and since when: use is judged by the terms of its own date (CRE-12)
  advances jsonb not null default '[]', -- what was charged in advance and given back of it, so that nothing is given back twice (INV-7)

  next_invoice_number integer not null,
  next_credit_note_number integer not null default 1,
  next_seat_number integer not null,

  -- The head: what use and access are decided on, written with every decision and read in one round trip.
  version bigint not null default 0, -- counts decisions; what was decided on one version is written only while it is still the same
  next_due_at timestamptz, -- the earliest instant at which something changes by itself, payments apart
  head json, -- {"account", "subscription"}, as the rules know them

  -- What an account is to the outside: no billing facts.
  test_clock_id text references test_clocks, -- null: the real clock
  clock_offset_seconds bigint not null, -- how far its real clock runs ahead of the wall
  stripe_customer_id text,

  foreign key (catalog_name, catalog_version) references catalogs (name, version),
  constraint accounts_next_catalog_version foreign key (catalog_name, next_catalog_version) references catalogs (name, version)
);
-- TRI-6: one account per owner and product.
create unique index accounts_one_per_owner on accounts (catalog_name, owner_id) where closed_at is null;
create index accounts_by_owner on accounts (owner_id);
create index accounts_by_test_clock on accounts (test_clock_id) where test_clock_id is not null;
-- Whose card it is that Stripe tells of.
create index accounts_by_stripe_customer on accounts (stripe_customer_id) where stripe_customer_id is not null;
-- The operators' list is read in this order, a page at a time: past due first, then by id.
create index accounts_past_due_first on accounts ((case when phase = 'past_due' then 0 else 1 end), account_id collate "C");

-- A plan that costs money, from the moment it is chosen until it ends.
create table subscriptions (
  account_id text primary key references accounts,
  state text not null check (state in ('scheduled', 'running', 'suspended')),

  plan text not null,
  interval text not null check (interval in ('month', 'year')),
  pack text,
  contract json, -- terms agreed with one customer, in the place of the plan's (CRE-18, CAT-3); json: its attributes are shown in their order

  anchor timestamptz not null, -- every boundary is counted from it (CAL-2)
  cycle_start timestamptz not null,
  cycle_end timestamptz not null,
  meter_boundary_at timestamptz not null, -- the end of the running month of metered use (BUD-3)
  seats_at_start integer not null,
  first_paid_at timestamptz,

  change json, -- other terms that begin at the cycle's end; json: there may be a contract in it
  ending jsonb, -- how it ends at the cycle's end; beside a change, which comes back when it is resumed (CRE-19)
  awaited_terms json, -- terms that come with the payment of the open plan-change invoice (SBI-9)
  blocked_before text, -- why nothing was in force when it was chosen: the reason again if it ends without having begun (TRI-4)
  recovery_ends_at timestamptz, -- until when a suspended one's advance may still be paid, counted from its own last try (INV-5)

  check (cycle_start < cycle_end)
);

create table seats (
  account_id text not null references accounts,
  seat_number integer not null, -- counts up per account, and is never used again
  member_id text,
  added_at timestamptz not null,
  removal_requested_at timestamptz, -- it ends with the cycle (SBI-5)
  ended_at timestamptz,
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
  -- 'invited': has a role, and is no member before the first private run or visit (SEA-2, SEA-17).
  reason text check (reason in ('no_seat', 'member_disabled', 'seat_removed', 'invited')),
  reason_before text, -- the reason again where the seat that enabled them is not paid for (SBI-11)
  state_since timestamptz, -- when state or reason became what they are: people ask since when somebody has had no seat
  created_at timestamptz not null,
  enabled_at timestamptz,
  primary key (account_id, member_id),
  check ((state = 'disabled') = (reason is not null))
);

-- What an account was told. Each command is applied once, and whoever repeats it gets the same answer to the letter (invariant 6), which is
-- why answers are json: jsonb would put their fields in another order.
create table commands (
  account_id text not null references accounts,
  command_id text not null,
  digest text not null, -- of what was sent: the same id with another digest is refused
  type text not null,
  effective_at timestamptz not null,
  result json,
  refusal json,
  primary key (account_id, command_id)
);
-- Newest first, a page at a time. Commands of one instant have no order but that of their ids.
create index commands_by_time on commands (account_id, effective_at, command_id);
-- Which accounts have taken a move to another catalog version: all are told under one command id.
create index commands_of_catalog_migrations on commands (command_id) where type = 'migrateCatalog';

-- Who did what, and when (AUD-2). Only added to.
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

-- What the customer is told. Only added to.
create table notices (
  notice_id bigint generated always as identity primary key,
  account_id text not null references accounts,
  at timestamptz not null,
  kind text not null,
  detail jsonb not null,
  -- CRE-15: a notice with a key is given once. The key names the share and the cycle, and for a cap its amount, so that a raised cap warns anew.
  once_key text
);
create index notices_by_account on notices (account_id, notice_id);
create unique index notices_once on notices (account_id, once_key) where once_key is not null;

-- CAT-2: moves of all accounts of a catalog to another version, and how far each has come. No billing facts: these instants are the wall's.
create table catalog_migrations (
  migration_id text primary key,
  catalog_name text not null,
  version integer not null,
  from_versions integer[] not null, -- those that accounts were on when it began
  started_by text not null,
  started_at timestamptz not null,
  ended_at timestamptz, -- when all had been told; null: under way, or broken off
  accounts_told integer not null default 0,
  foreign key (catalog_name, version) references catalogs (name, version)
);
create index catalog_migrations_by_start on catalog_migrations (catalog_name, started_at, migration_id);


-- Invoices and credit notes.
-- =====================================================================================================================================

create table invoices (
  invoice_id text primary key, -- account, purpose, and cycle or command: the same act makes the same invoice (INV-1)
  account_id text not null references accounts,
  number text, -- null: a draft
  purpose text not null check (purpose in ('start', 'cycle', 'seats', 'plan-change', 'final')),
  status text not null check (status in ('draft', 'open', 'paid', 'void', 'uncollectible', 'carried')),
  currency text not null,
  issued_at timestamptz not null,
  due_at timestamptz, -- when a customer who is sent invoices has to pay (CRE-18); null: the card is charged
  period_start timestamptz not null,
  period_end timestamptz not null,
  total bigint not null,

  -- How far its collection has come.
  attempts integer not null,
  next_attempt_at timestamptz,
  paid_at timestamptz,
  -- What keeps the payment provider from ever taking it as it is: a bug, or a customer who was deleted there. No billing fact; it is kept so
  -- that it is told once, and seen. Null while all is well.
  collection_trouble text,

  -- What is undone where it is not paid (SBI-11, SBI-12).
  command_ids jsonb not null,
  seat_numbers jsonb not null,
  kept_seats jsonb not null default '[]', -- seats whose removal the same addition took back, as they were before it

  stripe_invoice_id text unique,
  stripe_status text,
  stripe_total bigint,
  -- INV-4: before an invoice is made at Stripe, Stripe is asked whether it has it already, by listing what it has of the customer. What was
  -- made there before this one was issued here cannot be it, so the list begins at the newest that was known by then. Both instants are
  -- Stripe's, on its clock. In a database that was restored the newest known is older: the list is longer, and never too short.
  stripe_created_at timestamptz,
  stripe_newest_at timestamptz,

  unique (account_id, number)
);
create index invoices_live on invoices (account_id) where status in ('draft', 'open');
create index invoices_newest_at_stripe on invoices (account_id, stripe_created_at) where stripe_created_at is not null;

-- A line waits without an invoice until one takes it; then it stays there.
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
  explanation json not null, -- MON-5; json: its inputs are read in the order in which they are multiplied
  carries jsonb, -- what a carried amount is for, so that nothing of it is given back before it is paid (MON-6); null on other lines
  primary key (account_id, line_id)
);
create index invoice_lines_by_invoice on invoice_lines (invoice_id);

-- INV-7: what is given back of a paid invoice, against its lines and for a reason. As final as the invoice itself: only how far the refund has
-- come changes.
create table credit_notes (
  credit_note_id text primary key, -- account and count
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
  refunded_by_hand_minor bigint not null default 0, -- what was refunded at the provider itself, which then refused this one
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
  sold jsonb, -- what the invoice's line is about: a cycle's advance, or one meter's use in a cycle
  description text not null,
  amount bigint not null check (amount > 0),
  primary key (credit_note_id, position),
  foreign key (account_id, line_id) references invoice_lines (account_id, line_id)
);


-- The usage ledger.
-- =====================================================================================================================================
--
-- The ledger is partitioned by month. An id is unique for as long as the account exists (CRE-11), which no partition can promise, so ids have
-- a narrow table of their own. Days are summed as events come in (CRE-20). Events, their ids and days have no foreign key to accounts:
-- record_usage has found the account, under its lock, before it writes, and accounts are never deleted. A key would be one more look-up for
-- every row.

-- The balance of one meter over one cycle, in the meter's smallest units. The cap (CRE-6) is decided on this row, under its lock.
create table meter_cycles (
  account_id text not null references accounts,
  meter text not null,
  cycle_start timestamptz not null,
  cycle_end timestamptz not null,
  closed_at timestamptz,

  included_units bigint not null check (included_units >= 0),
  price_minor bigint, -- overage costs so much per so many units; null: there is no overage
  price_per_units bigint,
  cap_minor bigint,

  used_included_units bigint not null check (used_included_units between 0 and included_units),
  overage_units bigint not null check (overage_units >= 0),
  trial_units bigint not null check (trial_units >= 0),
  held_units bigint not null check (held_units >= 0),
  refusals integer not null, -- events and holds that were turned away

  billed_overage_units bigint not null, -- overage that is accounted for
  -- What became of the overage as money. Where a bigger pack added to the base ("raises") and what accrued under earlier budgets ("budgets") stand
  -- as they were, so that what each let accrue is exact, and is rounded once, on its line (CRE-8, CRE-16, BUD-2, MON-2).
  bill jsonb not null default
    '{"accountedMinor": 0, "billedMinor": 0, "creditedMinor": 0, "givenUpMinor": 0, "forgivenUnits": 0, "raises": [], "budgets": []}',

  primary key (account_id, meter, cycle_start)
) with (fillfactor = 50); -- it is rewritten with every batch: room beside it keeps it on its page and out of the index

create table usage_event_ids (
  account_id text not null,
  event_id text not null,
  digest uuid, -- the first half of a SHA-256 of what was sent; null: unknown, and the event is compared by what was recorded
  occurred_at timestamptz not null, -- where in the ledger it is
  primary key (account_id, event_id)
);

-- Every accepted event, for as long as the account exists (CRE-11): what the balances are the sum of. Only added to.
create table usage_events (
  account_id text not null,
  event_id text not null,
  feature text not null,
  meter text not null,
  units bigint not null,
  included_units bigint not null,
  overage_units bigint not null,
  trial_units bigint not null,
  member_id text,
  model text,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  cycle_start timestamptz not null,
  -- How many changes of its terms the balance had seen by then, bigger packs and other budgets: it tells which overage the event can have
  -- caused (CRE-14).
  terms_changes integer not null default 0,
  constraint usage_events_have_units check (units <> 0), -- negative: given back
  check (included_units + overage_units + trial_units = units)
) partition by range (occurred_at);
create index usage_events_by_time on usage_events (account_id, occurred_at);

-- What was used on a day (UTC), by whom and with what; '' stands for nobody and for no model. Its sums are those of the ledger.
create table usage_days (
  account_id text not null,
  day date not null,
  meter text not null,
  feature text not null,
  member_id text not null,
  model text not null,
  cycle_start timestamptz not null,
  events bigint not null,
  included_units bigint not null,
  overage_units bigint not null,
  trial_units bigint not null,
  primary key (account_id, day, meter, feature, member_id, model, cycle_start)
) with (fillfactor = 70);
-- The latest day of a member's use is the last entry here, however much others have used since.
create index usage_days_by_member on usage_days (account_id, member_id, day);

-- CRE-14: a failed event is given back once. The ledger is only added to, so it gets a second row for it, with negative units and the cycle
-- and date of the first: the balances and the days stay its sum. That row is named by U+0018, "cancel", which no event's id can have, and the
-- event's id.
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


-- Holds.
-- =====================================================================================================================================

-- CRE-13: what is reserved before work starts. While a hold is open its units are part of held_units of the balance that they were reserved on.
-- Rows stay, because every repeat gets the first answer (CRE-11).
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
  -- How many rely on it: whoever was told that it is theirs, and access checks that are under way and may be told so. A check that is
  -- refused gives up its own claim, and the last one takes the hold with it. One that cannot say how it ended gives up its claim alone:
  -- whoever repeats it has the hold again. One whose process dies leaves its claim, and the hold until it expires.
  claims integer not null default 1 check (claims >= 0),
  primary key (account_id, hold_id),
  check ((state = 'captured') = (capture_digest is not null))
);
-- Whoever looks for expired ones finds them here; no timer does.
create index holds_open on holds (account_id, expires_at) where state = 'open';


-- What goes out: webhooks to the product's backend, and mail. Times here are the installation's own, not any account's (CAL-3).
-- =====================================================================================================================================

-- Every notice and audit entry, from the transaction that wrote it until somebody has made messages of it. A table that is emptied, and not a
-- cursor over the entries' numbers: numbers are given before the commit, so a later one can be seen before an earlier one, which a cursor
-- would then never see.
create table outbox (
  outbox_id bigint generated always as identity primary key,
  source text not null check (source in ('notice', 'audit', 'endpoint')),
  source_id text not null
);

create table webhook_endpoints (
  endpoint_id text primary key,
  url text not null,
  description text not null,
  event_types jsonb, -- null: all of them
  enabled boolean not null,
  secret text not null, -- in clear: messages are signed with it
  previous_secret text, -- signs too, until its time is over
  previous_secret_until timestamptz,
  rotated_by text, -- the key of the request that made the present secret: repeated, it gets the same one
  failing_since timestamptz, -- a message was given up; null again after the next one that arrives
  created_at timestamptz not null,
  check ((previous_secret is null) = (previous_secret_until is null))
);

-- Kept for 30 days, so that they can be sent again. The body is text: its very bytes are signed, at every try anew.
create table webhook_messages (
  message_id text primary key,
  type text not null,
  account_id text, -- null: about the installation
  body text not null,
  created_at timestamptz not null
);
create index webhook_messages_by_age on webhook_messages (created_at);

create table webhook_deliveries (
  delivery_id bigint generated always as identity primary key,
  message_id text not null references webhook_messages on delete cascade,
  endpoint_id text not null references webhook_endpoints on delete cascade,
  state text not null check (state in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  next_attempt_at timestamptz, -- while somebody tries: when another may, because that one has died
  unique (message_id, endpoint_id),
  check ((state = 'pending') = (next_attempt_at is not null))
);
create index webhook_deliveries_waiting on webhook_deliveries (endpoint_id, next_attempt_at) where state = 'pending';
create index webhook_deliveries_by_endpoint on webhook_deliveries (endpoint_id, delivery_id);

create table webhook_tries (
  try_id bigint generated always as identity primary key,
  delivery_id bigint not null references webhook_deliveries on delete cascade,
  at timestamptz not null,
  duration_ms integer not null,
  status integer, -- null: no answer
  problem text, -- why there was none
  response text -- the first kilobyte
);
create index webhook_tries_by_delivery on webhook_tries (delivery_id, try_id);

-- Notices that are to be mailed, one row per reader: an address that refuses mail keeps nobody else from reading. Filled only where SMTP is set up.
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


-- Stripe.
-- =====================================================================================================================================

-- What is asked of Stripe is written down before it is sent (INV-4): the key names the business act, never the try.
create table stripe_requests (
  idempotency_key text primary key,
  account_id text not null references accounts,
  parameters jsonb not null,
  outcome jsonb
);

-- Stripe's webhooks, kept as soon as they have come and worked off later. Only what names the object is kept: the object itself is fetched again
-- before it is believed. Its times are the installation's own (CAL-3).
create table stripe_inbox (
  event_id text primary key, -- Stripe delivers at least once; it is kept once
  type text not null,
  object_id text,
  received_at timestamptz not null default now(),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(), -- while somebody works on it: when another may, because that one has died
  handled_at timestamptz,
  outcome text, -- who was told, or why nobody was; while it is not handled, what went wrong last
  check (handled_at is null or outcome is not null)
);
create index stripe_inbox_waiting on stripe_inbox (next_attempt_at) where handled_at is null;


-- Who may call the API, and what was answered to requests that are not commands. No billing facts: these instants are the wall's.
-- =====================================================================================================================================

create table api_keys (
  key_id text primary key, -- the public part of the key, shown everywhere
  family_id text not null, -- the first key of a line of rotations: limits and idempotency keys are shared along it
  name text not null,
  scopes jsonb not null,
  secret_digest bytea not null check (length(secret_digest) = 32), -- SHA-256; the secret itself is nowhere
  created_at timestamptz not null,
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz,
  rotated_to text unique references api_keys
);

-- What portal tokens are signed with where no PERENNIAL_SECRET is given. The newest signs, and every one verifies until it retires.
create table portal_secrets (
  secret_id text primary key,
  secret bytea not null check (length(secret) = 32),
  created_at timestamptz not null,
  retires_at timestamptz
);
create unique index portal_secrets_one_signs on portal_secrets ((true)) where retires_at is null;

-- Codes of sign-in links that somebody has signed in with: each is good once.
create table used_sign_in_codes (
  code_id text primary key, -- named in the sealed code; who knows it cannot make the code
  ends_at timestamptz not null -- when the code would have ended anyway, and may be forgotten
);

-- Requests with an Idempotency-Key that are not commands (those are in commands). An answered one is kept: a key is one request for good.
create table idempotent_requests (
  owner text not null,
  idempotency_key text not null,
  digest text not null,
  claim_id text not null, -- who acts on it, or acted
  claimed_until timestamptz not null, -- after which whoever acted is taken for dead
  status integer, -- null while somebody acts
  answer text, -- what can be repeated of it: never a secret
  primary key (owner, idempotency_key),
  check ((status is null) = (answer is null))
);


-- Reconciliation: what was found when the books were compared (AUD-3). No billing facts: these instants are the wall's.
-- =====================================================================================================================================

create table reconciliations (
  reconciliation_id text primary key,
  started_by text not null,
  started_at timestamptz not null,
  ended_at timestamptz, -- null: under way
  accounts_looked_at integer not null default 0
);
create index reconciliations_by_start on reconciliations (started_at, reconciliation_id);

-- Accounts without a difference have no row.
create table reconciliation_differences (
  reconciliation_id text not null references reconciliations on delete cascade,
  account_id text not null,
  position integer not null,
  kind text not null,
  about text not null,
  sentence text not null,
  expected json not null, -- a number, a text, or null
  found json not null,
  primary key (reconciliation_id, account_id, position)
);


-- Functions that the engine calls.
-- =====================================================================================================================================

create function instant_text(instant timestamptz) returns text language sql immutable
  return to_char(instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');

-- What use is decided on, by account: the head, and the balances that events may still fall into. The same balances as in
-- db/account/account-statement.ts, also those of a trial for as long as it can be extended (TRI-8).
create function usage_state(ids text[]) returns json language sql stable as $$
  select coalesce(json_object_agg(a.account_id, json_build_object(
    'version', a.version,
    'nextDueAt', instant_text(a.next_due_at),
    'head', a.head,
    'place', json_build_object(
      'testClockId', a.test_clock_id, 'clockOffsetSeconds', a.clock_offset_seconds, 'stripeCustomerId', a.stripe_customer_id),
    'meterCycles', (
      select coalesce(json_agg(json_build_object(
        'meter', m.meter, 'start', instant_text(m.cycle_start), 'end', instant_text(m.cycle_end),
        'includedUnits', m.included_units, 'usedIncludedUnits', m.used_included_units, 'overageUnits', m.overage_units,
        'trialUnits', m.trial_units, 'heldUnits', m.held_units, 'priceMinor', m.price_minor, 'pricePerUnits', m.price_per_units,
        'capMinor', m.cap_minor, 'billedOverageUnits', m.billed_overage_units, 'closedAt', instant_text(m.closed_at), 'bill', m.bill,
        'refusals', m.refusals) order by m.meter, m.cycle_start), '[]')
      from meter_cycles m
      where m.account_id = a.account_id and (
        m.closed_at is null or m.billed_overage_units <> m.overage_units or m.cycle_end > a.settled_through - interval '70 days'
        or (m.cycle_start = a.signed_up_at and a.phase in ('trialing', 'blocked')))
    ))), '{}')
  from accounts a where a.account_id = any (ids)
$$;

-- Writes what was decided about many accounts, each whole or not at all, in one statement. An account is written if what it was decided on
-- is still true: its version, its balances, and that none of its events is known. Null: all were written. Else, for the others, what is true
-- now, to decide on again; they hold up nobody.
--
-- One id names one piece of work (CRE-11, CRE-13): a hold's id is its capture's, before it and after the hold is over. An event that has it is
-- another one, and is missed like an event that is known already.
--
-- Locks, always in this order: accounts (shared, by hash), balances that are opened, balances (by key); nothing else is waited for. Plans are
-- fixed: what a statistic says about a young table must not become a scan of an old one.
create function record_usage(
  waits boolean, -- for an account that is being decided about; else it is a miss
  account_ids text[], versions bigint[],
  asked_accounts text[], asked_ids text[], -- events to be refused: they may be known
  b_accounts text[], b_meters text[], b_starts timestamptz[], b_ends timestamptz[],
  b_included bigint[], b_prices bigint[], b_pers bigint[], b_caps bigint[], b_opens boolean[],
  b_was_used bigint[], b_was_overage bigint[], b_was_trial bigint[], b_was_held bigint[],
  b_used bigint[], b_overage bigint[], b_trial bigint[], b_held bigint[], b_refusals integer[],
  e_accounts text[], e_ids text[], e_digests uuid[], e_features text[], e_meters text[],
  e_included bigint[], e_overage bigint[], e_trial bigint[], e_members text[], e_models text[],
  e_occurred timestamptz[], e_recorded timestamptz[], e_cycles timestamptz[], e_terms_changes integer[],
  n_accounts text[], n_at timestamptz[], n_kinds text[], n_details jsonb[], n_keys text[]
) returns json language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan
as $$
declare
  missed text[] := '{}';
  known text[];
  changed text[];
  found bigint;
begin
  if waits then
    perform pg_advisory_xact_lock_shared(1, h) from (select distinct hashtext(id) as h from unnest(account_ids) id order by 1) hashes;
  else
    select coalesce(array_agg(id), '{}') into missed from (
      select id, pg_try_advisory_xact_lock_shared(1, hashtext(id)) as is_ours from unnest(account_ids) id
    ) tried where not is_ours;
  end if;

  select missed || coalesce(array_agg(id), '{}') into missed
    from unnest(account_ids, versions) as decided (id, version)
    where not exists (select from accounts a where a.account_id = decided.id and a.version = decided.version);

  if true = any (b_opens) then
    insert into meter_cycles (account_id, meter, cycle_start, cycle_end, included_units, used_included_units, overage_units, trial_units,
        held_units, price_minor, price_per_units, cap_minor, billed_overage_units, closed_at, refusals)
      select account, meter, starts, ends, included, 0, 0, 0, 0, price, per, cap, 0, null, 0
      from unnest(b_accounts, b_meters, b_starts, b_ends, b_included, b_prices, b_pers, b_caps, b_opens)
        as b (account, meter, starts, ends, included, price, per, cap, opens)
      where opens and account <> all (missed)
      order by account, meter, starts
      on conflict do nothing;
  end if;

  select coalesce(array_agg(account) filter (where not is_same), '{}'), count(*) into changed, found from (
    select b.account, (m.used_included_units, m.overage_units, m.trial_units, m.held_units) = (was_used, was_overage, was_trial, was_held) as is_same
    from unnest(b_accounts, b_meters, b_starts, b_was_used, b_was_overage, b_was_trial, b_was_held)
      as b (account, meter, starts, was_used, was_overage, was_trial, was_held)
    join meter_cycles m on m.account_id = b.account and m.meter = b.meter and m.cycle_start = b.starts
    where b.account <> all (missed)
    order by m.account_id, m.meter, m.cycle_start
    for update of m
  ) held;
  if found <> (select count(*) from unnest(b_accounts) account where account <> all (missed)) then
    raise exception 'a balance that was decided on is gone';
  end if;
  missed := missed || changed;

  if cardinality(asked_ids) > 0 then
    select coalesce(array_agg(distinct asked.account), '{}') into known
      from unnest(asked_accounts, asked_ids) as asked (account, id)
      join usage_event_ids i on i.account_id = asked.account and i.event_id = asked.id
      where asked.account <> all (missed);
    missed := missed || known;
  end if;

  select coalesce(array_agg(distinct work.account), '{}') into known
    from (select * from unnest(asked_accounts, asked_ids) union all select * from unnest(e_accounts, e_ids)) as work (account, id)
    join holds h on h.account_id = work.account and h.hold_id = work.id and h.state <> 'captured'
    where work.account <> all (missed);
  missed := missed || known;

  -- Hardly ever is an event sent twice, so it is not looked for first: its id refuses to be inserted.
  loop
    begin
      insert into usage_event_ids (account_id, event_id, digest, occurred_at)
        select account, id, digest, occurred
        from unnest(e_accounts, e_ids, e_digests, e_occurred) as e (account, id, digest, occurred)
        where account <> all (missed);
      exit;
    exception when unique_violation then
      select array_agg(distinct e.account) into known
        from unnest(e_accounts, e_ids) as e (account, id)
        join usage_event_ids i on i.account_id = e.account and i.event_id = e.id
        where e.account <> all (missed);
      if known is null then raise; end if;
      missed := missed || known;
    end;
  end loop;

  update meter_cycles m set
      used_included_units = used, overage_units = overage, trial_units = trial, held_units = held,
      cycle_end = ends, refusals = m.refusals + b.refusals
    from unnest(b_accounts, b_meters, b_starts, b_ends, b_used, b_overage, b_trial, b_held, b_refusals)
      as b (account, meter, starts, ends, used, overage, trial, held, refusals)
    where m.account_id = b.account and m.meter = b.meter and m.cycle_start = b.starts and b.account <> all (missed);

  insert into usage_events (account_id, event_id, feature, meter, units, included_units, overage_units, trial_units, member_id, model,
      occurred_at, recorded_at, cycle_start, terms_changes)
    select account, id, feature, meter, included + overage + trial, included, overage, trial, member, model, occurred, recorded, cycle, changes
    from unnest(e_accounts, e_ids, e_features, e_meters, e_included, e_overage, e_trial, e_members, e_models, e_occurred, e_recorded, e_cycles,
        e_terms_changes)
      as e (account, id, feature, meter, included, overage, trial, member, model, occurred, recorded, cycle, changes)
    where account <> all (missed);
  insert into usage_days as days (account_id, day, meter, feature, member_id, model, cycle_start, events, included_units,
      overage_units, trial_units)
    select account, (occurred at time zone 'UTC')::date, meter, feature, coalesce(member, ''), coalesce(model, ''), cycle,
      count(*), sum(included), sum(overage), sum(trial)
    from unnest(e_accounts, e_meters, e_features, e_members, e_models, e_occurred, e_cycles, e_included, e_overage, e_trial)
      as e (account, meter, feature, member, model, occurred, cycle, included, overage, trial)
    where account <> all (missed)
    group by 1, 2, 3, 4, 5, 6, 7
    on conflict (account_id, day, meter, feature, member_id, model, cycle_start) do update set
      events = days.events + excluded.events,
      included_units = days.included_units + excluded.included_units,
      overage_units = days.overage_units + excluded.overage_units,
      trial_units = days.trial_units + excluded.trial_units;
  if cardinality(n_accounts) > 0 then
    insert into notices (account_id, at, kind, detail, once_key)
      select account, at, kind, detail, key
      from unnest(n_accounts, n_at, n_kinds, n_details, n_keys) as n (account, at, kind, detail, key)
      where account <> all (missed)
      on conflict do nothing;
  end if;

  if missed = '{}' then return null; end if;
  return json_build_object(
    'missed', to_json(missed),
    'states', usage_state(missed),
    'held', (
      select coalesce(json_agg(json_build_object('accountId', h.account_id, 'eventId', h.hold_id)), '[]')
      from (select * from unnest(asked_accounts, asked_ids) union select * from unnest(e_accounts, e_ids)) as work (account, id)
      join holds h on h.account_id = work.account and h.hold_id = work.id and h.state <> 'captured'
      where work.account = any (missed)
    ),
    'recorded', (
      select coalesce(json_agg(json_build_object(
        'accountId', u.account_id, 'eventId', u.event_id, 'digest', replace(i.digest::text, '-', ''), 'feature', u.feature, 'meter', u.meter,
        'units', u.units, 'includedUnits', u.included_units, 'overageUnits', u.overage_units, 'trialUnits', u.trial_units,
        'memberId', u.member_id, 'model', u.model, 'occurredAt', instant_text(u.occurred_at))), '[]')
      from (select * from unnest(asked_accounts, asked_ids) union select * from unnest(e_accounts, e_ids)) as asked (account, id)
      join usage_event_ids i on i.account_id = asked.account and i.event_id = asked.id
      join usage_events u on u.account_id = i.account_id and u.occurred_at = i.occurred_at and u.event_id = i.event_id
      where asked.account = any (missed)
    ));
end $$;

-- The engine need not own its tables: db/app-rights.sql says what the role that it runs under may do. What only an owner can do, and what must
-- not be open to whoever may change a row, these two do with the owner's rights. Their search_path is fixed, so that nobody who makes a table
-- of the same name elsewhere has them write into it.

-- INV-1: the one change of what an invoice says, a draft's last one. Everything else that changes is how far its collection has come.
create function number_invoice(numbered text, new_number text, new_total bigint) returns void language plpgsql as $$
begin
  update invoices set number = new_number, total = new_total where invoice_id = numbered and number is null and status = 'draft';
  if not found then
    raise exception 'invoice % is no draft: what it says does not change (INV-1)', numbered;
  end if;
end $$;

-- Makes the month's partition of the ledger, unless it is there. Attaching it, unlike creating it in place, lets others write meanwhile. It has
-- a trigger of its own against truncating, because those of the whole ledger do not see a partition that is truncated by its name.
--
-- Whoever waited for another to make the partition must see it then. Each connection remembers what a name stands for until it next locks a
-- table, so after the wait the rows of pg_class are asked, which answer as of now.
create function make_usage_month(instant timestamptz) returns void language plpgsql as $$
declare
  first_day timestamptz := date_trunc('month', instant, 'UTC');
  next_month timestamptz := (first_day at time zone 'UTC' + interval '1 month') at time zone 'UTC';
  partition text := 'usage_events_' || to_char(first_day at time zone 'UTC', 'YYYY_MM');
begin
  if to_regclass(partition) is not null then return; end if;
  perform pg_advisory_xact_lock(hashtext('usage_events partitions'));
  if exists (select from pg_class where relname = partition and relnamespace = current_schema()::regnamespace) then return; end if;
  execute format('create table %I (like usage_events including constraints)', partition);
  execute format('create trigger usage_events_are_kept before truncate on %I for each statement execute function refuse_ledger_change()', partition);
  execute format('alter table usage_events attach partition %I for values from (%L) to (%L)', partition, first_day, next_month);
end $$;

do $$ begin
  execute format('alter function make_usage_month(timestamptz) security definer set search_path = %I, pg_temp', current_schema());
  execute format('alter function number_invoice(text, text, bigint) security definer set search_path = %I, pg_temp', current_schema());
end $$;
revoke execute on function make_usage_month(timestamptz), number_invoice(text, text, bigint) from public;


-- Triggers. Rights keep the engine's role from changing what is final; triggers keep the owner from it as well.
-- =====================================================================================================================================

-- AUD-2: what happened, happened.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed or deleted (AUD-2)', tg_table_name;
end $$;
create trigger audit_entries_are_final before update or delete or truncate on audit_entries
  for each statement execute function refuse_change();

-- INV-1: what an issued invoice says never changes; how far its collection has come does.
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

-- The day on which it is due is part of what it says.
create function refuse_other_due_date() returns trigger language plpgsql as $$
begin
  if old.number is not null and new.due_at is distinct from old.due_at then
    raise exception 'invoice % is issued and its day does not change (INV-1)', old.number;
  end if;
  return new;
end $$;
create trigger invoices_are_due_as_said before update on invoices for each row execute function refuse_other_due_date();

create function refuse_uninvoicing() returns trigger language plpgsql as $$
begin
  if old.number is not null then
    raise exception 'invoice % is issued and is not deleted (INV-1)', old.number;
  end if;
  return old;
end $$;
create trigger invoices_are_kept before delete on invoices for each row execute function refuse_uninvoicing();
create trigger invoices_are_not_truncated before truncate on invoices for each statement execute function refuse_change();

-- INV-1, INV-4: how far an invoice has come changes, but only forward. A draft is issued (open; paid, where nothing is to be collected; carried,
-- where it is too little) or discarded (void). An open one is paid, void, or given up (uncollectible); money may still come for one that was
-- given up (INV-6, CRE-18). What has ended stays so: a paid invoice that was open again would be collected twice. Rights know columns and not
-- values, so the role may set a status; this says which.
create function refuse_status_backward() returns trigger language plpgsql as $$
begin
  if (old.status, new.status) not in (
    ('draft', 'open'), ('draft', 'paid'), ('draft', 'carried'), ('draft', 'void'),
    ('open', 'paid'), ('open', 'void'), ('open', 'uncollectible'), ('uncollectible', 'paid')
  ) then
    raise exception 'invoice % is %, which does not become % (INV-1)', coalesce(old.number, old.invoice_id), old.status, new.status;
  end if;
  return new;
end $$;
create trigger invoices_go_forward before update on invoices for each row
  when (old.status is distinct from new.status) execute function refuse_status_backward();

create function note_newest_at_stripe() returns trigger language plpgsql as $$
begin
  new.stripe_newest_at := (select max(stripe_created_at) from invoices where account_id = new.account_id);
  return new;
end $$;
create trigger invoices_know_the_newest before insert on invoices for each row execute function note_newest_at_stripe();

-- INV-1: a line stays as it is once its invoice is issued. One that waits may change, and those of a draft are put in their order by the act
-- that issues it.
create function refuse_line_change() returns trigger language plpgsql as $$
begin
  if old.invoice_id is not null and exists (
    select from invoices where invoice_id = old.invoice_id and number is not null
  ) and (tg_op = 'DELETE' or to_jsonb(new) - 'position' is distinct from to_jsonb(old) - 'position') then
    raise exception 'line % stands on an issued invoice and does not change (INV-1)', old.line_id;
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger invoice_lines_are_final before update or delete on invoice_lines for each row execute function refuse_line_change();
create trigger invoice_lines_are_not_truncated before truncate on invoice_lines for each statement execute function refuse_change();

-- INV-7: of a credit note only how far the refund has come changes, and of its lines nothing.
create function refuse_credit_note_change() returns trigger language plpgsql as $$
declare
  progress constant text[] := array['status', 'stripe_credit_note_id', 'refunded_by_hand_minor'];
begin
  if tg_op = 'DELETE' or to_jsonb(new) - progress is distinct from to_jsonb(old) - progress then
    raise exception 'credit note % is issued and does not change (INV-7)', old.number;
  end if;
  return new;
end $$;
create trigger credit_notes_are_final before update or delete on credit_notes
  for each row execute function refuse_credit_note_change();
create trigger credit_notes_are_not_truncated before truncate on credit_notes for each statement execute function refuse_change();

create function refuse_credit_line_change() returns trigger language plpgsql as $$
begin
  raise exception 'lines of a credit note are never changed or deleted (INV-7)';
end $$;
create trigger credit_note_lines_are_final before update or delete or truncate on credit_note_lines
  for each statement execute function refuse_credit_line_change();

-- CRE-11: the ledger is only added to, and so are its ids and what was given back.
create function refuse_ledger_change() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger of usage is only added to (CRE-11)';
end $$;
create trigger usage_events_are_final before update or delete on usage_events
  for each row execute function refuse_ledger_change();
create trigger usage_events_are_kept before truncate on usage_events
  for each statement execute function refuse_ledger_change();
create trigger usage_event_ids_are_final before update or delete or truncate on usage_event_ids
  for each statement execute function refuse_ledger_change();
create trigger usage_reversals_are_final before update or delete or truncate on usage_reversals
  for each statement execute function refuse_ledger_change();

-- A trigger fills the outbox, and not the writers: nobody who tells an account something can forget to tell the world.
create function put_into_outbox() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'notices' then
    insert into outbox (source, source_id) select 'notice', notice_id from fresh;
  else
    insert into outbox (source, source_id) select 'audit', audit_id from fresh;
  end if;
  return null;
end $$;
create trigger notices_go_out after insert on notices
  referencing new table as fresh for each statement execute function put_into_outbox();
create trigger audit_entries_go_out after insert on audit_entries
  referencing new table as fresh for each statement execute function put_into_outbox();
