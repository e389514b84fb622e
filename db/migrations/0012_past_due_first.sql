-- Operators' list of accounts is read in this order, a page at a time: past due first, then by id.
create index accounts_past_due_first on accounts ((case when phase = 'past_due' then 0 else 1 end), account_id collate "C");
