-- People ask since when somebody has no seat. When state or reason became what they are; null where that was before it was kept.
alter table members add column state_since timestamptz;
