import type { Instant } from '../billing/calendar/instant.ts';

/** How an account is bound to a scenario's clock from its signup on. */
export type ClockBinding = { readonly testClockId: string } | { readonly clockOffsetSeconds: number };

/** The clock of one scenario: all its accounts hang on it, and it stands still between the steps. */
export interface ScenarioClock {
  readonly now: Instant;
  /** For an account that signs up now. */
  binding(): ClockBinding;
  /** The account exists from here on and moves along. */
  bound(accountId: string): void;
  /**
   * Moves on, and answers when every account has worked off what fell due and is idle.
   * @throws Refusal `date_before_clock`; nothing has moved then.
   */
  moveTo(to: Instant): Promise<void>;
}
