import { useCallback, useEffect, useState } from 'react';

import { problemOf } from '../api/problem.ts';
import { openOperator, openPortal, takeFragment } from './open-session.ts';
import type { Session, SessionState } from './session.ts';

/** Finds out once who looks. StrictMode asks twice; the fragment is there only once, so the first asking counts. */
export function useSessionState(kind: Session['kind']): SessionState & { readonly enter: (session: Session) => void } {
  const [state, setState] = useState<SessionState>({ status: 'loading' });
  useEffect(() => {
    let isWanted = true;
    opened(kind)
      .then((session) => {
        if (isWanted) setState(session === null ? { status: 'none', problem: null } : { status: 'live', session });
      })
      .catch((error: unknown) => {
        if (isWanted) setState({ status: 'none', problem: problemOf(error) });
      });
    return () => {
      isWanted = false;
    };
  }, [kind]);
  const enter = useCallback((session: Session) => {
    setState({ status: 'live', session });
  }, []);
  return { ...state, enter };
}

const opening = new Map<string, Promise<Session | null>>();

function opened(kind: Session['kind']): Promise<Session | null> {
  const known = opening.get(kind);
  if (known !== undefined && window.location.hash === '') return known;
  const fragment = takeFragment();
  const asked: Promise<Session | null> = kind === 'portal' ? openPortal(fragment) : openOperator(fragment);
  opening.set(kind, asked);
  // A session that could not be opened is asked for again by whoever comes next.
  asked.catch(() => opening.delete(kind));
  return asked;
}
