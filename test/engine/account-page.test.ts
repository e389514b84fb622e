import { describe, expect, it } from 'vitest';

import type { Instant } from '../../billing/calendar/instant.ts';
import { accountPage } from '../../workflows/account/account-page.ts';
import { type AccountStart, AccountState } from '../../workflows/account/account-state.ts';

const NOW = '2031-03-02T00:00:00Z' as Instant;
const START: AccountStart = { accountId: 'acme', clock: { kind: 'test', testClockId: 'clock', now: NOW } };

/** The page before the account was read, as somebody sees it who asks in that moment. */
function firstPageOf(start: AccountStart): string {
  return accountPage(new AccountState(start), NOW);
}

describe('the page before the account is read', () => {
  it('given the first run, then it says that the account is being signed up, or was closed and is read again', () => {
    expect(firstPageOf(START)).toBe('# acme\n\nis being signed up, or read again');
  });

  it('given a later run, then it tells the instant and the new run, and nothing of a signup that was years ago', () => {
    const page = firstPageOf({ ...START, reachedAt: NOW });
    expect(page).toContain('As of `2031-03-02T00:00:00Z` on a test clock.');
    expect(page).toContain('A new run has begun');
    expect(page).not.toContain('signed up');
  });
});
