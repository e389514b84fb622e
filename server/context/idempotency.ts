/**
 * How a POST is done once. `command`: the route sees to it itself, as commands do, whose id the caller's key is. `stored`: its answer is kept
 * as it is. Otherwise what is kept of it, and what a repeat is answered: a secret must not be kept.
 */
export type Idempotency = 'command' | 'stored' | KeptAnswer;

export interface KeptAnswer {
  readonly keep: (answer: unknown) => unknown;
  readonly repeat: (kept: unknown) => unknown;
}
