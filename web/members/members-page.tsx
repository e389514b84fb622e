import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { accountQuery, type AccountView, isWithAmounts, membersQuery } from '../api/queries.ts';
import { useAccountId } from '../components/account-links.tsx';
import { Loaded } from '../components/loaded.tsx';
import { PageHead } from '../components/page-head.tsx';
import { words } from '../words/members.ts';
import { AdminMembers } from './admin-members.tsx';
import { isEnabled, type Member } from './member.ts';
import { OwnMembers } from './own-members.tsx';

/** Who may use it, why somebody may not, and what it takes that they may. */
export function MembersPage(): ReactElement {
  const account = useAccountId();
  const members = useQuery(membersQuery(account));
  const view = useQuery(accountQuery(account));
  if (members.data !== undefined && view.data !== undefined) {
    return <Members view={view.data} members={members.data} />;
  }
  const nothing = (): null => null;
  return (
    <>
      <PageHead title={words.title} />
      {members.data === undefined ? (
        <Loaded query={members} rows={6}>
          {nothing}
        </Loaded>
      ) : (
        <Loaded query={view} rows={6}>
          {nothing}
        </Loaded>
      )}
    </>
  );
}

function Members({ view, members }: { readonly view: AccountView; readonly members: readonly Member[] }): ReactElement {
  if (isWithAmounts(view)) return <AdminMembers account={view} members={members} />;
  return (
    <>
      <PageHead title={words.title} hint={words.headline(members.filter(isEnabled).length, members.length)} />
      <OwnMembers account={view} members={members} />
    </>
  );
}
