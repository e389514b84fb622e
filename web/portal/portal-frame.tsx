import { Badge, Center, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Navigate, Outlet } from '@tanstack/react-router';
import { type ReactElement, useEffect } from 'react';

import { useLive } from '../api/live.ts';
import { accountQuery } from '../api/queries.ts';
import { useAccountParam } from '../components/account-links.tsx';
import { accountPages } from '../components/account-pages.tsx';
import { Shell } from '../components/shell.tsx';
import { moment } from '../format/time.ts';
import { LiveBanner } from '../components/live-banner.tsx';
import { NoticeAlone } from '../components/notice-alone.tsx';
import { forgetCardSaved, saysCardSaved } from '../session/card-saved.ts';
import { type Session, SessionContext, useSession } from '../session/session.ts';
import { useSessionState } from '../session/use-session-state.ts';
import { words } from '../words/shell.ts';

/** What a customer's people see: the pages of their own account. */
export function PortalFrame(): ReactElement {
  const state = useSessionState('portal');
  if (state.status === 'loading') {
    return (
      <Center h="100vh">
        <Loader aria-label={words.states.loading} />
      </Center>
    );
  }
  if (state.status === 'none' && saysCardSaved()) {
    return <NoticeAlone title={words.states.cardSaved} text={words.states.cardSavedWhy} />;
  }
  if (state.status === 'none') {
    return (
      <NoticeAlone
        title={words.states.sessionOver}
        text={words.states.sessionOverWhy}
        detail={state.problem?.message ?? null}
      />
    );
  }
  return (
    <SessionContext value={state.session}>
      <PortalShell session={state.session} />
    </SessionContext>
  );
}

function PortalShell({ session }: { readonly session: Session }): ReactElement {
  const account = useAccountParam();
  const own = session.kind === 'portal' ? session.accountId : '';
  const role = session.kind === 'portal' ? session.role : 'admin';
  const memberId = session.kind === 'portal' ? session.memberId : '';
  const liveness = useLive(own);
  const { data } = useQuery(accountQuery(own));
  useEffect(forgetCardSaved, []);
  if (account !== undefined && account !== own)
    return <Navigate to="/portal/$account/billing" params={{ account: own }} />;
  return (
    <Shell
      name={own}
      who={words.viewing(memberId, words.role[role])}
      links={accountPages(`/portal/${encodeURIComponent(own)}`, { view: data, seesAmounts: role === 'admin' })}
      banner={<LiveBanner liveness={liveness} over={words.states.sessionOverWhy} />}
      actions={<ClockBadge view={data} />}
    >
      <Outlet />
    </Shell>
  );
}

/** On a test clock "now" is another one than the reader's. */
function ClockBadge({ view }: { readonly view: object | undefined }): ReactElement | null {
  const { now, testClockId } = (view ?? {}) as { readonly now?: string; readonly testClockId?: string | null };
  if (now === undefined || testClockId == null) return null;
  return (
    <Badge color="grape" variant="outline" visibleFrom="md">
      {words.clock(moment(now))}
    </Badge>
  );
}

/** Where a portal link leads. */
export function PortalStart(): ReactElement {
  const session = useSession();
  const account = session.kind === 'portal' ? session.accountId : '';
  return <Navigate to="/portal/$account/billing" params={{ account }} replace />;
}
