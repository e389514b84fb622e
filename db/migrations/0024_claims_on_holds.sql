-- CRE-13: how many rely on a hold: whoever was answered that it is theirs, and access checks that are under way and may still be. A check that is
-- refused gives up its own claim; the last one takes the hold with it. One that cannot say how it ended gives up its claim alone: whoever repeats it
-- has the hold again. One whose process dies leaves its claim, and the hold until it expires.
alter table holds add column claims integer not null default 1 check (claims >= 0);
