-- SEA-17: somebody who was given a role before their first private run or visit is on the list, and not a member yet (SEA-2).
alter table members drop constraint members_reason_check;
alter table members add constraint members_reason_check
  check (reason in ('no_seat', 'member_disabled', 'seat_removed', 'invited'));
