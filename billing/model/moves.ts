import type { Instant } from '../calendar/instant.ts';

/** A state machine as a closed table: for each state, where it may go next. */
export type Moves<State extends string> = Readonly<Record<State, readonly State[]>>;

/** Only a bug asks for a move that the table does not have, so it throws an `Error`, not a refusal. */
export function assertMove<State extends string>(
  moves: Moves<State>,
  move: { readonly of: string; readonly from: State; readonly to: State; readonly at: Instant },
): void {
  const { of, from, to, at } = move;
  if (!moves[from].includes(to)) throw new Error(`illegal ${of} move ${from} → ${to} at ${at}`);
}
