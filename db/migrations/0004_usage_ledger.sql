-- Use at speed. The ledger of events is partitioned by month; ids are unique for as long as the account exists (CRE-11), which no
-- partition can promise, so they have a narrow table of their own. Days are summed as events come in (CRE-20).
--
-- The three tables have no foreign key to accounts: record_usage has found the account, under its lock, before it writes, and accounts
-- are never deleted. A key would be looked up once more for every row.

create table usage_event_ids (
  account_id text not null,
  event_id text not null,
  digest uuid, -- the first half of a SHA-256 of what was sent; null for events from before this migration
  occurred_at timestamptz not null, -- where in the ledger it is
  primary key (account_id, event_id)
);

alter table usage_events rename to usage_events_before;
drop index usage_events_by_time;

create table usage_events (
  account_id text not null,
  event_id text not null,
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
  check (included_units + overage_units + trial_units = units)
) partition by range (occurred_at);
create index usage_events_by_time on usage_events (account_id, occurred_at);

create function refuse_ledger_change() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger of usage is only added to (CRE-11)';
end $$;
create trigger usage_events_are_final before update or delete on usage_events
  for each row execute function refuse_ledger_change();
create trigger usage_events_are_kept before truncate on usage_events
  for each statement execute function refuse_ledger_change();

-- Makes the month's partition of the ledger, unless it is there. Attaching, unlike creating in place, lets others write meanwhile.
create function make_usage_month(instant timestamptz) returns void language plpgsql as $$
declare
  first_day timestamptz := date_trunc('month', instant, 'UTC');
  next_month timestamptz := (first_day at time zone 'UTC' + interval '1 month') at time zone 'UTC';
  partition text := 'usage_events_' || to_char(first_day at time zone 'UTC', 'YYYY_MM');
begin
  if to_regclass(partition) is not null then return; end if;
  perform pg_advisory_xact_lock(hashtext('usage_events partitions'));
  if to_regclass(partition) is not null then return; end if;
  execute format('create table %I (like usage_events including constraints)', partition);
  execute format('alter table usage_events attach partition %I for values from (%L) to (%L)', partition, first_day, next_month);
end $$;

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

select make_usage_month(month) from (select distinct date_trunc('month', occurred_at, 'UTC') as month from usage_events_before) months;
insert into usage_event_ids select account_id, event_id, null, occurred_at from usage_events_before;
insert into usage_events
  select account_id, event_id, feature, meter, units, included_units, overage_units, trial_units, member_id, model,
    occurred_at, recorded_at, cycle_start
  from usage_events_before;
insert into usage_days
  select account_id, (occurred_at at time zone 'UTC')::date, meter, feature, coalesce(member_id, ''), coalesce(model, ''), cycle_start,
    count(*), sum(included_units), sum(overage_units), sum(trial_units)
  from usage_events_before group by 1, 2, 3, 4, 5, 6, 7;
drop table usage_events_before;

-- A balance is rewritten with every batch: room beside it keeps it on its page and out of the index.
alter table meter_cycles set (fillfactor = 50);

-- CRE-15: a notice that has a key is given once. The key names the share and the cycle, and for a cap its amount: a raised one re-arms.
alter table notices add column once_key text;
create unique index notices_once on notices (account_id, once_key) where once_key is not null;

create function instant_text(instant timestamptz) returns text language sql immutable
  return to_char(instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');

-- What use is decided on, by account: the head, and the balances that events may still fall into (as loadMeterCycles has it).
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
        'capMinor', m.cap_minor, 'billedOverageUnits', m.billed_overage_units, 'closedAt', instant_text(m.closed_at),
        'refusals', m.refusals) order by m.meter, m.cycle_start), '[]')
      from meter_cycles m
      where m.account_id = a.account_id and (
        m.closed_at is null or m.billed_overage_units <> m.overage_units or m.cycle_end > a.settled_through - interval '70 days')
    ))), '{}')
  from accounts a where a.account_id = any (ids)
