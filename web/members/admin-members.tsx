import { Button, SimpleGrid, Stack } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import type { Schemas } from '../api/client.ts';
import { catalogQuery } from '../api/queries.ts';
import { lazyDialog } from '../components/lazy-dialog.tsx';
import { Notice } from '../components/notice.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Panel } from '../components/panel.tsx';
import { useSession } from '../session/session.ts';
import { words } from '../words/members.ts';
import { AutomaticAllocation } from './automatic-allocation.tsx';
import { FreePanel } from './free-panel.tsx';
import { isEnabled, type Member } from './member.ts';
import { MemberList } from './member-list.tsx';
import { type Act, MemberMenu } from './member-menu.tsx';
import { freeLimit, isWithSeats } from './seat-figures.ts';
import { SeatsPanel } from './seats-panel.tsx';

const ChangeRole = lazyDialog(async () => (await import('./change-role.tsx')).ChangeRole);
const DisableMembers = lazyDialog(async () => (await import('./disable-members.tsx')).DisableMembers);
const EnableMembers = lazyDialog(async () => (await import('./enable-members.tsx')).EnableMembers);
const Invite = lazyDialog(async () => (await import('./invite.tsx')).Invite);
const RemoveSeats = lazyDialog(async () => (await import('./remove-seats.tsx')).RemoveSeats);

interface AdminMembersProps {
  readonly account: Schemas['Account'];
  readonly members: readonly Member[];
}

/** What an admin sees, and can do. */
export function AdminMembers({ account, members }: AdminMembersProps): ReactElement {
  const session = useSession();
  const { data: catalog } = useQuery(catalogQuery(account.accountId));
  const [act, setAct] = useState<Act | 'invite' | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const hasSeats = catalog === undefined || isWithSeats(catalog);
  const enabled = members.filter(isEnabled).length;
  return (
    <>
      <PageHead
        title={words.title}
        hint={words.headline(enabled, members.length)}
        actions={
          <Button
            leftSection={<IconUserPlus size={16} aria-hidden />}
            variant="default"
            onClick={() => {
              setAct('invite');
            }}
          >
            {words.invite}
          </Button>
        }
      />
      <Stack gap="lg">
        {catalog !== undefined && <Room account={account} catalog={catalog} members={members} />}
        {members.length === 0 ? (
          <Notice title={words.nobody} text={hasSeats ? words.nobodyWhy : words.listHintUnlimited(account.entity)} />
        ) : (
          <Panel title={words.list} hint={hasSeats ? words.listHint : words.listHintUnlimited(account.entity)}>
            <MemberList
              members={members}
              ownId={session.kind === 'portal' ? session.memberId : null}
              admin={{
                menu: (member) => <MemberMenu member={member} isSeatBilled={account.seats !== null} onAct={setAct} />,
                onAct: setAct,
                selected,
                onSelect: setSelected,
              }}
            />
          </Panel>
        )}
      </Stack>
      <ActDialog
        account={account}
        members={members}
        isWithSeats={hasSeats}
        act={act}
        onDone={() => {
          setSelected(new Set());
        }}
        onClose={() => {
          setAct(null);
        }}
      />
    </>
  );
}

/** How many there is room for: seats that are paid, or the free plan's places; nothing where there is no limit. */
function Room({
  account,
  catalog,
  members,
}: AdminMembersProps & { readonly catalog: Schemas['Catalog'] }): ReactElement | null {
  const limit = freeLimit(account, catalog);
  if (account.seats !== null) {
    return (
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <SeatsPanel account={account} catalog={catalog} seats={account.seats} members={members} />
        <AutomaticAllocation account={account} catalog={catalog} />
      </SimpleGrid>
    );
  }
  return limit === null ? null : <FreePanel enabled={members.filter(isEnabled).length} limit={limit} />;
}

interface ActDialogProps extends AdminMembersProps {
  readonly isWithSeats: boolean;
  readonly act: Act | 'invite' | null;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function ActDialog({ account, members, isWithSeats, act, onDone, onClose }: ActDialogProps): ReactElement | null {
  if (act === null) return null;
  if (act === 'invite') return <Invite account={account.accountId} isWithSeats={isWithSeats} onClose={onClose} />;
  switch (act.kind) {
    case 'enable':
      return <EnableMembers account={account} members={act.members} onDone={onDone} onClose={onClose} />;
    case 'disable':
      return <DisableMembers account={account} members={act.members} onDone={onDone} onClose={onClose} />;
    case 'role':
      return <ChangeRole account={account.accountId} member={act.member} onClose={onClose} />;
    case 'removeSeat':
      if (account.seats === null) return null;
      return (
        <RemoveSeats
          account={account}
          seats={account.seats}
          members={members}
          memberId={act.member.member}
          onClose={onClose}
        />
      );
  }
}
