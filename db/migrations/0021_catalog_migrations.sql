-- CAT-2: moves of all accounts of a catalog to another version, and how far they have come. Not billing facts: these instants are the wall's.
create table catalog_migrations (
  migration_id text primary key,
  catalog_name text not null,
  version integer not null,
  from_versions integer[] not null, -- those that accounts were on when it began
  started_by text not null,
  started_at timestamptz not null,
  ended_at timestamptz, -- when all had been told; null: under way, or broken off
  accounts_told integer not null default 0,
  foreign key (catalog_name, version) references catalogs (name, version)
);
create index catalog_migrations_by_start on catalog_migrations (catalog_name, started_at, migration_id);

-- Which accounts have taken a move: all are told under one command id.
create index commands_of_catalog_migrations on commands (command_id) where type = 'migrateCatalog';
