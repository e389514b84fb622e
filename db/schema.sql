-- The schema that the migrations make, as Postgres tells it: to read, and to compare. Written by `npm run schema`; nothing is made from it.
-- A table is followed by its indexes, its triggers and what the engine's role may do with it. The months of the ledger are left out:
-- make_usage_month makes each when it is first used.

create table accounts (
  account_id text not null,
  owner_id text not null,
  catalog_name text not null,
  catalog_version integer not null,
  next_catalog_version integer,
  currency text not null,
  signed_up_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  phase text not null,
  blocked_code text,
  trial_ends_at timestamp with time zone,
  trial_notices_given integer not null,
  settled_through timestamp with time zone not null,
  payment_method jsonb,
  billing_emails jsonb not null default '[]'::jsonb,
  automatic_allocation jsonb not null,
  caps jsonb not null,
  use_terms jsonb not null default '[]'::jsonb,
  advances jsonb not null default '[]'::jsonb,
  next_invoice_number integer not null,
  next_credit_note_number integer not null default 1,
  next_seat_number integer not null,
  version bigint not null default 0,
  next_due_at timestamp with time zone,
  head json,
  test_clock_id text,
  clock_offset_seconds bigint not null,
  stripe_customer_id text,
  constraint accounts_pkey PRIMARY KEY (account_id),
  constraint accounts_catalog_name_catalog_version_fkey FOREIGN KEY (catalog_name, catalog_version) REFERENCES catalogs(name, version),
  constraint accounts_next_catalog_version FOREIGN KEY (catalog_name, next_catalog_version) REFERENCES catalogs(name, version),
  constraint accounts_test_clock_id_fkey FOREIGN KEY (test_clock_id) REFERENCES test_clocks(clock_id),
  constraint accounts_phase_check CHECK ((phase = ANY (ARRAY['trialing'::text, 'free'::text, 'active'::text, 'past_due'::text, 'blocked'::text, 'canceled'::text])))
);
CREATE INDEX accounts_by_owner ON accounts USING btree (owner_id);
CREATE INDEX accounts_by_stripe_customer ON accounts USING btree (stripe_customer_id) WHERE stripe_customer_id IS NOT NULL;
CREATE INDEX accounts_by_test_clock ON accounts USING btree (test_clock_id) WHERE test_clock_id IS NOT NULL;
CREATE UNIQUE INDEX accounts_one_per_owner ON accounts USING btree (catalog_name, owner_id) WHERE closed_at IS NULL;
CREATE INDEX accounts_past_due_first ON accounts USING btree ((
CASE
    WHEN phase = 'past_due'::text THEN 0
    ELSE 1
END), account_id COLLATE "C");
grant insert, select, update on accounts to perennial_app;

create table api_keys (
  key_id text not null,
  family_id text not null,
  name text not null,
  scopes jsonb not null,
  secret_digest bytea not null,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  rotated_to text,
  constraint api_keys_pkey PRIMARY KEY (key_id),
  constraint api_keys_rotated_to_key UNIQUE (rotated_to),
  constraint api_keys_rotated_to_fkey FOREIGN KEY (rotated_to) REFERENCES api_keys(key_id),
  constraint api_keys_secret_digest_check CHECK ((length(secret_digest) = 32))
);
grant insert, select, update on api_keys to perennial_app;

create table audit_entries (
  audit_id bigint not null generated always as identity,
  account_id text not null,
  at timestamp with time zone not null,
  actor text not null,
  action text not null,
  before jsonb,
  after jsonb,
  constraint audit_entries_pkey PRIMARY KEY (audit_id),
  constraint audit_entries_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id)
);
CREATE INDEX audit_entries_by_account ON audit_entries USING btree (account_id, audit_id);
CREATE TRIGGER audit_entries_are_final BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entries_go_out AFTER INSERT ON audit_entries REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION put_into_outbox();
grant insert, select on audit_entries to perennial_app;

create table catalog_migrations (
  migration_id text not null,
  catalog_name text not null,
  version integer not null,
  from_versions integer[] not null,
  started_by text not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  accounts_told integer not null default 0,
  constraint catalog_migrations_pkey PRIMARY KEY (migration_id),
  constraint catalog_migrations_catalog_name_version_fkey FOREIGN KEY (catalog_name, version) REFERENCES catalogs(name, version)
);
CREATE INDEX catalog_migrations_by_start ON catalog_migrations USING btree (catalog_name, started_at, migration_id);
grant insert, select, update on catalog_migrations to perennial_app;

create table catalogs (
  name text not null,
  version integer not null,
  digest text not null,
  body json not null,
  constraint catalogs_pkey PRIMARY KEY (name, version),
  constraint catalogs_name_digest_key UNIQUE (name, digest)
);
grant insert, select on catalogs to perennial_app;

create table commands (
  account_id text not null,
  command_id text not null,
  digest text not null,
  type text not null,
  effective_at timestamp with time zone not null,
  result json,
  refusal json,
  constraint commands_pkey PRIMARY KEY (account_id, command_id),
  constraint commands_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id)
);
CREATE INDEX commands_by_time ON commands USING btree (account_id, effective_at, command_id);
CREATE INDEX commands_of_catalog_migrations ON commands USING btree (command_id) WHERE type = 'migrateCatalog'::text;
grant insert, select, update (refusal) on commands to perennial_app;

