import { ActionIcon, Menu } from '@mantine/core';
import { IconArmchairOff, IconDots, IconUserCheck, IconUserOff, IconUserShield } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import { words } from '../words/members.ts';
import { canBeDisabled, isEnabled, type Member } from './member.ts';

/** What an admin can do to whom; a dialog asks before it is done. */
export type Act =
  | { readonly kind: 'enable' | 'disable'; readonly members: readonly Member[] }
  | { readonly kind: 'role' | 'removeSeat'; readonly member: Member };

interface MemberMenuProps {
  readonly member: Member;
  /** Whether seats are paid for, so that theirs can end. */
  readonly isSeatBilled: boolean;
  readonly onAct: (act: Act) => void;
}

const SIZE = 16;

export function MemberMenu({ member, isSeatBilled, onAct }: MemberMenuProps): ReactElement {
  const canLeave = isSeatBilled && isEnabled(member) && member.seatEndsAt === null;
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon aria-label={words.actionsFor(member.login)}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!isEnabled(member) && (
          <Menu.Item
            leftSection={<IconUserCheck size={SIZE} aria-hidden />}
            onClick={() => {
              onAct({ kind: 'enable', members: [member] });
            }}
          >
            {words.enable}
          </Menu.Item>
        )}
        {canBeDisabled(member) && (
          <Menu.Item
            leftSection={<IconUserOff size={SIZE} aria-hidden />}
            onClick={() => {
              onAct({ kind: 'disable', members: [member] });
            }}
          >
            {words.disable}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconUserShield size={SIZE} aria-hidden />}
          onClick={() => {
            onAct({ kind: 'role', member });
          }}
        >
          {member.role === 'admin' ? words.makeMember : words.makeAdmin}
        </Menu.Item>
        {canLeave && (
          <Menu.Item
            leftSection={<IconArmchairOff size={SIZE} aria-hidden />}
            onClick={() => {
              onAct({ kind: 'removeSeat', member });
            }}
          >
            {words.removeSeat}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
