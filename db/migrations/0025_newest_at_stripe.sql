-- INV-4: before an invoice is made at Stripe, Stripe is asked whether it has it, by a list of what it has of the customer. What was made there
-- before the invoice was issued here cannot be it, so the list need not begin before the newest that was known when it was issued. Both instants
-- are Stripe's own, on its clock, and no billing facts. Of a database that was restored the newest known is older: the list is longer, never too short.
alter table invoices
  add column stripe_created_at timestamptz,
  add column stripe_newest_at timestamptz;
create index invoices_newest_at_stripe on invoices (account_id, stripe_created_at) where stripe_created_at is not null;

create function note_newest_at_stripe() returns trigger language plpgsql as $$
begin
  new.stripe_newest_at := (select max(stripe_created_at) from invoices where account_id = new.account_id);
  return new;
end $$;
create trigger invoices_know_the_newest before insert on invoices for each row execute function note_newest_at_stripe();
