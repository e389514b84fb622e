-- INV-1, INV-4: how far an invoice has come changes, but only forward. A draft is issued (open; paid, where nothing is to be collected; carried, where
-- it is too little) or discarded; an open one is paid, void or given up. What has ended stays so: a paid invoice that were open again would be
-- collected twice, a void one at all. Rights know columns and not values, so the role may set a status; this says which.
create function refuse_status_backward() returns trigger language plpgsql as $$
begin
  if (old.status, new.status) not in (
    ('draft', 'open'), ('draft', 'paid'), ('draft', 'carried'), ('draft', 'void'),
    ('open', 'paid'), ('open', 'void'), ('open', 'uncollectible')
  ) then
    raise exception 'invoice % is %, which does not become % (INV-1)', coalesce(old.number, old.invoice_id), old.status, new.status;
  end if;
  return new;
end $$;
create trigger invoices_go_forward before update on invoices for each row
  when (old.status is distinct from new.status) execute function refuse_status_backward();
