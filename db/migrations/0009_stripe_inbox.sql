-- Webhooks of Stripe, kept as soon as they have come and worked off later. Only what names the object is kept: the object itself is fetched
-- again before it is believed. Its times are the installation's own, not any account's: nothing here is a billing fact (CAL-3).
create table stripe_inbox (
  event_id text primary key, -- Stripe delivers at least once; we keep it once
  type text not null,
  object_id text,
  received_at timestamptz not null default now(),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(), -- while somebody works on it: when another may, because that one has died
  handled_at timestamptz,
  outcome text, -- who was told, or why nobody was; while it is not handled, what went wrong last
  check (handled_at is null or outcome is not null)
);
create index stripe_inbox_waiting on stripe_inbox (next_attempt_at) where handled_at is null;

-- Whose card it is that Stripe tells of.
create index accounts_by_stripe_customer on accounts (stripe_customer_id) where stripe_customer_id is not null;