create table credit_note_lines (
  credit_note_id text not null,
  position integer not null,
  account_id text not null,
  line_id text not null,
  sold jsonb,
  description text not null,
  amount bigint not null,
  constraint credit_note_lines_pkey PRIMARY KEY (credit_note_id, "position"),
  constraint credit_note_lines_account_id_line_id_fkey FOREIGN KEY (account_id, line_id) REFERENCES invoice_lines(account_id, line_id),
  constraint credit_note_lines_credit_note_id_fkey FOREIGN KEY (credit_note_id) REFERENCES credit_notes(credit_note_id),
  constraint credit_note_lines_amount_check CHECK ((amount > 0))
);
CREATE TRIGGER credit_note_lines_are_final BEFORE DELETE OR UPDATE OR TRUNCATE ON credit_note_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_credit_line_change();
grant insert, select on credit_note_lines to perennial_app;

create table credit_notes (
  credit_note_id text not null,
  account_id text not null,
  number text not null,
  invoice_id text not null,
  command_id text not null,
  reason text not null,
  destination text not null,
  status text not null,
  currency text not null,
  issued_at timestamp with time zone not null,
  total bigint not null,
  refunded_by_hand_minor bigint not null default 0,
  stripe_credit_note_id text,
  constraint credit_notes_pkey PRIMARY KEY (credit_note_id),
  constraint credit_notes_account_id_number_key UNIQUE (account_id, number),
  constraint credit_notes_stripe_credit_note_id_key UNIQUE (stripe_credit_note_id),
  constraint credit_notes_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint credit_notes_invoice_id_fkey FOREIGN KEY (invoice_id) REFERENCES invoices(invoice_id),
  constraint credit_notes_destination_check CHECK ((destination = ANY (ARRAY['card'::text, 'balance'::text]))),
  constraint credit_notes_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'refunded'::text, 'credited'::text, 'failed'::text]))),
  constraint credit_notes_total_check CHECK ((total > 0))
);
CREATE INDEX credit_notes_by_invoice ON credit_notes USING btree (invoice_id);
CREATE INDEX credit_notes_pending ON credit_notes USING btree (account_id) WHERE status = 'pending'::text;
CREATE TRIGGER credit_notes_are_final BEFORE DELETE OR UPDATE ON credit_notes FOR EACH ROW EXECUTE FUNCTION refuse_credit_note_change();
CREATE TRIGGER credit_notes_are_not_truncated BEFORE TRUNCATE ON credit_notes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select, update (refunded_by_hand_minor, status, stripe_credit_note_id) on credit_notes to perennial_app;

create table holds (
  account_id text not null,
  hold_id text not null,
  digest text not null,
  feature text not null,
  meter text not null,
  units bigint not null,
  member_id text,
  model text,
  cycle_start timestamp with time zone not null,
  placed_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  state text not null default 'open'::text,
  capture_digest text,
  claims integer not null default 1,
  constraint holds_pkey PRIMARY KEY (account_id, hold_id),
  constraint holds_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint holds_check CHECK (((state = 'captured'::text) = (capture_digest IS NOT NULL))),
  constraint holds_claims_check CHECK ((claims >= 0)),
  constraint holds_state_check CHECK ((state = ANY (ARRAY['open'::text, 'captured'::text, 'released'::text, 'expired'::text]))),
  constraint holds_units_check CHECK ((units > 0))
);
CREATE INDEX holds_open ON holds USING btree (account_id, expires_at) WHERE state = 'open'::text;
grant delete, insert, select, update on holds to perennial_app;

create table idempotent_requests (
  owner text not null,
  idempotency_key text not null,
  digest text not null,
  claim_id text not null,
  claimed_until timestamp with time zone not null,
  status integer,
  answer text,
  constraint idempotent_requests_pkey PRIMARY KEY (owner, idempotency_key),
  constraint idempotent_requests_check CHECK (((status IS NULL) = (answer IS NULL)))
);
grant delete, insert, select, update on idempotent_requests to perennial_app;

create table invoice_lines (
  account_id text not null,
  line_id text not null,
  invoice_id text,
  position integer not null,
  kind text not null,
  quantity bigint not null,
  amount bigint not null,
  period_start timestamp with time zone not null,
  period_end timestamp with time zone not null,
  description text not null,
  explanation json not null,
  carries jsonb,
  constraint invoice_lines_pkey PRIMARY KEY (account_id, line_id),
  constraint invoice_lines_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint invoice_lines_invoice_id_fkey FOREIGN KEY (invoice_id) REFERENCES invoices(invoice_id),
  constraint invoice_lines_kind_check CHECK ((kind = ANY (ARRAY['base'::text, 'seats'::text, 'proration'::text, 'overage'::text, 'credit'::text, 'adjustment'::text, 'carried'::text])))
);
CREATE INDEX invoice_lines_by_invoice ON invoice_lines USING btree (invoice_id);
CREATE TRIGGER invoice_lines_are_final BEFORE DELETE OR UPDATE ON invoice_lines FOR EACH ROW EXECUTE FUNCTION refuse_line_change();
CREATE TRIGGER invoice_lines_are_not_truncated BEFORE TRUNCATE ON invoice_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select, update (invoice_id, position) on invoice_lines to perennial_app;

