-- The latest day of a member's use is the last entry here, however much others have used since.
create index usage_days_by_member on usage_days (account_id, member_id, day);
