import { createContext, useContext } from 'react';

import type { Problem } from '../api/problem.ts';

/** Who looks at the pages. What they may do is decided by the server; this only keeps from offering what it would refuse. */
export type Session =
  | {
      readonly kind: 'portal';
      readonly accountId: string;
      readonly memberId: string;
      readonly role: 'admin' | 'member';
      readonly expiresAt: string;
    }
  | {
      readonly kind: 'operator';
      readonly keyId: string;
      readonly scopes: readonly string[];
      readonly isSandbox: boolean;
      readonly temporalUiUrl: string | null;
      readonly temporalNamespace: string;
      readonly expiresAt: string;
    };

export type OperatorSession = Extract<Session, { kind: 'operator' }>;

export type SessionState =
  | { readonly status: 'loading' }
  | { readonly status: 'none'; readonly problem: Problem | null }
  | { readonly status: 'live'; readonly session: Session };

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('there is no session here');
  return session;
}

/** SEA-17: members see no amounts and change nothing. */
export function useMaySeeAmounts(): boolean {
  const session = useSession();
  return session.kind === 'operator' || session.role === 'admin';
}

/** Of a member; who operates the installation is none of anybody's. */
export function useOwnId(): string {
  const session = useSession();
  return session.kind === 'portal' ? session.memberId : '';
}

export function useOperator(): OperatorSession | null {
  const session = useSession();
  return session.kind === 'operator' ? session : null;
}
