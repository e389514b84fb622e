import type { CommandBodies } from '../model/command.ts';
import type { Member } from '../model/facts.ts';
import { changeMember, recordAudit, type Turn } from '../model/turn.ts';
import { Refusal } from '../refusal.ts';
import { enabledMembers, hasMembers, isBot, knownMember, memberOf } from './seats.ts';

type Result = Readonly<Record<string, unknown>>;

/**
 * An admin invites somebody, with a role. They take no seat and count for nothing until their first private run or visit, which admits
 * them as any newcomer (SEA-2); where nothing is provisioned per member (CRE-1) they are in at once.
 */
export function addMember(
  turn: Turn,
  { memberId, login = memberId, role = 'member' }: CommandBodies['addMember'],
): Result {
  if (memberOf(turn.facts, memberId) !== null) {
    throw new Refusal({
      code: 'no_change',
      message: `${memberId} is already a member.`,
      field: 'memberId',
    });
  }
  assertNoBot(login);
  const isInvited = hasMembers(turn.catalog);
  const member: Member = {
    memberId,
    login,
    role,
    state: isInvited ? 'disabled' : 'enabled',
    reason: isInvited ? 'invited' : null,
    createdAt: turn.at,
    enabledAt: isInvited ? null : turn.at,
    stateSince: turn.at,
    reasonBefore: null,
  };
  turn.facts = { ...turn.facts, members: [...turn.facts.members, member] };
  const { state, reason } = member;
  recordAudit(turn, 'member.invited', null, { memberId, login, role });
  return { member: memberId, role, state, reason };
}

/** SEA-17: who changes seats, members, caps and plans. */
export function setRole(turn: Turn, { memberId, role }: CommandBodies['setRole']): Result {
  const member = knownMember(turn, memberId);
  if (member.role === role) return { changed: false };
  assertNotLastAdmin(turn, member);
  changeMember(turn, memberId, { role });
  recordAudit(turn, 'member.role_set', { memberId, role: member.role }, { memberId, role });
  return { changed: true };
}

/** SEA-17: nobody, not by mistake either, takes away the last admin who can act. @throws Refusal `last_admin`. */
export function assertNotLastAdmin(turn: Turn, member: Member): void {
  const isActing = (other: Member): boolean => other.role === 'admin' && other.state === 'enabled';
  const others = enabledMembers(turn.facts).filter((other) => other.memberId !== member.memberId);
  if (!isActing(member) || others.some(isActing)) return;
  throw new Refusal({
    code: 'last_admin',
    message: `${member.login} is the only enabled admin.`,
    field: 'memberId',
  });
}

/** SEA-3. */
export function assertNoBot(login: string): void {
  if (!isBot(login)) return;
  throw new Refusal({
    code: 'invalid_request',
    message: `${login} is a bot. Bots run without being members.`,
    field: 'login',
  });
}
