-- INV-1: what an issued invoice says does not change: neither its lines, nor that it exists. Lines that wait still may, and those of a
-- draft are put in their order in the act that issues it.

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

create function refuse_uninvoicing() returns trigger language plpgsql as $$
begin
  if old.number is not null then
    raise exception 'invoice % is issued and is not deleted (INV-1)', old.number;
  end if;
  return old;
end $$;
create trigger invoices_are_kept before delete on invoices for each row execute function refuse_uninvoicing();

-- Invariant 6: the answer to a command is repeated to the letter. jsonb would put its fields in another order.
alter table commands alter column result type json;
alter table commands alter column refusal type json;
