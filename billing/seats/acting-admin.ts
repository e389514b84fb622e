import type { Facts, Member } from '../model/facts.ts';
import { Refusal } from '../refusal.ts';

type People = Pick<Facts, 'account' | 'members'>;

/**
 * SEA-17: whether somebody may act as an admin of the account, as it stands. Enabled admins may. The owner may before they are a member (SEA-2),
 * also while they are disabled for want of a seat, and, whatever was made of them, where no other admin is enabled: an account always
 * has somebody who can act for it.
 */
export function isActingAdmin(facts: People, memberId: string): boolean {
  const member = find(facts, memberId);
  if (member !== undefined && isEnabledAdmin(member)) return true;
  if (memberId !== facts.account.ownerId) return false;
  if (member === undefined || member.reason === 'invited') return true;
  const isDismissed = member.role !== 'admin' || member.reason === 'member_disabled';
  return !isDismissed || !facts.members.some(isEnabledAdmin);
}

/**
 * SEA-17: looked at where a command is decided. Who was an admin when they asked may be none any more when it is their turn.
 * @throws Refusal `member_not_admin`.
 */
export function assertActingAdmin(facts: People, memberId: string | undefined): void {
  if (memberId === undefined || isActingAdmin(facts, memberId)) return;
  throw notActingAdmin(facts.account.accountId, find(facts, memberId)?.login ?? memberId);
}

export function notActingAdmin(accountId: string, name: string, field: string | null = null): Refusal {
  const message = `${name} is not an enabled admin of the account ${accountId}.`;
  return new Refusal({ code: 'member_not_admin', message, field });
}

function isEnabledAdmin({ role, state }: Member): boolean {
  return role === 'admin' && state === 'enabled';
}

function find({ members }: People, memberId: string): Member | undefined {
  return members.find((member) => member.memberId === memberId);
}
