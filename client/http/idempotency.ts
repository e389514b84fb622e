/**
 * How a POST is done once. `command`: under the caller's key as the command's id, which is the route's own business. `stored`: its answer
 * is kept as it is. Otherwise what is kept of it, and what a repeat is answered: a secret must not be kept.
 */
export type Idempotency = 'command' | 'stored' | KeptAnswer;

export interface KeptAnswer {
  readonly keep: (answer: unknown) => unknown;
  readonly repeat: (kept: unknown) => unknown;
}
