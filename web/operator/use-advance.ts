import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';

import { answered, api } from '../api/client.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { accountKey } from '../api/queries.ts';
import { OPERATOR_KEY } from './queries.ts';

/** Between two months that are played, so that one sees what each brings. */
const PAUSE_MS = 600;

export interface Played {
  readonly done: number;
  readonly of: number;
}

interface Advance {
  /** Moves the clock through these instants, one after the other. */
  readonly play: (instants: readonly string[]) => void;
  /** After the step that is under way. */
  readonly stop: () => void;
  readonly played: Played | null;
  readonly problem: Problem | null;
}

/** Moves a clock, and asks again for what is shown of the accounts on it after each step. */
export function useAdvance(clock: string, accountIds: readonly string[]): Advance {
  const queries = useQueryClient();
  const [played, setPlayed] = useState<Played | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const isStopped = useRef(false);
  const refresh = async (): Promise<void> => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: OPERATOR_KEY }),
      ...accountIds.map((account) => queries.invalidateQueries({ queryKey: accountKey(account) })),
    ]);
  };
  const step = async (to: string): Promise<void> => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    await answered(api.POST('/v1/test-clocks/{clock}/advance', { params: { path: { clock } }, headers, body: { to } }));
    await refresh();
  };
  const playAll = async (instants: readonly string[]): Promise<void> => {
    for (const [done, to] of instants.entries()) {
      if (isStopped.current) return;
      if (done > 0) await pause(PAUSE_MS);
      setPlayed({ done: done + 1, of: instants.length });
      await step(to);
    }
  };
  return {
    play: (instants) => {
      isStopped.current = false;
      setProblem(null);
      setPlayed({ done: 0, of: instants.length });
      playAll(instants)
        .catch(async (error: unknown) => {
          setProblem(problemOf(error));
          // A part of it may have been worked off before it was refused.
          await refresh();
        })
        .finally(() => {
          setPlayed(null);
        });
    },
    stop: () => {
      isStopped.current = true;
    },
    played,
    problem,
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
