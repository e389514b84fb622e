import type { components } from '../../sdk/generated/openapi.ts';
import { words } from '../words/members.ts';
import { isEnabled, type Member, standingOf } from './member.ts';

export interface OwnAccess {
  readonly kind: 'allowed' | 'blocked' | 'not joined';
  readonly title: string;
  readonly reasons: readonly string[];
  /** Whom to ask; null where nothing is in the way. */
  readonly ask: string | null;
}

interface Asked {
  readonly account: Pick<components['schemas']['AccountForMembers'], 'refused' | 'meters'>;
  /** Whoever looks; null where they are no member. */
  readonly own: Member | null;
  readonly members: readonly Member[];
}

/**
 * Whether whoever looks may run: their own state first, because it is theirs alone, then what has stopped for everybody; with who can change it
 * (SEA-9, SEA-17).
 */
export function ownAccess({ account, own, members }: Asked): OwnAccess {
  const stopped = stoppedFor(account);
  const ask = askWhom(members, own);
  const standing = own === null ? 'unknown' : standingOf(own);
  const text = words.access;
  if (standing === 'enabled' || standing === 'leaving') {
    if (stopped.length > 0) return { kind: 'blocked', title: text.stopped, reasons: stopped, ask };
    return { kind: 'allowed', title: text.allowed, reasons: [], ask: null };
  }
  const { title, why } = text.states[standing];
  const isComing = standing === 'invited' || standing === 'unknown';
  return {
    ...{ kind: isComing ? 'not joined' : 'blocked', title, reasons: [why, ...stopped] },
    ask: isComing && stopped.length === 0 ? null : ask,
  };
}

function stoppedFor({ refused, meters }: Asked['account']): readonly string[] {
  if (refused !== null) return [refused.message];
  const codes = new Set(Object.values(meters).flatMap(({ refused: code }) => (code === null ? [] : [code])));
  return [...codes].map((code) => words.access.meters[code] ?? words.access.meter);
}

const MOST_NAMES = 3;

/** By name where an admin has one; where no login is known, there is the provider’s id, like `github:1`, which nobody is called by. */
function askWhom(members: readonly Member[], own: Member | null): string {
  const admins = members.filter((each) => each.role === 'admin' && isEnabled(each) && each.member !== own?.member);
  const names = admins.flatMap(({ login, member }) => (login === member && login.includes(':') ? [] : [login]));
  if (names.length === 0) return words.access.askAnAdmin;
  return words.access.ask(new Intl.ListFormat('en-US', { type: 'disjunction' }).format(names.slice(0, MOST_NAMES)));
}