create table invoices (
  invoice_id text not null,
  account_id text not null,
  number text,
  purpose text not null,
  status text not null,
  currency text not null,
  issued_at timestamp with time zone not null,
  due_at timestamp with time zone,
  period_start timestamp with time zone not null,
  period_end timestamp with time zone not null,
  total bigint not null,
  attempts integer not null,
  next_attempt_at timestamp with time zone,
  paid_at timestamp with time zone,
  collection_trouble text,
  command_ids jsonb not null,
  seat_numbers jsonb not null,
  kept_seats jsonb not null default '[]'::jsonb,
  stripe_invoice_id text,
  stripe_status text,
  stripe_total bigint,
  stripe_created_at timestamp with time zone,
  stripe_newest_at timestamp with time zone,
  constraint invoices_pkey PRIMARY KEY (invoice_id),
  constraint invoices_account_id_number_key UNIQUE (account_id, number),
  constraint invoices_stripe_invoice_id_key UNIQUE (stripe_invoice_id),
  constraint invoices_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint invoices_purpose_check CHECK ((purpose = ANY (ARRAY['start'::text, 'cycle'::text, 'seats'::text, 'plan-change'::text, 'final'::text]))),
  constraint invoices_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'open'::text, 'paid'::text, 'void'::text, 'uncollectible'::text, 'carried'::text])))
);
CREATE INDEX invoices_live ON invoices USING btree (account_id) WHERE status = ANY (ARRAY['draft'::text, 'open'::text]);
CREATE INDEX invoices_newest_at_stripe ON invoices USING btree (account_id, stripe_created_at) WHERE stripe_created_at IS NOT NULL;
CREATE TRIGGER invoices_are_due_as_said BEFORE UPDATE ON invoices FOR EACH ROW EXECUTE FUNCTION refuse_other_due_date();
CREATE TRIGGER invoices_are_final BEFORE UPDATE ON invoices FOR EACH ROW EXECUTE FUNCTION refuse_reissue();
CREATE TRIGGER invoices_are_kept BEFORE DELETE ON invoices FOR EACH ROW EXECUTE FUNCTION refuse_uninvoicing();
CREATE TRIGGER invoices_are_not_truncated BEFORE TRUNCATE ON invoices FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invoices_go_forward BEFORE UPDATE ON invoices FOR EACH ROW WHEN (old.status IS DISTINCT FROM new.status) EXECUTE FUNCTION refuse_status_backward();
CREATE TRIGGER invoices_know_the_newest BEFORE INSERT ON invoices FOR EACH ROW EXECUTE FUNCTION note_newest_at_stripe();
grant insert, select, update (attempts, collection_trouble, command_ids, kept_seats, next_attempt_at, paid_at, seat_numbers, status, stripe_created_at, stripe_invoice_id, stripe_status, stripe_total) on invoices to perennial_app;

create table mails (
  mail_id bigint not null generated always as identity,
  account_id text not null,
  notice_id bigint not null,
  recipient text not null,
  state text not null,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone,
  problem text,
  constraint mails_pkey PRIMARY KEY (mail_id),
  constraint mails_notice_id_recipient_key UNIQUE (notice_id, recipient),
  constraint mails_check CHECK (((state = 'pending'::text) = (next_attempt_at IS NOT NULL))),
  constraint mails_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'sent'::text, 'failed'::text])))
);
CREATE INDEX mails_waiting ON mails USING btree (next_attempt_at) WHERE state = 'pending'::text;
grant insert, select, update on mails to perennial_app;

create table members (
  account_id text not null,
  member_id text not null,
  login text not null,
  role text not null,
  state text not null,
  reason text,
  reason_before text,
  state_since timestamp with time zone,
  created_at timestamp with time zone not null,
  enabled_at timestamp with time zone,
  constraint members_pkey PRIMARY KEY (account_id, member_id),
  constraint members_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint members_check CHECK (((state = 'disabled'::text) = (reason IS NOT NULL))),
  constraint members_reason_check CHECK ((reason = ANY (ARRAY['no_seat'::text, 'member_disabled'::text, 'seat_removed'::text, 'invited'::text]))),
  constraint members_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'member'::text]))),
  constraint members_state_check CHECK ((state = ANY (ARRAY['enabled'::text, 'disabled'::text])))
);
grant insert, select, update on members to perennial_app;

