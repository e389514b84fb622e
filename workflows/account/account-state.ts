import type { AccountClock, Answer, Attached, RefusalAnswer, Trouble } from '../../activities/account-activities.ts';
import type { AccountSummary } from '../../activities/account-summary.ts';
import { type Envelope, SEAT_ADDITIONS } from '../../billing/model/command.ts';
import type { Due } from '../../billing/schedule/dues.ts';
import type { Instant } from '../../billing/calendar/instant.ts';
import { latest } from '../../billing/calendar/instant.ts';
import { isCausedBy } from '../../billing/schedule/collection.ts';

/**
 * Events after which a run is renewed. Where Temporal keeps its data in Postgres, each step of a run reads past all that it has had, and a worker
 * that does not know it replays all of it; the server itself suggests a new run after 4,096.
 */
export const LONGEST_HISTORY = 500;

/** What a run hands to the next one. Everything else is in Postgres. */
export interface AccountStart {
  readonly accountId: string;
  readonly clock: AccountClock;
  /** Events after which the run is renewed; default `LONGEST_HISTORY`. */
  readonly longestHistory?: number;
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
  /** What Stripe said of the card, where that was found out beside the queue. */
  readonly attached?: Attached;
}

/** Work at Stripe that runs beside the queue, because Stripe was in trouble when the queue asked. */
export interface Errand {
  /** For people: what it is about. */
  readonly what: string;
  /** Null while nothing is known to be wrong. One that will not pass by itself rests between tries. */
  readonly trouble: Trouble | null;
}

/** The errands of which an account has one at a time, whatever they are about. */
export const CLOSING = 'close at Stripe';
export const ATTACHING = 'attach a card';

/** The errand that asks Stripe how an invoice stands. */
export function lookingAt(invoiceId: string): string {
  return `look at ${invoiceId}`;
}

/** The errand that collects an invoice, or pays a credit note out. */
export function collecting(due: Due): string {
  if (due.kind === 'refund') return `refund ${due.creditNoteId ?? ''}`;
  return `collect ${due.invoiceId ?? ''}`;
}

/** What the workflow does next. The order is the whole of its judgement: see `nextAct`. */
export type Act =
  | { readonly kind: 'commands'; readonly envelopes: readonly Envelope[]; readonly attached: Attached | null }
  | { readonly kind: 'due'; readonly due: Due }
  | { readonly kind: 'look'; readonly invoiceId: string }
  | { readonly kind: 'closeAtStripe' }
  | { readonly kind: 'wait'; readonly until: Instant | null; readonly summary: string };

const LARGEST_BATCH = 50;

/**
 * One account's run: the commands that wait, the answers that are owed, the dues that come, the errands beside them. It holds no billing facts, imports nothing of
 * Temporal, and decides only what is done next.
 */
export class AccountState {
  readonly accountId: string;
  #summary: AccountSummary | null = null;
  /** Why the last command that came as a signal was refused; nobody waits for its answer. */
  lastRefusal: LastRefusal | null;
  isBusy = true;
  /** Something happened beside the queue, and what is next has to be asked anew. */
  isStirred = false;
  /** An operator wants a new run. */
  isRenewalAsked = false;
  #clock: AccountClock;
  #reachedAt: Instant | null;
  /** Whether there was none right before this one: the account is not there yet, or was closed. */
  readonly isFirstRun: boolean;
  readonly longestHistory: number;
  #nextTicket = 1;
  readonly #queue: Queued[] = [];
  /** Cards that wait to be set at Stripe, beside the queue. */
  readonly #aside: Queued[] = [];
  /** Cards that were set there; they go before the queue. */
  readonly #ready: Queued[] = [];
  readonly #errands = new Map<string, Errand>();
  /** Counts the cards that were set in this run. */
  cardsSet = 0;
  /** Invoices that Stripe has something to say about; each once, however often it was said. */
  readonly #toLookAt = new Set<string>();
  readonly #unsettled = new Map<number, Answer>();
  readonly #answers = new Map<number, Answer>();

  constructor({ accountId, clock, longestHistory, reachedAt, lastRefusal }: AccountStart) {
    this.accountId = accountId;
    this.#clock = clock;
    this.longestHistory = longestHistory ?? LONGEST_HISTORY;
    this.#reachedAt = reachedAt ?? null;
    this.isFirstRun = reachedAt === undefined;
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
      longestHistory: this.longestHistory,
      ...(this.#reachedAt === null ? {} : { reachedAt: this.#reachedAt }),
      ...(this.lastRefusal === null ? {} : { lastRefusal: this.lastRefusal }),
    };
  }

  /** Now, given what a real clock says; a command or a due that was worked on already is never in the future. */
  now(realNow: () => Instant): Instant {
    const clockNow = this.#clock.kind === 'test' ? this.#clock.now : realNow();
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
    return this.#queue.length + this.#ready.length > 0;
  }

