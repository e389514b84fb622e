-- Terms of metered use are dated facts (CRE-12), and one account of what was given back bounds credit notes, reversals and credits for unused
-- parts (INV-7, CRE-14).
alter table accounts add column use_terms jsonb not null default '[]', add column advances jsonb not null default '[]';

-- CRE-19: a cancellation stands beside a scheduled change.
alter table subscriptions add column ending jsonb;
update subscriptions set ending = change, change = null where change ->> 'kind' in ('cancel', 'free');

alter table meter_cycles add column bill jsonb not null default
  '{"accountedMinor": 0, "billedMinor": 0, "creditedMinor": 0, "givenUpMinor": 0, "owedAtLeastMinor": 0, "settledUnits": 0, "forgivenUnits": 0, "raises": []}';
-- What stands on lines is what was accounted for; a line names its cycle by its start, and as yet no meter.
update meter_cycles m set bill = m.bill || jsonb_build_object('accountedMinor', sums.total, 'billedMinor', sums.total)
  from (
    select l.account_id, l.period_start, sum(l.amount)::bigint as total from invoice_lines l left join invoices i on i.invoice_id = l.invoice_id
    where l.explanation ->> 'rule' in ('CRE-5', 'BUD-1', 'BUD-2', 'CRE-12', 'CRE-14') and i.status is distinct from 'void'
    group by 1, 2
  ) sums
  where m.account_id = sums.account_id and m.cycle_start = sums.period_start and m.billed_overage_units > 0;

-- CRE-14: which bigger packs had added to the base when an event was recorded tells which overage it can have caused.
alter table usage_events add column base_raises integer not null default 0;

-- INV-7: what a line of a credit note is about, and what went back by hand where the provider refused it.
alter table credit_note_lines add column sold jsonb;
alter table credit_notes add column refunded_by_hand_minor bigint not null default 0;
create or replace function refuse_credit_note_change() returns trigger language plpgsql as $$
declare
  progress constant text[] := array['status', 'stripe_credit_note_id', 'refunded_by_hand_minor'];
begin
  if tg_op = 'DELETE' or to_jsonb(new) - progress is distinct from to_jsonb(old) - progress then
    raise exception 'credit note % is issued and does not change (INV-7)', old.number;
  end if;
  return new;
end $$;

-- INV-6, CRE-18: money may still come for an invoice that was given up.
create or replace function refuse_status_backward() returns trigger language plpgsql as $$
begin
  if (old.status, new.status) not in (
    ('draft', 'open'), ('draft', 'paid'), ('draft', 'carried'), ('draft', 'void'),
    ('open', 'paid'), ('open', 'void'), ('open', 'uncollectible'), ('uncollectible', 'paid')
  ) then
    raise exception 'invoice % is %, which does not become % (INV-1)', coalesce(old.number, old.invoice_id), old.status, new.status;
  end if;
  return new;
end $$;

create or replace function usage_state(ids text[]) returns json language sql stable as $$
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
        m.closed_at is null or m.billed_overage_units <> m.overage_units or m.cycle_end > a.settled_through - interval '70 days')
    ))), '{}')
  from accounts a where a.account_id = any (ids)
$$;

-- As in 0022, with how many bigger packs an event's balance had seen.
drop function record_usage(boolean, text[], bigint[], text[], text[], text[], text[], timestamptz[], timestamptz[], bigint[], bigint[], bigint[], bigint[], boolean[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], integer[], text[], text[], uuid[], text[], text[], bigint[], bigint[], bigint[], text[], text[], timestamptz[], timestamptz[], timestamptz[], text[], timestamptz[], text[], jsonb[], text[]);
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
  e_occurred timestamptz[], e_recorded timestamptz[], e_cycles timestamptz[], e_raises integer[],
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
      occurred_at, recorded_at, cycle_start, base_raises)
    select account, id, feature, meter, included + overage + trial, included, overage, trial, member, model, occurred, recorded, cycle, raises
    from unnest(e_accounts, e_ids, e_features, e_meters, e_included, e_overage, e_trial, e_members, e_models, e_occurred, e_recorded, e_cycles,
        e_raises)
      as e (account, id, feature, meter, included, overage, trial, member, model, occurred, recorded, cycle, raises)
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