create table meter_cycles (
  account_id text not null,
  meter text not null,
  cycle_start timestamp with time zone not null,
  cycle_end timestamp with time zone not null,
  closed_at timestamp with time zone,
  included_units bigint not null,
  price_minor bigint,
  price_per_units bigint,
  cap_minor bigint,
  used_included_units bigint not null,
  overage_units bigint not null,
  trial_units bigint not null,
  held_units bigint not null,
  refusals integer not null,
  billed_overage_units bigint not null,
  bill jsonb not null default '{"raises": [], "budgets": [], "billedMinor": 0, "givenUpMinor": 0, "creditedMinor": 0, "forgivenUnits": 0, "accountedMinor": 0}'::jsonb,
  constraint meter_cycles_pkey PRIMARY KEY (account_id, meter, cycle_start),
  constraint meter_cycles_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint meter_cycles_check CHECK (((used_included_units >= 0) AND (used_included_units <= included_units))),
  constraint meter_cycles_held_units_check CHECK ((held_units >= 0)),
  constraint meter_cycles_included_units_check CHECK ((included_units >= 0)),
  constraint meter_cycles_overage_units_check CHECK ((overage_units >= 0)),
  constraint meter_cycles_trial_units_check CHECK ((trial_units >= 0))
) with (fillfactor=50);
grant insert, select, update on meter_cycles to perennial_app;

create table migrations (
  name text not null,
  digest text not null,
  constraint migrations_pkey PRIMARY KEY (name)
);
grant select on migrations to perennial_app;

create table notices (
  notice_id bigint not null generated always as identity,
  account_id text not null,
  at timestamp with time zone not null,
  kind text not null,
  detail jsonb not null,
  once_key text,
  constraint notices_pkey PRIMARY KEY (notice_id),
  constraint notices_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id)
);
CREATE INDEX notices_by_account ON notices USING btree (account_id, notice_id);
CREATE UNIQUE INDEX notices_once ON notices USING btree (account_id, once_key) WHERE once_key IS NOT NULL;
CREATE TRIGGER notices_go_out AFTER INSERT ON notices REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION put_into_outbox();
grant insert, select on notices to perennial_app;

create table outbox (
  outbox_id bigint not null generated always as identity,
  source text not null,
  source_id text not null,
  constraint outbox_pkey PRIMARY KEY (outbox_id),
  constraint outbox_source_check CHECK ((source = ANY (ARRAY['notice'::text, 'audit'::text, 'endpoint'::text])))
);
grant delete, insert, select, update (outbox_id) on outbox to perennial_app;

create table portal_secrets (
  secret_id text not null,
  secret bytea not null,
  created_at timestamp with time zone not null,
  retires_at timestamp with time zone,
  constraint portal_secrets_pkey PRIMARY KEY (secret_id),
  constraint portal_secrets_secret_check CHECK ((length(secret) = 32))
);
CREATE UNIQUE INDEX portal_secrets_one_signs ON portal_secrets USING btree ((true)) WHERE retires_at IS NULL;
grant delete, insert, select, update on portal_secrets to perennial_app;

create table reconciliation_differences (
  reconciliation_id text not null,
  account_id text not null,
  position integer not null,
  kind text not null,
  about text not null,
  sentence text not null,
  expected json not null,
  found json not null,
  constraint reconciliation_differences_pkey PRIMARY KEY (reconciliation_id, account_id, "position"),
  constraint reconciliation_differences_reconciliation_id_fkey FOREIGN KEY (reconciliation_id) REFERENCES reconciliations(reconciliation_id) ON DELETE CASCADE
);
grant delete, insert, select on reconciliation_differences to perennial_app;

create table reconciliations (
  reconciliation_id text not null,
  started_by text not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  accounts_looked_at integer not null default 0,
  constraint reconciliations_pkey PRIMARY KEY (reconciliation_id)
);
CREATE INDEX reconciliations_by_start ON reconciliations USING btree (started_at, reconciliation_id);
grant insert, select, update on reconciliations to perennial_app;

create table seats (
  account_id text not null,
  seat_number integer not null,
  member_id text,
  added_at timestamp with time zone not null,
  removal_requested_at timestamp with time zone,
  ended_at timestamp with time zone,
  constraint seats_pkey PRIMARY KEY (account_id, seat_number),
  constraint seats_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id)
);
CREATE UNIQUE INDEX seats_one_per_member ON seats USING btree (account_id, member_id) WHERE member_id IS NOT NULL AND ended_at IS NULL;
grant insert, select, update on seats to perennial_app;

create table stripe_inbox (
  event_id text not null,
  type text not null,
  object_id text,
  received_at timestamp with time zone not null default now(),
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone not null default now(),
  handled_at timestamp with time zone,
  outcome text,
  constraint stripe_inbox_pkey PRIMARY KEY (event_id),
  constraint stripe_inbox_check CHECK (((handled_at IS NULL) OR (outcome IS NOT NULL)))
);
CREATE INDEX stripe_inbox_waiting ON stripe_inbox USING btree (next_attempt_at) WHERE handled_at IS NULL;
grant insert, select, update on stripe_inbox to perennial_app;

create table stripe_requests (
  idempotency_key text not null,
  account_id text not null,
  parameters jsonb not null,
  outcome jsonb,
  constraint stripe_requests_pkey PRIMARY KEY (idempotency_key),
  constraint stripe_requests_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id)
);
grant delete, insert, select, update (outcome) on stripe_requests to perennial_app;

