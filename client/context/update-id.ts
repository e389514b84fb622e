import { randomBytes } from 'node:crypto';

/**
 * An id for one update of an account's workflow. Temporal keeps the ids of all updates of a run, and writes them anew with each step of it, so this
 * one is short: 72 random bits, which have to differ within a run only. What makes a command happen once is its `commandId`, not this.
 */
export function newUpdateId(): string {
  return randomBytes(9).toString('base64url');
}
