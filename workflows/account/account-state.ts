import type { AccountClock, Answer, RefusalAnswer } from '../../activities/account-activities.ts';
import type { AccountSummary } from '../../activities/account-summary.ts';
import { type Envelope, SEAT_ADDITIONS } from '../../billing/account/command.ts';
import type { Due } from '../../billing/account/dues.ts';
import type { Instant } from '../../billing/calendar/instant.ts';
import { latest } from '../../billing/calendar/instant.ts';

/** What a run hands to the next one. Everything else is in Postgres. */
export interface AccountStart {
  readonly accountId: string;
  readonly clock: AccountClock;
  /** The latest instant that was worked on; absent in the first run. */
  readonly reachedAt?: Instant;
  /** What the page says of the last command that nobody waited for. */
  readonly lastRefusal?: LastRefusal;
}

interface LastRefusal {
  readonly what: string;
  readonly refusal: RefusalAnswer;
}

interface Queued {
  /** Tells apart repeats of one command id, each of which waits for an answer of its own. */
  readonly ticket: number;
  readonly envelope: Envelope;
}

/** What the workflow does next. The order is the whole of its judgement: see `nextAct`. */
export type Act =
  | { readonly kind: 'commands'; readonly envelopes: readonly Envelope[] }
  | { readonly kind: 'due'; readonly due: Due }
  | { readonly kind: 'look'; readonly invoiceId: string }
  | { readonly kind: 'closeAtStripe' }
  | { readonly kind: 'wait'; readonly until: Instant | null; readonly summary: string };

const LARGEST_BATCH = 50;

/**
 * One account's run: the commands that wait, the answers that are owed, the dues that come. It holds no billing facts, imports nothing of
 * Temporal, and decides only what is done next.
 */
export class AccountState {
  readonly accountId: string;
  summary: AccountSummary | null = null;
  /** Why the last command that came as a signal was refused; nobody waits for its answer. */
  lastRefusal: LastRefusal | null;
  isBusy = true;
  #clock: AccountClock;
  #reachedAt: Instant | null;
  #nextTicket = 1;
  readonly #queue: Queued[] = [];
  /** Invoices that Stripe has something to say about; each once, however often it was said. */
  readonly #toLookAt = new Set<string>();
  readonly #unsettled = new Map<number, Answer>();
  readonly #answers = new Map<number, Answer>();

  constructor({ accountId, clock, reachedAt, lastRefusal }: AccountStart) {
    this.accountId = accountId;
    this.#clock = clock;
    this.#reachedAt = reachedAt ?? null;
    this.lastRefusal = lastRefusal ?? null;
  }

  get clock(): AccountClock {
    return this.#clock;
  }

