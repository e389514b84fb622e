-- What leaves the installation: webhooks to the product's backend. Times here are the installation's own, not any account's (CAL-3).

-- Every notice and audit entry, from the transaction that wrote it until somebody has made messages of it. A table that is emptied, and not
-- a cursor over the entries' numbers: numbers are given before the commit, so a later number can be seen before an earlier one, which a
-- cursor would then never see. A trigger, and not the writers: nobody who tells an account something can forget to tell the world.
create table outbox (
  outbox_id bigint generated always as identity primary key,
  source text not null check (source in ('notice', 'audit', 'endpoint')),
  source_id text not null
);

create function put_into_outbox() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'notices' then
    insert into outbox (source, source_id) select 'notice', notice_id from fresh;
  else
    insert into outbox (source, source_id) select 'audit', audit_id from fresh;
  end if;
  return null;
end $$;
create trigger notices_go_out after insert on notices
  referencing new table as fresh for each statement execute function put_into_outbox();
create trigger audit_entries_go_out after insert on audit_entries
  referencing new table as fresh for each statement execute function put_into_outbox();

create table webhook_endpoints (
  endpoint_id text primary key,
  url text not null,
  description text not null,
  event_types jsonb, -- null: all of them
  enabled boolean not null,
  secret text not null, -- as it is: messages are signed with it
  previous_secret text, -- signs too, until its time is over
  previous_secret_until timestamptz,
  rotated_by text, -- the key of the request that made the present secret: repeated, it gets the same one
  failing_since timestamptz, -- a message was given up; null again after the next one that arrives
  created_at timestamptz not null,
  check ((previous_secret is null) = (previous_secret_until is null))
);

-- Kept for 30 days, so that they can be sent again. The body is text: its very bytes are signed, at every try anew.
create table webhook_messages (
  message_id text primary key,
  type text not null,
  account_id text, -- null: about the installation
  body text not null,
  created_at timestamptz not null
);
create index webhook_messages_by_age on webhook_messages (created_at);

create table webhook_deliveries (
  delivery_id bigint generated always as identity primary key,
  message_id text not null references webhook_messages on delete cascade,
  endpoint_id text not null references webhook_endpoints on delete cascade,
  state text not null check (state in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  next_attempt_at timestamptz, -- while somebody tries: when another may, because that one has died
  unique (message_id, endpoint_id),
  check ((state = 'pending') = (next_attempt_at is not null))
);
create index webhook_deliveries_waiting on webhook_deliveries (endpoint_id, next_attempt_at) where state = 'pending';
create index webhook_deliveries_by_endpoint on webhook_deliveries (endpoint_id, delivery_id);

create table webhook_tries (
  try_id bigint generated always as identity primary key,
  delivery_id bigint not null references webhook_deliveries on delete cascade,
  at timestamptz not null,
  duration_ms integer not null,
  status integer, -- null: no answer
  problem text, -- why there was none
  response text -- the first kilobyte
);
create index webhook_tries_by_delivery on webhook_tries (delivery_id, try_id);