create table subscriptions (
  account_id text not null,
  state text not null,
  plan text not null,
  interval text not null,
  pack text,
  contract json,
  anchor timestamp with time zone not null,
  cycle_start timestamp with time zone not null,
  cycle_end timestamp with time zone not null,
  meter_boundary_at timestamp with time zone not null,
  seats_at_start integer not null,
  first_paid_at timestamp with time zone,
  change json,
  ending jsonb,
  awaited_terms json,
  blocked_before text,
  recovery_ends_at timestamp with time zone,
  constraint subscriptions_pkey PRIMARY KEY (account_id),
  constraint subscriptions_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint subscriptions_check CHECK ((cycle_start < cycle_end)),
  constraint subscriptions_interval_check CHECK (("interval" = ANY (ARRAY['month'::text, 'year'::text]))),
  constraint subscriptions_state_check CHECK ((state = ANY (ARRAY['scheduled'::text, 'running'::text, 'suspended'::text])))
);
grant delete, insert, select, update on subscriptions to perennial_app;

create table test_clocks (
  clock_id text not null,
  now_at timestamp with time zone not null,
  constraint test_clocks_pkey PRIMARY KEY (clock_id)
);
grant delete, insert, select, update on test_clocks to perennial_app;

create table usage_days (
  account_id text not null,
  day date not null,
  meter text not null,
  feature text not null,
  member_id text not null,
  model text not null,
  cycle_start timestamp with time zone not null,
  events bigint not null,
  included_units bigint not null,
  overage_units bigint not null,
  trial_units bigint not null,
  constraint usage_days_pkey PRIMARY KEY (account_id, day, meter, feature, member_id, model, cycle_start)
) with (fillfactor=70);
CREATE INDEX usage_days_by_member ON usage_days USING btree (account_id, member_id, day);
grant insert, select, update on usage_days to perennial_app;

create table usage_event_ids (
  account_id text not null,
  event_id text not null,
  digest uuid,
  occurred_at timestamp with time zone not null,
  constraint usage_event_ids_pkey PRIMARY KEY (account_id, event_id)
);
CREATE TRIGGER usage_event_ids_are_final BEFORE DELETE OR UPDATE OR TRUNCATE ON usage_event_ids FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
grant insert, select on usage_event_ids to perennial_app;

create table usage_events (
  account_id text not null,
  event_id text not null,
  feature text not null,
  meter text not null,
  units bigint not null,
  included_units bigint not null,
  overage_units bigint not null,
  trial_units bigint not null,
  member_id text,
  model text,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null,
  cycle_start timestamp with time zone not null,
  terms_changes integer not null default 0,
  constraint usage_events_check CHECK ((((included_units + overage_units) + trial_units) = units)),
  constraint usage_events_have_units CHECK ((units <> 0))
) partition by RANGE (occurred_at);
CREATE INDEX usage_events_by_time ON ONLY usage_events USING btree (account_id, occurred_at);
CREATE TRIGGER usage_events_are_final BEFORE DELETE OR UPDATE ON usage_events FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER usage_events_are_kept BEFORE TRUNCATE ON usage_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
grant insert, select on usage_events to perennial_app;

create table usage_reversals (
  account_id text not null,
  event_id text not null,
  meter text not null,
  included_units bigint not null,
  overage_units bigint not null,
  trial_units bigint not null,
  reversed_at timestamp with time zone not null,
  constraint usage_reversals_pkey PRIMARY KEY (account_id, event_id),
  constraint usage_reversals_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id)
);
CREATE TRIGGER usage_reversals_are_final BEFORE DELETE OR UPDATE OR TRUNCATE ON usage_reversals FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
grant insert, select on usage_reversals to perennial_app;

create table used_sign_in_codes (
  code_id text not null,
  ends_at timestamp with time zone not null,
  constraint used_sign_in_codes_pkey PRIMARY KEY (code_id)
);
grant delete, insert, select on used_sign_in_codes to perennial_app;

create table webhook_deliveries (
  delivery_id bigint not null generated always as identity,
  message_id text not null,
  endpoint_id text not null,
  state text not null,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone,
  constraint webhook_deliveries_pkey PRIMARY KEY (delivery_id),
  constraint webhook_deliveries_message_id_endpoint_id_key UNIQUE (message_id, endpoint_id),
  constraint webhook_deliveries_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints(endpoint_id) ON DELETE CASCADE,
  constraint webhook_deliveries_message_id_fkey FOREIGN KEY (message_id) REFERENCES webhook_messages(message_id) ON DELETE CASCADE,
  constraint webhook_deliveries_check CHECK (((state = 'pending'::text) = (next_attempt_at IS NOT NULL))),
  constraint webhook_deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);
CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries USING btree (endpoint_id, delivery_id);
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries USING btree (endpoint_id, next_attempt_at) WHERE state = 'pending'::text;
grant insert, select, update on webhook_deliveries to perennial_app;

create table webhook_endpoints (
  endpoint_id text not null,
  url text not null,
  description text not null,
  event_types jsonb,
  enabled boolean not null,
  secret text not null,
  previous_secret text,
  previous_secret_until timestamp with time zone,
  rotated_by text,
  failing_since timestamp with time zone,
  created_at timestamp with time zone not null,
  constraint webhook_endpoints_pkey PRIMARY KEY (endpoint_id),
  constraint webhook_endpoints_check CHECK (((previous_secret IS NULL) = (previous_secret_until IS NULL)))
);
grant delete, insert, select, update on webhook_endpoints to perennial_app;

