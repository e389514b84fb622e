-- Who waits for another to make a month's partition must see it then. What a name stands for is kept by each connection until it next locks a
-- table, so the name that was not there before the wait was still not there after it, and making the partition failed. Asked of the catalog's
-- rows, the answer is as of now.
create or replace function make_usage_month(instant timestamptz) returns void language plpgsql as $$
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

-- Replacing a function forgets these.
do $$ begin
  execute format('alter function make_usage_month(timestamptz) security definer set search_path = %I, pg_temp', current_schema());
end $$;
