-- What usage and access decide on is read in one round trip: the head of an account beside the account, written with every decision.
-- An account without a head was written before this; the next decision writes one.
alter table accounts add column version bigint not null default 0; -- counts decisions; what was read under one is compared by it
alter table accounts add column next_due_at timestamptz; -- the earliest instant that changes something by itself, payments apart
alter table accounts add column head json; -- {"account", "subscription"}, as the core knows them
