import { setTimeout as pause } from 'node:timers/promises';

import type { Client } from '@temporalio/client';

import { addSeconds, epochMs, type Instant, instantFromEpochMs, secondsBetween } from '../billing/calendar/instant.ts';
import { Refusal } from '../billing/refusal.ts';
import type { ClockBinding, ScenarioClock } from './scenario-clock.ts';
import { fastForward, virtualNowMs } from './time-skipping.ts';

/**
 * Past the instant itself, so that timers which end there have fired, and their work is done, before the clock arrives. Where work lasts
 * until the clock has arrived in real time, server 1.32.1 may skip on to the next timer there is, a month or a year too far: it heeds no
 * target that has just gone by. With 50 ms that was about one play of ten on a busy machine. Instants closer than this are one for the timers.
 */
const ARRIVAL_MARGIN_MS = 10_000;
/** So much before something is due, no instant is moved to: the margin, and what the clocks go on in real time while steps are played there. */
const TOLD_APART_MS = 30_000;
/** Before the instant itself: from there it is looked what is due right after it, which the margin would bring, too. */
const APPROACH_MS = 2 * ARRIVAL_MARGIN_MS;
/** Above the time between working a way out and the server’s taking it up, below any way between two timers of an account. */
const OVERSHOOT_MS = 60_000;
const IDLE_POLL_MS = 20;
const IDLE_TIMEOUT_MS = 60_000;

/** What an account waits for, as its status says it. */
export type NextOf = (accountId: string) => Promise<readonly { readonly at: Instant; readonly what: string }[]>;

/**
 * Durable timers under the server's time skipping. Each account's workflow has a virtual clock of its own, which only moves
 * forward from the real now; the account's time is that clock plus an offset, fixed when it signs up, so the dates are those of
 * the scenario. Virtual clocks go on in real time after they arrived somewhere: that is why each way is measured from where the
 * workflow's clock stands, and why commands carry the scenario's instant instead.
 */
export class SkippingClock implements ScenarioClock {
  readonly #client: Client;
  readonly #nextOf: NextOf;
  readonly #offsetSeconds = new Map<string, number>();
  #now: Instant;
  #newOffsetSeconds = 0;

  constructor(client: Client, start: Instant, nextOf: NextOf) {
    this.#client = client;
    this.#nextOf = nextOf;
    this.#now = start;
  }

  get now(): Instant {
    return this.#now;
  }

  binding(): ClockBinding {
    this.#newOffsetSeconds = secondsBetween(instantFromEpochMs(Date.now()), this.#now);
    return { clockOffsetSeconds: this.#newOffsetSeconds };
  }

  bound(accountId: string): void {
    // A repeated signup finds the workflow of the first one, whose offset stays.
    if (!this.#offsetSeconds.has(accountId)) this.#offsetSeconds.set(accountId, this.#newOffsetSeconds);
  }

  async moveTo(to: Instant): Promise<void> {
    if (to < this.#now) {
      throw new Refusal({
        code: 'date_before_clock',
        message: `${to} is before the clock, which stands at ${this.#now}.`,
      });
    }
    await Promise.all([...this.#offsetSeconds].map(([accountId, offset]) => this.#moveAccount(accountId, offset, to)));
    this.#now = to;
  }

  async #moveAccount(accountId: string, offsetSeconds: number, to: Instant): Promise<void> {
    const workflowId = `account/${accountId}`;
    if (await this.#isOver(workflowId)) return;
    const instantMs = epochMs(addSeconds(to, -offsetSeconds));
    await this.#skipTo(workflowId, instantMs - APPROACH_MS);
    if (await this.#isOver(workflowId)) return;
    await this.#assertNothingRightAfter(accountId, to);
    await this.#skipTo(workflowId, instantMs + ARRIVAL_MARGIN_MS);
  }

  async #skipTo(workflowId: string, targetMs: number): Promise<void> {
    const remainingMs = targetMs - (await virtualNowMs(this.#client, workflowId));
    try {
      if (remainingMs > 0) {
        await fastForward(this.#client, workflowId, remainingMs);
        await this.#assertArrived(workflowId, targetMs);
      }
    } catch (error) {
      // On its way it may have done the last thing that a closed account had to do.
      if (!(await this.#isOver(workflowId))) throw error;
    }
    await this.#untilIdle(workflowId);
  }

  /** CAL-3: what is due after an instant must not have happened at it. The timers cannot tell them apart, so nobody is shown another state in silence. */
  async #assertNothingRightAfter(accountId: string, to: Instant): Promise<void> {
    const until = addSeconds(to, TOLD_APART_MS / 1000);
    const close = (await this.#nextOf(accountId)).find(({ at }) => at > to && at <= until);
    if (close === undefined) return;
    const seconds = String(secondsBetween(to, close.at));
    throw new Refusal({
      code: 'invalid_request',
      message:
        `${to} is ${seconds} s before something is due (${close.at}: ${close.what}), and durable timers tell apart what is ` +
        `more than ${String(TOLD_APART_MS / 1000)} s apart. Choose an earlier instant, or the due's own, or play it without --timers.`,
    });
  }

  /** The workflow of a closed account ends, and with it its clock. */
  async #isOver(workflowId: string): Promise<boolean> {
    const { status } = await this.#client.workflow.getHandle(workflowId).describe();
    return status.name === 'COMPLETED';
  }

  /** A clock that went past would bill months nobody asked for; said here, because each figure after it would be wrong. */
  async #assertArrived(workflowId: string, targetMs: number): Promise<void> {
    const beyondMs = (await virtualNowMs(this.#client, workflowId)) - targetMs;
    if (beyondMs > OVERSHOOT_MS) {
      throw new Error(
        `the server skipped the time of ${workflowId} ${String(Math.round(beyondMs / 1000))} s too far; play it again`,
      );
    }
  }

  /** The clock has arrived, but activities of the last boundary may still run. */
  async #untilIdle(workflowId: string): Promise<void> {
    const deadlineMs = Date.now() + IDLE_TIMEOUT_MS;
    while (!(await this.#client.workflow.getHandle(workflowId).query<boolean>('idle'))) {
      if (Date.now() > deadlineMs)
        throw new Error(`${workflowId} is not idle ${String(IDLE_TIMEOUT_MS / 1000)} s after its clock arrived`);
      await pause(IDLE_POLL_MS);
    }
  }
}
