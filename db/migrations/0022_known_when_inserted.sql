-- `record_usage` as it was made in 0004, but for one thing: whether the ledger has an event, it asks only about those that are to be refused.
-- Of the others it finds out when it inserts them, and so looks for each id once instead of twice.

-- Writes what was decided about many accounts, each whole or not at all, in one statement. An account is written if what it was decided
-- on is still true: its version, its balances, and that none of its events is known. Null: all were written. Else, for the others,
-- what is true now, to decide on again; they hold up nobody.
--
-- Locks, always in this order: accounts (shared, by hash), balances that are opened, balances (by key); nothing else is waited for.
-- Plans are fixed: what a statistic says about a young table must not become a scan of an old one.
create or replace function record_usage(
  waits boolean, -- for an account that is being decided about; else it is a miss
  account_ids text[], versions bigint[],
  asked_accounts text[], asked_ids text[], -- events to be refused: they may be known
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

  if cardinality(asked_ids) > 0 then
    select coalesce(array_agg(distinct asked.account), '{}') into known
      from unnest(asked_accounts, asked_ids) as asked (account, id)
      join usage_event_ids i on i.account_id = asked.account and i.event_id = asked.id
      where asked.account <> all (missed);
    missed := missed || known;
  end if;

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
      from (select * from unnest(asked_accounts, asked_ids) union select * from unnest(e_accounts, e_ids)) as asked (account, id)
      join usage_event_ids i on i.account_id = asked.account and i.event_id = asked.id
      join usage_events u on u.account_id = i.account_id and u.occurred_at = i.occurred_at and u.event_id = i.event_id
      where asked.account = any (missed)
    ));
end $$;
