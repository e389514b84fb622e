-- SBI-11, SBI-12: seats that awaited removal and were kept by an addition, as they were before it. A payment that fails puts their removals back.
alter table invoices add column kept_seats jsonb not null default '[]';