  /** Whether all that was asked for and all that is due is done. What Stripe will not take by itself is not waited for. */
  isCaughtUp(now: Instant): boolean {
    const due = this.#nextDue;
    const isIdle =
      !this.isBusy && !this.hasQueue && !this.hasLooks && this.#unsettled.size === 0 && !this.#hasErrandsUnderWay;
    return isIdle && (due === undefined || due.at > now);
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
    return this.#summary !== null && this.#nextLook !== undefined;
  }

  get #nextLook(): string | undefined {
    return [...this.#toLookAt].find((invoiceId) => !this.#errands.has(lookingAt(invoiceId)));
  }

  /** The account is closed, and nothing is left to collect, to pay out or to answer. */
  get isOver(): boolean {
    return this.#summary?.isOver === true && !this.hasQueue && this.#errands.size === 0;
  }

  get summary(): AccountSummary | null {
    return this.#summary;
  }

  /** Takes in what an activity read. Two may have read at once: the newer one counts, whichever is heard of first. */
  learn(summary: AccountSummary | null): void {
    if (summary === null || summary.version >= (this.#summary?.version ?? 0)) this.#summary = summary;
  }

  get errands(): readonly Errand[] {
    return [...this.#errands.values()];
  }

  hasErrand(key: string): boolean {
    return this.#errands.has(key);
  }

  /** Begins an errand, or says how it stands. */
  putErrand(key: string, errand: Errand): void {
    this.#errands.set(key, errand);
    this.isStirred = true;
  }

  endErrand(key: string): void {
    this.#errands.delete(key);
    this.isStirred = true;
  }

  get #hasErrandsUnderWay(): boolean {
    return this.errands.some(({ trouble }) => trouble?.isTransient !== false);
  }

  /** Whether Stripe does not answer at present, so that there is no use in letting the queue wait for it. */
  get isStripeSilent(): boolean {
    return this.errands.some(({ trouble }) => trouble?.isTransient === true);
  }

  /** Takes the first command, a card, out of the queue: it is set at Stripe beside it. */
  setCardAside(): void {
    const queued = this.#queue.shift();
    if (queued !== undefined) this.#aside.push(queued);
  }

  get cardAside(): Envelope | null {
    return this.#aside[0]?.envelope ?? null;
  }

  /** The card that waited longest is set at Stripe, or refused there: its command comes next. */
  bringCardBack(attached: Attached): void {
    const queued = this.#aside.shift();
    if (queued !== undefined) this.#ready.push({ ...queued, attached });
    this.isStirred = true;
  }

  /** What is due next, apart from invoices that are being collected beside the queue. */
  get #nextDue(): Due | undefined {
    return this.#summary?.dues.find((due) => {
      const isAtStripe = due.kind === 'collect' || due.kind === 'refund';
      return !isAtStripe || !this.#errands.has(collecting(due));
    });
  }

  get nextDue(): Due | null {
    return this.#nextDue ?? null;
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
    const due = this.#nextDue;
    const [ready] = this.#ready;
    const queued = (ready ?? this.#queue[0])?.envelope;
    const horizon = queued === undefined ? now : latest(queued.effectiveAt, this.#reachedAt ?? queued.effectiveAt);
    if (due !== undefined && due.at <= horizon) return { kind: 'due', due };
    if (queued !== undefined && this.#unsettled.size === 0) {
      if (ready !== undefined) return { kind: 'commands', envelopes: [queued], attached: ready.attached ?? null };
      return { kind: 'commands', envelopes: this.#batch(due), attached: null };
    }
    const look = this.#nextLook;
    if (look !== undefined && this.hasLooks) return { kind: 'look', invoiceId: look };
    const mustClose = this.#summary !== null && this.#summary.openAtStripe.length > 0;
    if (mustClose && !this.#errands.has(CLOSING)) return { kind: 'closeAtStripe' };
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
    this.learn(summary);
    for (const answer of answers) {
      const queued = this.#ready.shift() ?? this.#queue.shift();
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

  /** Gives the answers out once nothing that is due by the instant reached is left, save what is collected beside the queue. */
  settleAnswers(): void {
    const due = this.#nextDue;
    if (due !== undefined && this.#reachedAt !== null && due.at <= this.#reachedAt) return;
    for (const [ticket, answer] of this.#unsettled) this.#answers.set(ticket, this.#honest(answer));
    this.#unsettled.clear();
  }

  /** Granted, and Stripe has not yet said whether it is paid for: whoever asked is told so instead of kept waiting. */
  #honest(answer: Answer): Answer {
    const isUnpaid = this.#summary?.unpaid.some((invoice) => isCausedBy(invoice, answer.commandId)) === true;
    return isUnpaid && answer.result !== null
      ? { ...answer, result: { ...answer.result, payment: 'pending' } }
      : answer;
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
