import { ActionIcon, Center, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconArrowsDiff, IconClockPlay, IconId, IconLogout, IconScale, IconUsersGroup } from '@tabler/icons-react';
import { Outlet } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import { useLive } from '../api/live.ts';
import { accountQuery, type AccountView } from '../api/queries.ts';
import { useAccountParam } from '../components/account-links.tsx';
import { accountPages } from '../components/account-pages.tsx';
import { Shell, type ShellLink } from '../components/shell.tsx';
import { Hint } from '../components/hint.tsx';
import { LiveBanner } from '../components/live-banner.tsx';
import { signOut } from '../session/open-session.ts';
import { SessionContext, useSession } from '../session/session.ts';
import { useSessionState } from '../session/use-session-state.ts';
import { words } from '../words/shell.ts';
import { words as operatorWords } from '../words/operator.ts';
import { SignIn } from './sign-in.tsx';

const SIZE = 18;

/** What whoever runs the installation sees: all accounts, and each as its customer sees it. */
export function OperatorFrame(): ReactElement {
  const state = useSessionState('operator');
  if (state.status === 'loading') {
    return (
      <Center h="100vh">
        <Loader aria-label={words.states.loading} />
      </Center>
    );
  }
  if (state.status === 'none') return <SignIn onSignedIn={state.enter} problem={state.problem} />;
  return (
    <SessionContext value={state.session}>
      <OperatorShell />
    </SessionContext>
  );
}

function OperatorShell(): ReactElement {
  const account = useAccountParam();
  const session = useSession();
  const isSandbox = session.kind === 'operator' && session.isSandbox;
  const { data } = useQuery({ ...accountQuery(account ?? ''), enabled: account !== undefined });
  return (
    <Shell
      name={operatorWords.installation}
      who={words.operator}
      links={operatorPages(isSandbox)}
      more={account === undefined ? undefined : { heading: account, links: pagesOf(account, data) }}
      actions={<SignOut />}
    >
      {account === undefined ? <Outlet /> : <OfAccount account={account} />}
    </Shell>
  );
}

function OfAccount({ account }: { readonly account: string }): ReactElement {
  const liveness = useLive(account);
  return (
    <>
      <LiveBanner liveness={liveness} over={words.states.sessionOverOperator} />
      <Outlet />
    </>
  );
}

function pagesOf(account: string, view: AccountView | undefined): readonly ShellLink[] {
  const base = `/operator/accounts/${encodeURIComponent(account)}`;
  return [
    { label: operatorWords.overview, to: base, icon: <IconId size={SIZE} aria-hidden />, isExact: true },
    ...accountPages(base, { view, seesAmounts: true }),
  ];
}

function operatorPages(isSandbox: boolean): readonly ShellLink[] {
  return [
    { label: words.accounts, to: '/operator/', icon: <IconUsersGroup size={SIZE} aria-hidden />, isExact: true },
    { label: words.reconciliation, to: '/operator/reconciliation', icon: <IconScale size={SIZE} aria-hidden /> },
    ...(isSandbox
      ? [
          { label: words.timeMachine, to: '/operator/time-machine', icon: <IconClockPlay size={SIZE} aria-hidden /> },
          { label: words.compare, to: '/operator/compare', icon: <IconArrowsDiff size={SIZE} aria-hidden /> },
        ]
      : []),
  ];
}

function SignOut(): ReactElement {
  return (
    <Hint label={words.signOut}>
      <ActionIcon
        size="lg"
        aria-label={words.signOut}
        onClick={() => {
          void signOut('operator').then(() => {
            window.location.assign('/operator/');
          });
        }}
      >
        <IconLogout size={20} aria-hidden />
      </ActionIcon>
    </Hint>
  );
}
