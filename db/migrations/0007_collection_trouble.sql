-- What keeps the payment provider from ever taking an invoice as it is: a bug, or a customer deleted there. Null while all is well. It is
-- no billing fact; it is here so that it is told once, and seen.
alter table invoices add column collection_trouble text;
