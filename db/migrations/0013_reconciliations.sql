-- AUD-3: what was found when the books were compared. Not billing facts: these instants are the wall's.
create table reconciliations (
  reconciliation_id text primary key,
  started_by text not null,
  started_at timestamptz not null,
  ended_at timestamptz, -- null: under way
  accounts_looked_at integer not null default 0
);
create index reconciliations_by_start on reconciliations (started_at, reconciliation_id);

-- Accounts without a difference have no row.
create table reconciliation_differences (
  reconciliation_id text not null references reconciliations on delete cascade,
  account_id text not null,
  position integer not null,
  kind text not null,
  about text not null,
  sentence text not null,
  expected json not null, -- a number, a text, or null
  found json not null,
  primary key (reconciliation_id, account_id, position)
);
