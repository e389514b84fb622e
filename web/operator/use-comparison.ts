import { useRef, useState } from 'react';

import { type Problem, problemOf } from '../api/problem.ts';
import { type Choice, type Customer, type Played, playSide, stepsOf } from './comparison.ts';

export interface Result {
  readonly left: Played;
  readonly right: Played;
  readonly customer: Customer;
  readonly wasStopped: boolean;
}

interface Comparison {
  readonly run: (left: Choice, right: Choice, customer: Customer) => void;
  readonly stop: () => void;
  readonly progress: { readonly done: number; readonly of: number } | null;
  readonly result: Result | null;
  readonly problem: Problem | null;
}

/** Plays both sides side by side, each on a clock of its own. */
export function useComparison(): Comparison {
  const [progress, setProgress] = useState<Comparison['progress']>(null);
  const [result, setResult] = useState<Result | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const stopping = useRef(new AbortController());
  return {
    run: (left, right, customer) => {
      const { signal } = (stopping.current = new AbortController());
      const name = `compare-${crypto.randomUUID().slice(0, 8)}`;
      setProblem(null);
      setResult(null);
      setProgress({ done: 0, of: 2 * stepsOf(customer) });
      const onStep = (): void => {
        setProgress((known) => (known === null ? null : { ...known, done: known.done + 1 }));
      };
      Promise.all([
        playSide({ id: `${name}-a`, choice: left, customer, signal, onStep }),
        playSide({ id: `${name}-b`, choice: right, customer, signal, onStep }),
      ])
        .then(([playedLeft, playedRight]) => {
          setResult({ left: playedLeft, right: playedRight, customer, wasStopped: signal.aborted });
        })
        .catch((error: unknown) => {
          // The other side ends with its step.
          stopping.current.abort();
          setProblem(problemOf(error));
        })
        .finally(() => {
          setProgress(null);
        });
    },
    stop: () => {
      stopping.current.abort();
    },
    progress,
    result,
    problem,
  };
}
