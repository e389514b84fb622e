-- All that the engine, its API and its workers may do in the database: what they do, and no more. A table that is not here, they cannot
-- even read; test/engine/app-role.test.ts says so of a new one. Applied by migrate.ts whenever this file has changed.
--
-- Audit, ledger, notices and lines of credit notes are only added to. Of an invoice, its lines and a credit note, only the columns that tell
-- how far it has come change; numbering a draft is a function's (number_invoice). Triggers refuse the same to the owner, and to both that
-- a status goes back (invoices_go_forward).
revoke all on all tables in schema current_schema from perennial_app;
grant usage on schema current_schema to perennial_app;

grant select on migrations to perennial_app;

grant select, insert on audit_entries, notices, usage_events, usage_event_ids, usage_reversals, credit_note_lines, catalogs, webhook_tries
  to perennial_app;

grant select, insert,
  update (status, attempts, next_attempt_at, paid_at, seat_numbers, kept_seats, command_ids, collection_trouble,
    stripe_invoice_id, stripe_status, stripe_total, stripe_created_at)
  on invoices to perennial_app;
grant select, insert, update (invoice_id, position) on invoice_lines to perennial_app;
grant select, insert, update (status, stripe_credit_note_id, refunded_by_hand_minor) on credit_notes to perennial_app;
grant execute on function number_invoice(text, text, bigint), make_usage_month(timestamptz) to perennial_app;

-- The answer to a command is taken back where what it bought was not paid for (SBI-11).
grant select, insert, update (refusal) on commands to perennial_app;

grant select, insert, update on accounts, seats, members, meter_cycles, usage_days, api_keys, stripe_inbox, mails, webhook_deliveries,
  reconciliations, catalog_migrations to perennial_app;
grant select, insert, update, delete on subscriptions, holds, test_clocks, portal_secrets, idempotent_requests, webhook_endpoints
  to perennial_app;
grant select, insert, update (outcome), delete on stripe_requests to perennial_app;
grant select, insert, delete on webhook_messages, reconciliation_differences, used_sign_in_codes to perennial_app;
-- Postgres wants a right to update from whoever locks rows, which is how workers claim what they take out.
grant select, insert, update (outbox_id), delete on outbox to perennial_app;
