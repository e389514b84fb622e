import { IconArmchairOff, IconUserCheck, IconUserOff, IconUserShield } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import { ActMenu, type MenuAct } from '../components/act-menu.tsx';
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
  return (
    <ActMenu
      label={words.actionsFor(member.login)}
      acts={actsOn(member, isSeatBilled).map(({ label, icon, act }) => ({
        label,
        icon,
        onAct: () => {
          onAct(act);
        },
      }))}
    />
  );
}

function actsOn(member: Member, isSeatBilled: boolean): readonly (Omit<MenuAct, 'onAct'> & { readonly act: Act })[] {
  const members = [member];
  return [
    ...(isEnabled(member)
      ? []
      : [
          {
            label: words.enable,
            icon: <IconUserCheck size={SIZE} aria-hidden />,
            act: { kind: 'enable', members } as const,
          },
        ]),
    ...(canBeDisabled(member)
      ? [
          {
            label: words.disable,
            icon: <IconUserOff size={SIZE} aria-hidden />,
            act: { kind: 'disable', members } as const,
          },
        ]
      : []),
    {
      label: member.role === 'admin' ? words.makeMember : words.makeAdmin,
      icon: <IconUserShield size={SIZE} aria-hidden />,
      act: { kind: 'role', member },
    },
    ...(isSeatBilled && isEnabled(member) && member.seatEndsAt === null
      ? [
          {
            label: words.removeSeat,
            icon: <IconArmchairOff size={SIZE} aria-hidden />,
            act: { kind: 'removeSeat', member } as const,
          },
        ]
      : []),
  ];
}
