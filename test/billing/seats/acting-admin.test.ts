import { describe, expect, it } from 'vitest';

import type { Command } from '../../../billing/model/command.ts';
import { parseCommand } from '../../../billing/commands/command-shape.ts';
import { decideCommands } from '../../../billing/commands/decide-command.ts';
import { isActingAdmin } from '../../../billing/seats/acting-admin.ts';
import { type AccountInMemory, catalogNamed } from '../account-in-memory.ts';
import { freeAccount, proAccount } from './pro-account.ts';

/** What becomes of commands that waited together, each asked for by somebody. */
function decided(account: AccountInMemory, ...asked: readonly (readonly [string | undefined, Command])[]): string[] {
  const envelopes = asked.map(([onBehalfOf, command], index) => ({
    ...{ commandId: `c${String(index)}`, actor: onBehalfOf ?? 'key:1', effectiveAt: account.now, command },
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
  }));
  const { answers } = decideCommands(account.facts, catalogNamed('codspeed'), envelopes);
  return answers.map(({ refusal }) => refusal?.code ?? 'granted');
}

const withAdmin = (account: AccountInMemory, memberId: string): AccountInMemory => {
  account.do('setRole', { memberId, role: 'admin' });
  return account;
};

const demote = { type: 'setRole', memberId: 'bob', role: 'member' } as const;
const promote = { type: 'setRole', memberId: 'bob', role: 'admin' } as const;

describe('SEA-17: who acts as an admin is looked at where a command is decided', () => {
  it('SEA-17 given an admin who is demoted or disabled before it, when their command is decided, then it is refused', () => {
    const account = withAdmin(freeAccount('owner', 'bob', 'cid'), 'bob');
    const cancel = { type: 'disableMember', memberId: 'cid' } as const;
    expect(decided(account, ['bob', cancel])).toEqual(['granted']);
    expect(decided(account, [undefined, demote], ['bob', cancel], ['bob', promote])).toEqual([
      ...['granted', 'member_not_admin', 'member_not_admin'],
    ]);
    const disable = { type: 'disableMember', memberId: 'bob' } as const;
    const enable = { type: 'enableMember', memberId: 'bob' } as const;
    expect(decided(account, ['owner', disable], ['bob', enable])).toEqual(['granted', 'member_not_admin']);
    // A key is no member, and stays what it is.
    expect(decided(account, [undefined, demote], [undefined, promote], ['bob', cancel])).toEqual([
      ...['granted', 'granted', 'granted'],
    ]);
  });

  it('SEA-17 given somebody who never was an admin, or nobody of the account, then their command is refused', () => {
    const account = freeAccount('owner', 'mona');
    expect(decided(account, ['mona', promote], ['stranger', promote])).toEqual([
      'member_not_admin',
      'member_not_admin',
    ]);
  });

  it('SEA-17 given seats that are added together, when one of those who ask is no admin, then only their part is refused', () => {
    const account = withAdmin(proAccount({ seats: 2, members: ['owner', 'bob'] }), 'bob');
    const add = { type: 'addSeats', count: 1 } as const;
    expect(decided(account, ['bob', add], ['mona', add], ['owner', add])).toEqual([
      ...['granted', 'member_not_admin', 'granted'],
    ]);
  });

  it('SEA-2 given the owner, when they are no member yet, or only invited, then they act all the same', () => {
    const account = freeAccount();
    expect(isActingAdmin(account.facts, 'owner')).toBe(true);
    account.do('addMember', { memberId: 'owner' });
    expect(isActingAdmin(account.facts, 'owner')).toBe(true);
  });

  it('SEA-17 given an owner who was demoted or disabled, then they act no more, unless no other admin is enabled', () => {
    for (const dismiss of ['demoted', 'disabled'] as const) {
      const account = withAdmin(freeAccount('owner', 'bob'), 'bob');
      if (dismiss === 'demoted') account.do('setRole', { memberId: 'owner', role: 'member' });
      else account.do('disableMember', { memberId: 'owner' });
      expect(isActingAdmin(account.facts, 'owner'), dismiss).toBe(false);
      const members = account.facts.members.map((each) =>
        each.memberId === 'bob' ? ({ ...each, state: 'disabled', reason: 'no_seat' } as const) : each,
      );
      expect(isActingAdmin({ ...account.facts, members }, 'owner'), dismiss).toBe(true);
      expect(isActingAdmin({ ...account.facts, members }, 'bob'), dismiss).toBe(false);
    }
  });

  it('SEA-17 given an owner who only lost their seat, then they act all the same: somebody has to pay', () => {
    const account = withAdmin(freeAccount('owner', 'bob'), 'bob');
    const members = account.facts.members.map((each) =>
      each.memberId === 'owner' ? ({ ...each, state: 'disabled', reason: 'no_seat' } as const) : each,
    );
    expect(isActingAdmin({ ...account.facts, members }, 'owner')).toBe(true);
  });

  it('AUD-1 given a command on behalf of what can be nobody, then its form is refused', () => {
    expect(parseCommand('cancel', { onBehalfOf: 'bob' }).header.onBehalfOf).toBe('bob');
    expect(() => parseCommand('cancel', { onBehalfOf: '' })).toThrow('onBehalfOf');
  });
});