create table webhook_messages (
  message_id text not null,
  type text not null,
  account_id text,
  body text not null,
  created_at timestamp with time zone not null,
  constraint webhook_messages_pkey PRIMARY KEY (message_id)
);
CREATE INDEX webhook_messages_by_age ON webhook_messages USING btree (created_at);
grant delete, insert, select on webhook_messages to perennial_app;

create table webhook_tries (
  try_id bigint not null generated always as identity,
  delivery_id bigint not null,
  at timestamp with time zone not null,
  duration_ms integer not null,
  status integer,
  problem text,
  response text,
  constraint webhook_tries_pkey PRIMARY KEY (try_id),
  constraint webhook_tries_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES webhook_deliveries(delivery_id) ON DELETE CASCADE
);
CREATE INDEX webhook_tries_by_delivery ON webhook_tries USING btree (delivery_id, try_id);
grant insert, select on webhook_tries to perennial_app;

CREATE OR REPLACE FUNCTION public.instant_text(instant timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
RETURN to_char((instant AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'::text)
;
grant execute on function instant_text to public;

CREATE OR REPLACE FUNCTION public.make_usage_month(instant timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
end $function$
;
grant execute on function make_usage_month to perennial_app;

CREATE OR REPLACE FUNCTION public.note_newest_at_stripe()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.stripe_newest_at := (select max(stripe_created_at) from invoices where account_id = new.account_id);
  return new;
end $function$
;
grant execute on function note_newest_at_stripe to public;

CREATE OR REPLACE FUNCTION public.number_invoice(numbered text, new_number text, new_total bigint)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  update invoices set number = new_number, total = new_total where invoice_id = numbered and number is null and status = 'draft';
  if not found then
    raise exception 'invoice % is no draft: what it says does not change (INV-1)', numbered;
  end if;
end $function$
;
grant execute on function number_invoice to perennial_app;

CREATE OR REPLACE FUNCTION public.put_into_outbox()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_table_name = 'notices' then
    insert into outbox (source, source_id) select 'notice', notice_id from fresh;
  else
    insert into outbox (source, source_id) select 'audit', audit_id from fresh;
  end if;
  return null;
end $function$
;
grant execute on function put_into_outbox to public;

CREATE OR REPLACE FUNCTION public.record_usage(waits boolean, account_ids text[], versions bigint[], asked_accounts text[], asked_ids text[], b_accounts text[], b_meters text[], b_starts timestamp with time zone[], b_ends timestamp with time zone[], b_included bigint[], b_prices bigint[], b_pers bigint[], b_caps bigint[], b_opens boolean[], b_was_used bigint[], b_was_overage bigint[], b_was_trial bigint[], b_was_held bigint[], b_used bigint[], b_overage bigint[], b_trial bigint[], b_held bigint[], b_refusals integer[], e_accounts text[], e_ids text[], e_digests uuid[], e_features text[], e_meters text[], e_included bigint[], e_overage bigint[], e_trial bigint[], e_members text[], e_models text[], e_occurred timestamp with time zone[], e_recorded timestamp with time zone[], e_cycles timestamp with time zone[], e_terms_changes integer[], n_accounts text[], n_at timestamp with time zone[], n_kinds text[], n_details jsonb[], n_keys text[])
 RETURNS json
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  missed text[] := '{}';
  known text[];
  changed text[];
  found bigint;
begin
  if waits then
    perform pg_advisory_xact_lock_shared(1, h) from (select distinct hashtext(id) as h from unnest(account_ids) id order by 1) hashes;
  else
    select coalesce(array_agg(id), '{}') into missed from (
      select id, pg_try_advisory_xact_lock_shared(1, hashtext(id)) as is_ours from unnest(account_ids) id
    ) tried where not is_ours;
  end if;

  select missed || coalesce(array_agg(id), '{}') into missed
    from unnest(account_ids, versions) as decided (id, version)
    where not exists (select from accounts a where a.account_id = decided.id and a.version = decided.version);

  if true = any (b_opens) then
    insert into meter_cycles (account_id, meter, cycle_start, cycle_end, included_units, used_included_units, overage_units, trial_units,
        held_units, price_minor, price_per_units, cap_minor, billed_overage_units, closed_at, refusals)
      select account, meter, starts, ends, included, 0, 0, 0, 0, price, per, cap, 0, null, 0
      from unnest(b_accounts, b_meters, b_starts, b_ends, b_included, b_prices, b_pers, b_caps, b_opens)
        as b (account, meter, starts, ends, included, price, per, cap, opens)
      where opens and account <> all (missed)
      order by account, meter, starts
      on conflict do nothing;
  end if;

  select coalesce(array_agg(account) filter (where not is_same), '{}'), count(*) into changed, found from (
    select b.account, (m.used_included_units, m.overage_units, m.trial_units, m.held_units) = (was_used, was_overage, was_trial, was_held) as is_same
    from unnest(b_accounts, b_meters, b_starts, b_was_used, b_was_overage, b_was_trial, b_was_held)
      as b (account, meter, starts, was_used, was_overage, was_trial, was_held)
    join meter_cycles m on m.account_id = b.account and m.meter = b.meter and m.cycle_start = b.starts
    where b.account <> all (missed)
    order by m.account_id, m.meter, m.cycle_start
    for update of m
  ) held;
  if found <> (select count(*) from unnest(b_accounts) account where account <> all (missed)) then
    raise exception 'a balance that was decided on is gone';
  end if;
  missed := missed || changed;

  if cardinality(asked_ids) > 0 then
    select coalesce(array_agg(distinct asked.account), '{}') into known
      from unnest(asked_accounts, asked_ids) as asked (account, id)
      join usage_event_ids i on i.account_id = asked.account and i.event_id = asked.id
      where asked.account <> all (missed);
    missed := missed || known;
  end if;

  select coalesce(array_agg(distinct work.account), '{}') into known
    from (select * from unnest(asked_accounts, asked_ids) union all select * from unnest(e_accounts, e_ids)) as work (account, id)
    join holds h on h.account_id = work.account and h.hold_id = work.id and h.state <> 'captured'
    where work.account <> all (missed);
  missed := missed || known;

  -- Hardly ever is an event sent twice, so it is not looked for first: its id refuses to be inserted.
  loop
    begin
      insert into usage_event_ids (account_id, event_id, digest, occurred_at)
        select account, id, digest, occurred
        from unnest(e_accounts, e_ids, e_digests, e_occurred) as e (account, id, digest, occurred)
        where account <> all (missed);
      exit;
    exception when unique_violation then
      select array_agg(distinct e.account) into known
        from unnest(e_accounts, e_ids) as e (account, id)
        join usage_event_ids i on i.account_id = e.account and i.event_id = e.id
        where e.account <> all (missed);
      if known is null then raise; end if;
      missed := missed || known;
    end;
  end loop;

  update meter_cycles m set
      used_included_units = used, overage_units = overage, trial_units = trial, held_units = held,
      cycle_end = ends, refusals = m.refusals + b.refusals
    from unnest(b_accounts, b_meters, b_starts, b_ends, b_used, b_overage, b_trial, b_held, b_refusals)
      as b (account, meter, starts, ends, used, overage, trial, held, refusals)
    where m.account_id = b.account and m.meter = b.meter and m.cycle_start = b.starts and b.account <> all (missed);

  insert into usage_events (account_id, event_id, feature, meter, units, included_units, overage_units, trial_units, member_id, model,
      occurred_at, recorded_at, cycle_start, terms_changes)
    select account, id, feature, meter, included + overage + trial, included, overage, trial, member, model, occurred, recorded, cycle, changes
    from unnest(e_accounts, e_ids, e_features, e_meters, e_included, e_overage, e_trial, e_members, e_models, e_occurred, e_recorded, e_cycles,
        e_terms_changes)
      as e (account, id, feature, meter, included, overage, trial, member, model, occurred, recorded, cycle, changes)
    where account <> all (missed);
  insert into usage_days as days (account_id, day, meter, feature, member_id, model, cycle_start, events, included_units,
      overage_units, trial_units)
    select account, (occurred at time zone 'UTC')::date, meter, feature, coalesce(member, ''), coalesce(model, ''), cycle,
      count(*), sum(included), sum(overage), sum(trial)
    from unnest(e_accounts, e_meters, e_features, e_members, e_models, e_occurred, e_cycles, e_included, e_overage, e_trial)
      as e (account, meter, feature, member, model, occurred, cycle, included, overage, trial)
    where account <> all (missed)
    group by 1, 2, 3, 4, 5, 6, 7
    on conflict (account_id, day, meter, feature, member_id, model, cycle_start) do update set
      events = days.events + excluded.events,
      included_units = days.included_units + excluded.included_units,
      overage_units = days.overage_units + excluded.overage_units,
      trial_units = days.trial_units + excluded.trial_units;
  if cardinality(n_accounts) > 0 then
    insert into notices (account_id, at, kind, detail, once_key)
      select account, at, kind, detail, key
      from unnest(n_accounts, n_at, n_kinds, n_details, n_keys) as n (account, at, kind, detail, key)
      where account <> all (missed)
      on conflict do nothing;
  end if;

  if missed = '{}' then return null; end if;
  return json_build_object(
    'missed', to_json(missed),
    'states', usage_state(missed),
    'held', (
      select coalesce(json_agg(json_build_object('accountId', h.account_id, 'eventId', h.hold_id)), '[]')
      from (select * from unnest(asked_accounts, asked_ids) union select * from unnest(e_accounts, e_ids)) as work (account, id)
      join holds h on h.account_id = work.account and h.hold_id = work.id and h.state <> 'captured'
      where work.account = any (missed)
    ),
    'recorded', (
      select coalesce(json_agg(json_build_object(
        'accountId', u.account_id, 'eventId', u.event_id, 'digest', replace(i.digest::text, '-', ''), 'feature', u.feature, 'meter', u.meter,
        'units', u.units, 'includedUnits', u.included_units, 'overageUnits', u.overage_units, 'trialUnits', u.trial_units,
        'memberId', u.member_id, 'model', u.model, 'occurredAt', instant_text(u.occurred_at))), '[]')
      from (select * from unnest(asked_accounts, asked_ids) union select * from unnest(e_accounts, e_ids)) as asked (account, id)
      join usage_event_ids i on i.account_id = asked.account and i.event_id = asked.id
      join usage_events u on u.account_id = i.account_id and u.occurred_at = i.occurred_at and u.event_id = i.event_id
      where asked.account = any (missed)
    ));
end $function$
;
grant execute on function record_usage to public;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'rows of % are never changed or deleted (AUD-2)', tg_table_name;
end $function$
;
grant execute on function refuse_change to public;

CREATE OR REPLACE FUNCTION public.refuse_credit_line_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'lines of a credit note are never changed or deleted (INV-7)';
end $function$
;
grant execute on function refuse_credit_line_change to public;

CREATE OR REPLACE FUNCTION public.refuse_credit_note_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  progress constant text[] := array['status', 'stripe_credit_note_id', 'refunded_by_hand_minor'];
begin
  if tg_op = 'DELETE' or to_jsonb(new) - progress is distinct from to_jsonb(old) - progress then
    raise exception 'credit note % is issued and does not change (INV-7)', old.number;
  end if;
  return new;
end $function$
;
grant execute on function refuse_credit_note_change to public;

CREATE OR REPLACE FUNCTION public.refuse_ledger_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the ledger of usage is only added to (CRE-11)';
end $function$
;
grant execute on function refuse_ledger_change to public;

CREATE OR REPLACE FUNCTION public.refuse_line_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.invoice_id is not null and exists (
    select from invoices where invoice_id = old.invoice_id and number is not null
  ) and (tg_op = 'DELETE' or to_jsonb(new) - 'position' is distinct from to_jsonb(old) - 'position') then
    raise exception 'line % stands on an issued invoice and does not change (INV-1)', old.line_id;
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $function$
;
grant execute on function refuse_line_change to public;

CREATE OR REPLACE FUNCTION public.refuse_other_due_date()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.number is not null and new.due_at is distinct from old.due_at then
    raise exception 'invoice % is issued and its day does not change (INV-1)', old.number;
  end if;
  return new;
end $function$
;
grant execute on function refuse_other_due_date to public;

CREATE OR REPLACE FUNCTION public.refuse_reissue()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.number is not null and (
    new.number, new.total, new.currency, new.issued_at, new.period_start, new.period_end, new.purpose, new.account_id
  ) is distinct from (
    old.number, old.total, old.currency, old.issued_at, old.period_start, old.period_end, old.purpose, old.account_id
  ) then
    raise exception 'invoice % is issued and does not change (INV-1)', old.number;
  end if;
  return new;
end $function$
;
grant execute on function refuse_reissue to public;

CREATE OR REPLACE FUNCTION public.refuse_status_backward()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (old.status, new.status) not in (
    ('draft', 'open'), ('draft', 'paid'), ('draft', 'carried'), ('draft', 'void'),
    ('open', 'paid'), ('open', 'void'), ('open', 'uncollectible'), ('uncollectible', 'paid')
  ) then
    raise exception 'invoice % is %, which does not become % (INV-1)', coalesce(old.number, old.invoice_id), old.status, new.status;
  end if;
  return new;
end $function$
;
grant execute on function refuse_status_backward to public;

CREATE OR REPLACE FUNCTION public.refuse_uninvoicing()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.number is not null then
    raise exception 'invoice % is issued and is not deleted (INV-1)', old.number;
  end if;
  return old;
end $function$
;
grant execute on function refuse_uninvoicing to public;

CREATE OR REPLACE FUNCTION public.usage_state(ids text[])
 RETURNS json
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce(json_object_agg(a.account_id, json_build_object(
    'version', a.version,
    'nextDueAt', instant_text(a.next_due_at),
    'head', a.head,
    'place', json_build_object(
      'testClockId', a.test_clock_id, 'clockOffsetSeconds', a.clock_offset_seconds, 'stripeCustomerId', a.stripe_customer_id),
    'meterCycles', (
      select coalesce(json_agg(json_build_object(
        'meter', m.meter, 'start', instant_text(m.cycle_start), 'end', instant_text(m.cycle_end),
        'includedUnits', m.included_units, 'usedIncludedUnits', m.used_included_units, 'overageUnits', m.overage_units,
        'trialUnits', m.trial_units, 'heldUnits', m.held_units, 'priceMinor', m.price_minor, 'pricePerUnits', m.price_per_units,
        'capMinor', m.cap_minor, 'billedOverageUnits', m.billed_overage_units, 'closedAt', instant_text(m.closed_at), 'bill', m.bill,
        'refusals', m.refusals) order by m.meter, m.cycle_start), '[]')
      from meter_cycles m
      where m.account_id = a.account_id and (
        m.closed_at is null or m.billed_overage_units <> m.overage_units or m.cycle_end > a.settled_through - interval '70 days'
        or (m.cycle_start = a.signed_up_at and a.phase in ('trialing', 'blocked')))
    ))), '{}')
  from accounts a where a.account_id = any (ids)
$function$
;
grant execute on function usage_state to public;
