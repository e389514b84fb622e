-- CRE-18, CAT-3: terms agreed with one customer stand with the subscription, and invoices that are sent have a day on which they are due.
alter table subscriptions add column contract json; -- json: its attributes are shown in the order in which they were agreed
alter table subscriptions add column awaited_terms json; -- terms that come with the payment of the open plan-change invoice (SBI-9)
alter table subscriptions alter column change type json; -- it may hold a contract that is to come
alter table invoices add column due_at timestamptz; -- null: the card is charged

-- Heads were written without them; an account gets a new one with its next decision.
update accounts set head = null;

-- INV-1: the day is part of what an issued invoice says.
create function refuse_other_due_date() returns trigger language plpgsql as $$
begin
  if old.number is not null and new.due_at is distinct from old.due_at then
    raise exception 'invoice % is issued and its day does not change (INV-1)', old.number;
  end if;
  return new;
end $$;
create trigger invoices_are_due_as_said before update on invoices for each row execute function refuse_other_due_date();
