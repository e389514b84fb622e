-- CRE-11, CRE-13: one id names one piece of work. A hold's id is its capture's, also before it and after it is over: an event that has it is
-- another one, and is missed like an event that is known already.
do $$
declare
  before text := pg_get_functiondef('record_usage'::regproc);
  after text;
begin
  after := replace(before, '  -- Hardly ever is an event sent twice', $new$  select coalesce(array_agg(distinct work.account), '{}') into known
    from (select * from unnest(asked_accounts, asked_ids) union all select * from unnest(e_accounts, e_ids)) as work (account, id)
    join holds h on h.account_id = work.account and h.hold_id = work.id and h.state <> 'captured'
    where work.account <> all (missed);
  missed := missed || known;

  -- Hardly ever is an event sent twice$new$);
  after := replace(after, '''recorded'', (', $new$'held', (
      select coalesce(json_agg(json_build_object('accountId', h.account_id, 'eventId', h.hold_id)), '[]')
      from (select * from unnest(asked_accounts, asked_ids) union select * from unnest(e_accounts, e_ids)) as work (account, id)
      join holds h on h.account_id = work.account and h.hold_id = work.id and h.state <> 'captured'
      where work.account = any (missed)
    ),
    'recorded', ($new$);
  if strpos(after, 'h.state') = 0 or strpos(after, '''held''') = 0 then raise exception 'record_usage is not as migration 0027 made it'; end if;
  execute after;
end $$;

-- TRI-8: a trial's balances stay at hand as long as it can be extended.
do $$
declare
  before text := pg_get_functiondef('usage_state'::regproc);
  after text := replace(before, 'interval ''70 days'')', $new$interval '70 days'
        or (m.cycle_start = a.signed_up_at and a.phase in ('trialing', 'blocked')))$new$);
begin
  if after = before then raise exception 'usage_state is not as migration 0027 made it'; end if;
  execute after;
end $$;

-- CRE-8, BUD-2: budgets of before stand as they were, so that what they let accrue is exact, and is rounded once, on its line (MON-2).
alter table meter_cycles alter column bill set default
  '{"accountedMinor": 0, "billedMinor": 0, "creditedMinor": 0, "givenUpMinor": 0, "forgivenUnits": 0, "raises": [], "budgets": []}';
update meter_cycles set bill = bill - 'owedAtLeastMinor' - 'settledUnits' || jsonb_build_object('budgets',
  case when (bill ->> 'settledUnits')::bigint = 0 then '[]'::jsonb
  else jsonb_build_array(jsonb_build_object('capMinor', (bill ->> 'owedAtLeastMinor')::bigint, 'overageUnits', (bill ->> 'settledUnits')::bigint)) end);

-- TRI-4: why nothing was in force when a subscription was chosen is the reason again if it ends without having begun.
alter table subscriptions add column blocked_before text;
update subscriptions s set blocked_before = case when a.trial_ends_at is null then 'not_subscribed' else 'trial_ended' end
  from accounts a where a.account_id = s.account_id and s.first_paid_at is null and a.phase = 'blocked';

-- INV-5: until when the advance of a suspended subscription may still be paid, counted from its own last try.
alter table subscriptions add column recovery_ends_at timestamptz;
update subscriptions set recovery_ends_at = cycle_end where state = 'suspended';

-- INV-6: what was taken back because an invoice was given up is given again when it is paid after all.
update accounts set advances = (select coalesce(jsonb_agg(advance || '{"takenBackMinor": 0}'), '[]') from jsonb_array_elements(advances) advance);
