-- The engine need not own its tables: db/app-rights.sql says what the role that it runs under may do. What only an owner can do, and what
-- must not be open to whoever may change a row, it does through functions of the owner's here. Their search_path is fixed, so that nobody
-- who makes a table of the same name elsewhere has them write into it.

-- Truncating a partition by its name would pass by the triggers of the whole ledger.
create or replace function make_usage_month(instant timestamptz) returns void language plpgsql as $$
declare
  first_day timestamptz := date_trunc('month', instant, 'UTC');
  next_month timestamptz := (first_day at time zone 'UTC' + interval '1 month') at time zone 'UTC';
  partition text := 'usage_events_' || to_char(first_day at time zone 'UTC', 'YYYY_MM');
begin
  if to_regclass(partition) is not null then return; end if;
  perform pg_advisory_xact_lock(hashtext('usage_events partitions'));
  if to_regclass(partition) is not null then return; end if;
  execute format('create table %I (like usage_events including constraints)', partition);
  execute format('create trigger usage_events_are_kept before truncate on %I for each statement execute function refuse_ledger_change()', partition);
  execute format('alter table usage_events attach partition %I for values from (%L) to (%L)', partition, first_day, next_month);
end $$;

do $$
declare
  month regclass;
begin
  for month in select inhrelid::regclass from pg_inherits where inhparent = 'usage_events'::regclass loop
    execute format('create trigger usage_events_are_kept before truncate on %s for each statement execute function refuse_ledger_change()', month);
  end loop;
end $$;

-- INV-1: the one change of what an invoice says, a draft's last one. Everything else that changes is how far its collection has come.
create function number_invoice(numbered text, new_number text, new_total bigint) returns void language plpgsql as $$
begin
  update invoices set number = new_number, total = new_total where invoice_id = numbered and number is null and status = 'draft';
  if not found then
    raise exception 'invoice % is no draft: what it says does not change (INV-1)', numbered;
  end if;
end $$;

do $$ begin
  execute format('alter function make_usage_month(timestamptz) security definer set search_path = %I, pg_temp', current_schema());
  execute format('alter function number_invoice(text, text, bigint) security definer set search_path = %I, pg_temp', current_schema());
end $$;
revoke execute on function make_usage_month(timestamptz), number_invoice(text, text, bigint) from public;

-- What was a row's own trigger so far, for whole tables too; and the ledger's ids and what was given back are as final as the ledger.
create trigger invoices_are_not_truncated before truncate on invoices for each statement execute function refuse_change();
create trigger invoice_lines_are_not_truncated before truncate on invoice_lines for each statement execute function refuse_change();
create trigger credit_notes_are_not_truncated before truncate on credit_notes for each statement execute function refuse_change();
create trigger usage_event_ids_are_final before update or delete or truncate on usage_event_ids
  for each statement execute function refuse_ledger_change();
create trigger usage_reversals_are_final before update or delete or truncate on usage_reversals
  for each statement execute function refuse_ledger_change();