  /** What the next run starts from. */
  get start(): AccountStart {
    return {
      accountId: this.accountId,
      clock: this.#clock,
      ...(this.#reachedAt === null ? {} : { reachedAt: this.#reachedAt }),
      ...(this.lastRefusal === null ? {} : { lastRefusal: this.lastRefusal }),
    };
  }

  /** Now, given what a real clock says; a command or a due that was worked on already is never in the future. */
  now(realNow: Instant): Instant {
    const clockNow = this.#clock.kind === 'test' ? this.#clock.now : realNow;
    return this.#reachedAt === null ? clockNow : latest(clockNow, this.#reachedAt);
  }

  /**
   * Puts a command behind those that wait, and gives the ticket for its answer. A repeated command is asked again, not answered from
   * memory: what was refused then may be allowed now, and what was granted is remembered in the database.
   */
  enqueue(envelope: Envelope): number {
    const ticket = this.#nextTicket++;
    this.#queue.push({ ticket, envelope });
    return ticket;
  }

  get hasQueue(): boolean {
    return this.#queue.length > 0;
  }

  get isIdle(): boolean {
    return !this.isBusy && !this.hasQueue && !this.hasLooks && this.#unsettled.size === 0;
  }

  /** An invoice at Stripe is to be looked at again. */
  lookAt(invoiceId: string): void {
    this.#toLookAt.add(invoiceId);
  }

  /** The look begins now: what Stripe says from here on is another reason to look. */
  looking(invoiceId: string): void {
    this.#toLookAt.delete(invoiceId);
  }

  /** Before the signup there is nothing to look at. */
  get hasLooks(): boolean {
    return this.summary !== null && this.#toLookAt.size > 0;
  }

  /** The account is closed, and nothing is left to collect, to pay out or to answer. */
  get isOver(): boolean {
    return this.summary?.isOver === true && !this.hasQueue;
  }

  moveTestClock(to: Instant): void {
    if (this.#clock.kind !== 'test') throw new Error('a real clock is not moved');
    if (to > this.#clock.now) this.#clock = { ...this.#clock, now: to };
  }

  /**
   * What is due before a command takes effect comes before it, also a payment that an earlier command caused; a command comes before
   * what is due after it, even if both are late (CAL-3: after an outage everything happens in the order of its instants).
   */
  nextAct(now: Instant): Act {
    const due = this.summary?.dues[0];
    const queued = this.#queue[0]?.envelope;
    const horizon = queued === undefined ? now : latest(queued.effectiveAt, this.#reachedAt ?? queued.effectiveAt);
    if (due !== undefined && due.at <= horizon) return { kind: 'due', due };
    if (queued !== undefined && this.#unsettled.size === 0) return { kind: 'commands', envelopes: this.#batch(due) };
    const [invoiceId] = this.#toLookAt;
    if (invoiceId !== undefined && this.hasLooks) return { kind: 'look', invoiceId };
    if (this.summary !== null && this.summary.openAtStripe.length > 0) return { kind: 'closeAtStripe' };
    return { kind: 'wait', until: due?.at ?? null, summary: due?.summary ?? 'a command' };
  }

  /** The first command, with the seat additions right behind it if it is one, as far as nothing is due in between. */
  #batch(due: Due | undefined): readonly Envelope[] {
    const joins = (envelope: Envelope): boolean =>
      SEAT_ADDITIONS.has(envelope.command.type) && (due === undefined || envelope.effectiveAt < due.at);
    const end = this.#queue.findIndex(({ envelope }) => !joins(envelope));
    const joined = end === -1 ? this.#queue.length : end;
    return this.#queue.slice(0, Math.min(LARGEST_BATCH, Math.max(1, joined))).map(({ envelope }) => envelope);
  }

  /**
   * The commands at the head of the queue have been applied, and these are their answers, one each and in the same order. They are given
   * out when what they caused is done, too.
   */
  applied(answers: readonly Answer[], summary: AccountSummary | null): void {
    this.summary = summary;
    for (const answer of answers) {
      const queued = this.#queue.shift();
      if (queued === undefined) return;
      this.#unsettled.set(queued.ticket, answer);
      this.reached(answer.at);
    }
  }

  reached(at: Instant): void {
    this.#reachedAt = this.#reachedAt === null ? at : latest(this.#reachedAt, at);
  }

  /** SBI-11: a payment failed after a command had been granted. */
  revoke(commandId: string, refusal: RefusalAnswer): void {
    for (const [ticket, answer] of this.#unsettled) {
      if (answer.commandId === commandId) this.#unsettled.set(ticket, { ...answer, result: null, refusal });
    }
  }

  /** Gives the answers out once nothing that is due by the instant reached is left. */
  settleAnswers(): void {
    const due = this.summary?.dues[0];
    if (due !== undefined && this.#reachedAt !== null && due.at <= this.#reachedAt) return;
    for (const [ticket, answer] of this.#unsettled) this.#answers.set(ticket, answer);
    this.#unsettled.clear();
  }

  hasAnswer(ticket: number): boolean {
    return this.#answers.has(ticket);
  }

  /** Hands an answer out, once: an account that lives for a year must not keep what nobody waits for. */
  takeAnswer(ticket: number): Answer | null {
    const answer = this.#answers.get(ticket) ?? null;
    this.#answers.delete(ticket);
    return answer;
  }
}