$$;

-- Writes what was decided about many accounts, each whole or not at all, in one statement. An account is written if what it was decided
-- on is still true: its version, its balances, and that none of its events is known. Null: all were written. Else, for the others,
-- what is true now, to decide on again; they hold up nobody.
--
-- Locks, always in this order: accounts (shared, by hash), balances that are opened, balances (by key); nothing else is waited for.
-- Plans are fixed: what a statistic says about a young table must not become a scan of an old one.
create function record_usage(
  waits boolean, -- for an account that is being decided about; else it is a miss
  account_ids text[], versions bigint[],
  asked_accounts text[], asked_ids text[], -- every event, also those to be refused: it may be known
  b_accounts text[], b_meters text[], b_starts timestamptz[], b_ends timestamptz[],
  b_included bigint[], b_prices bigint[], b_pers bigint[], b_caps bigint[], b_opens boolean[],
  b_was_used bigint[], b_was_overage bigint[], b_was_trial bigint[], b_was_held bigint[],
  b_used bigint[], b_overage bigint[], b_trial bigint[], b_held bigint[], b_refusals integer[],
  e_accounts text[], e_ids text[], e_digests uuid[], e_features text[], e_meters text[],
  e_included bigint[], e_overage bigint[], e_trial bigint[], e_members text[], e_models text[],
  e_occurred timestamptz[], e_recorded timestamptz[], e_cycles timestamptz[],
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

  select coalesce(array_agg(distinct asked.account), '{}') into known
    from unnest(asked_accounts, asked_ids) as asked (account, id)
    join usage_event_ids i on i.account_id = asked.account and i.event_id = asked.id
    where asked.account <> all (missed);
  missed := missed || known;

  update meter_cycles m set
      used_included_units = used, overage_units = overage, trial_units = trial, held_units = held,
      cycle_end = ends, refusals = m.refusals + b.refusals
    from unnest(b_accounts, b_meters, b_starts, b_ends, b_used, b_overage, b_trial, b_held, b_refusals)
      as b (account, meter, starts, ends, used, overage, trial, held, refusals)
    where m.account_id = b.account and m.meter = b.meter and m.cycle_start = b.starts and b.account <> all (missed);

  insert into usage_event_ids (account_id, event_id, digest, occurred_at)
    select account, id, digest, occurred
    from unnest(e_accounts, e_ids, e_digests, e_occurred) as e (account, id, digest, occurred)
    where account <> all (missed);
  insert into usage_events (account_id, event_id, feature, meter, units, included_units, overage_units, trial_units, member_id, model,
      occurred_at, recorded_at, cycle_start)
    select account, id, feature, meter, included + overage + trial, included, overage, trial, member, model, occurred, recorded, cycle
    from unnest(e_accounts, e_ids, e_features, e_meters, e_included, e_overage, e_trial, e_members, e_models, e_occurred, e_recorded, e_cycles)
      as e (account, id, feature, meter, included, overage, trial, member, model, occurred, recorded, cycle)
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
    'recorded', (
      select coalesce(json_agg(json_build_object(
        'accountId', u.account_id, 'eventId', u.event_id, 'digest', replace(i.digest::text, '-', ''), 'feature', u.feature, 'meter', u.meter,
        'units', u.units, 'includedUnits', u.included_units, 'overageUnits', u.overage_units, 'trialUnits', u.trial_units,
        'memberId', u.member_id, 'model', u.model, 'occurredAt', instant_text(u.occurred_at))), '[]')
      from unnest(asked_accounts, asked_ids) as asked (account, id)
      join usage_event_ids i on i.account_id = asked.account and i.event_id = asked.id
      join usage_events u on u.account_id = i.account_id and u.occurred_at = i.occurred_at and u.event_id = i.event_id
      where asked.account = any (missed)
    ));
end $$;
