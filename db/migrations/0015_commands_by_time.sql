-- What an account was asked, newest first, a page at a time. Commands of one instant have no order but that of their ids.
create index commands_by_time on commands (account_id, effective_at, command_id);
