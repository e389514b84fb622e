import type { AccountActivities, AccountClock, Answer } from '../../activities/account-activities.ts';
import type { AccountSummary } from '../../activities/account-summary.ts';
import type { Command } from '../../billing/model/command.ts';
import type { Due } from '../../billing/schedule/dues.ts';
import type { Instant } from '../../billing/calendar/instant.ts';

/**
 * An account whose activities are called one by one, in the order in which its workflow would: for tests of the activities themselves,
 * where each call may be doubled, raced or killed.
 */
export class DirectAccount {
  readonly accountId: string;
  readonly #activities: AccountActivities;
  readonly #clock: AccountClock;
  #now: Instant;
  #commands = 0;
  summary: AccountSummary | null = null;

  constructor(
    activities: AccountActivities,
    input: { readonly accountId: string; readonly testClockId: string; readonly now: Instant },
  ) {
    const { accountId, testClockId, now } = input;
    this.accountId = accountId;
    this.#activities = activities;
    this.#now = now;
    this.#clock = { kind: 'test', testClockId, now };
  }

  /** Applies one command and, unless told to wait, collects what it owes. */
  async command(command: Command, options: { readonly collect?: boolean } = {}): Promise<Answer> {
    const envelope = {
      commandId: `command ${String(++this.#commands)}`,
      actor: 'test',
      effectiveAt: this.#now,
      command,
    };
    const attached =
      command.type === 'setPaymentMethod'
        ? await this.#activities.attachPaymentMethod(this.accountId, envelope)
        : { context: {} };
    const input = {
      accountId: this.accountId,
      clock: this.#clock,
      envelopes: [envelope],
      context: attached.context ?? {},
    };
    const { answers, summary } = await this.#activities.applyCommands(input);
    this.summary = summary;
    if (options.collect !== false) await this.advance(this.#now);
    return answers[0]!;
  }

  get nextDue(): Due | null {
    return this.summary?.dues[0] ?? null;
  }

  async advance(to: Instant): Promise<void> {
    this.#now = to;
    for (;;) {
      const due = this.nextDue;
      if (due === null || due.at > to) break;
      await this.workOff(due);
    }
    if (this.summary !== null && this.summary.openAtStripe.length > 0) {
      this.summary = await this.#activities.closeAtStripe(this.accountId);
    }
  }

  async workOff(due: Due): Promise<void> {
    this.summary =
      due.kind === 'collect'
        ? (await this.#activities.collectInvoice(this.accountId, due)).summary
        : due.kind === 'refund'
          ? (await this.#activities.refundCreditNote(this.accountId, due)).summary
          : await this.#activities.workOffDue(this.accountId, due);
  }
}
