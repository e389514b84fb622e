-- CAT-2: the version of its catalog that an account moves to at the end of what is paid; null where it stays.
alter table accounts add column next_catalog_version integer;
alter table accounts add constraint accounts_next_catalog_version
  foreign key (catalog_name, next_catalog_version) references catalogs (name, version);
