import { type Instant, isInstant } from '../../billing/calendar/instant.ts';
import type { Catalog } from '../../billing/catalog/catalog.ts';
import type { RefusalCode } from '../../billing/refusal-codes.ts';
import { describe } from './account-document.ts';
import { type AccountState, catalogOf, type Contract, copyOf } from './account-state.ts';
import { DAY, instantOf, monthOf, type Second, secondOf } from './calendar.ts';
import { stepsPerUnit } from './offers.ts';
import {
  closeAccount,
  creditInvoice,
  extendTrial,
  payOut,
  recordPayment,
  setPaymentMethod,
} from './operator-commands.ts';
import { no, Refused, RefusedWithTrace } from './refused.ts';
import {
  addSeats,
  admit,
  disableMember,
  enableMembers,
  type Person,
  removeSeats,
  setAllocation,
} from './seat-commands.ts';
import { beginFree, billAfterTheEnd } from './subscription-life.ts';
import {
  cancel,
  changePlan,
  migrateCatalog,
  resumeSubscription,
  setCap,
  setContract,
  subscribe,
} from './subscription-commands.ts';
import { beginTerms, monthWithin, spanAt } from './terms-in-force.ts';
import { foresee, moveTo, nextDue } from './timeline.ts';
import {
  type Asked,
  captureHold,
  HOLD_LASTS,
  keyOf,
  LONGEST_HOLD,
  placeHold,
  assertMayBegin,
  recordUse,
  RefusedAtLimit,
  releaseHold,
  reverseUse,
} from './use.ts';

/** A step's body, as it stands in a scenario. */
export type Body = Readonly<Record<string, unknown>>;

export type Outcome =
  | { readonly ok: true; readonly answer: unknown }
  | { readonly ok: false; readonly code: RefusalCode; readonly limit: RefusalCode | null };

export interface NewAccount {
  readonly id: string;
  readonly owner: string;
  readonly at: Instant;
  readonly catalogs: readonly Catalog[];
  /** TRI-6: an owner who closed an account has had their trial. */
  readonly hadTrial?: boolean;
}

/**
 * One account, predicted from the rules alone. It is told the steps of a scenario and says what is answered; `document` is
 * the account as `expect` sees it.
 */
export class ReferenceAccount {
  #state: AccountState;
  #unnamed = 0;

  constructor({ id, owner, at, catalogs, hadTrial = false }: NewAccount) {
    const now = secondOf(at);
    const version = catalogs.length;
    this.#state = {
      now,
      id,
      owner,
      signedUpAt: now,
      catalogs,
      version,
      successor: null,
      trialEndsAt: null,
      card: null,
      subscription: null,
      spans: [],
      caps: {},
      balances: {},
      works: {},
      members: [],
      allocation: { enabled: false, ceiling: null },
      invoices: [],
      prorations: [],
      advances: {},
      creditNotes: [],
      notices: [],
      toldOfTrial: [],
      serials: 0,
      numbered: 0,
      closedAt: null,
      hasLastInvoice: false,
    };
    const catalog = catalogOf(this.#state);
    if (catalog.trial !== null && !hadTrial) {
      const end = now + catalog.trial.days * DAY;
      beginTerms(this.#state, now, { kind: 'trial' }).to = end;
      this.#state.trialEndsAt = end;
    } else if (catalog.afterTrial === 'free') beginFree(this.#state, now);
    else
      beginTerms(this.#state, now, { kind: 'none', reason: catalog.trial === null ? 'not_subscribed' : 'trial_ended' });
  }

  get isClosed(): boolean {
    return this.#state.closedAt !== null;
  }

  get isAnythingInForce(): boolean {
    return spanAt(this.#state, this.#state.now)?.kind !== 'none';
  }

  /** CAT-2: another version was published; the account stays on its own. */
  published(catalogs: readonly Catalog[]): void {
    this.#state = { ...this.#state, catalogs };
  }

  moveTo(at: Instant): void {
    moveTo(this.#state, secondOf(at));
  }

  document(): Record<string, unknown> {
    return describe(this.#state);
  }

  /** The next instants at which something is due, earliest first. */
  dues(): readonly Instant[] {
    const copy = copyOf(this.#state);
    const found: Instant[] = [];
    for (let count = 0; count < 12 && found.length < 3; count += 1) {
      const due = nextDue(copy);
      if (due === null) break;
      const at = instantOf(due.at);
      if (due.at > this.#state.now && found.at(-1) !== at) found.push(at);
      moveTo(copy, due.at);
    }
    return found;
  }

  /** Where the running month of use began: the boundary before now. */
  boundaryBefore(): Instant {
    const span = spanAt(this.#state, this.#state.now);
    if (span === undefined || span.kind === 'none') return instantOf(span?.from ?? this.#state.now);
    return instantOf(monthWithin(this.#state, span, this.#state.now).start);
  }

  /** INV-3: the next invoice as it is issued if nothing more happens; null where none comes. */
  upcomingTotal(): number | null {
    return nextInvoiceOf(this.#state)?.total ?? null;
  }

  /** Plays a step; what is refused leaves no trace but its count (CRE-6). */
  play(kind: string, body: Body): Outcome {
    const before = copyOf(this.#state);
    try {
      const answer = this.#decide(kind, body);
      moveTo(this.#state, this.#state.now);
      return { ok: true, answer };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error instanceof RefusedWithTrace) moveTo(this.#state, this.#state.now);
      else this.#state = before;
      if (error instanceof RefusedAtLimit) this.#count(error);
      return { ok: false, code: error.code, limit: error.limit };
    }
  }

  #count({ balance }: RefusedAtLimit): void {
    const known = (this.#state.balances[keyOf(balance)] ??= balance);
    known.refusals += 1;
  }

  #decide(kind: string, body: Body): unknown {
    const state = this.#state;
    const at = state.now;
    assertTakesStill(state, kind, body);
    switch (kind) {
      case 'paymentMethod':
        setPaymentMethod(state, at, body['card'] as 'visa');
        return undefined;
      case 'subscribe':
        assertCounts(body, ['seats'], ['capCents']);
        assertInterval(body);
        subscribe(state, at, body as never);
        return undefined;
      case 'changePlan':
        assertInterval(body);
        changePlan(state, at, body);
        return undefined;
      case 'contract': {
        const { startsAt } = setContract(state, at, contractOf(body));
        return { startsAt: instantOf(startsAt) };
      }
      case 'cancel':
        cancel(state, at);
        return undefined;
      case 'resume':
        resumeSubscription(state);
        return undefined;
      case 'setCap':
        assertCounts(body, [], ['cents']);
        setCap(state, at, String(body['meter']), body['cents'] as number | null);
        return undefined;
      case 'migrateCatalog': {
        assertCounts(body, ['version'], []);
        const told = migrateCatalog(state, at, body['version'] as number | undefined);
        return told.at === undefined ? told : { ...told, at: instantOf(told.at) };
      }
      case 'previewSeats':
        return this.#previewSeats(body);
      case 'close':
        closeAccount(state, at);
        return undefined;
      case 'recordPayment':
        recordPayment(state, at, String(body['number']));
        return undefined;
      case 'creditInvoice':
        assertCounts(body, ['line', 'amountCents'], []);
        return creditInvoice(state, at, body as never);
      case 'payOut':
        return payOut(state, at);
      case 'extendTrial':
        assertCounts(body, ['days'], []);
        return { trialEndsAt: instantOf(extendTrial(state, at, body['days'] as number).trialEndsAt) };
      default:
        return this.#decideSeats(kind, body) ?? this.#decideUse(kind, body);
    }
  }

  #decideSeats(kind: string, body: Body): unknown {
    const state = this.#state;
    const at = state.now;
    switch (kind) {
      case 'addSeats':
        if (body['count'] === undefined) no('invalid_request');
        assertCounts(body, ['count'], []);
        addSeats(state, at, body['count'] as number);
        return {};
      case 'removeSeats':
        if ((body['count'] === undefined) === (body['member'] === undefined)) no('invalid_request');
        assertCounts(body, ['count'], []);
        removeSeats(state, body);
        return {};
      case 'automaticAllocation':
        if (typeof body['enabled'] !== 'boolean') no('invalid_request');
        assertCounts(body, ['ceiling'], []);
        setAllocation(state, body['enabled'], body['ceiling'] as number | null | undefined);
        return {};
      case 'enableMember':
        enableMembers(state, at, [String(body['member'])]);
        return {};
      case 'enableMembers':
        enableMembers(state, at, body['members'] as string[]);
        return {};
      case 'disableMember':
        disableMember(state, String(body['member']));
        return {};
      case 'run':
        return this.#run(body);
      case 'openDashboard':
        admit(state, at, personOf(body['member']), true);
        return {};
      default:
        return undefined;
    }
  }

  #decideUse(kind: string, body: Body): unknown {
    const state = this.#state;
    switch (kind) {
      case 'use':
        return this.#recorded(recordUse(state, this.#askedUse(body), foresee));
      case 'hold': {
        const asked = this.#askedHold(body);
        const expiresAt = placeHold(state, asked, expiryOf(state, body), foresee);
        const perUnit = stepsPerUnit(catalogOf(state), asked.meter);
        return { held: asked.units / perUnit, expiresAt: instantOf(expiresAt) };
      }
      case 'capture': {
        const id = String(body['id']);
        return this.#recorded(
          captureHold(state, id, this.#capturedUnits(id, body), JSON.stringify([body['quantity'], body['credits']])),
        );
      }
      case 'release':
        return releaseHold(state, String(body['id']));
      case 'reverse':
        return this.#recorded(reverseUse(state, String(body['id'])));
      default:
        throw new Error(`The model knows no step ${kind}.`);
    }
  }

  /** What comes up after the end is billed at once. */
  #recorded<Answer>(answer: Answer): Answer {
    billAfterTheEnd(this.#state, this.#state.now);
    return answer;
  }

  #askedUse(body: Body): Asked {
    const { feature, quantity, credits, model, occurredAt, id } = body;
    for (const count of [quantity, credits]) if (count !== undefined && !isCount(count)) no('invalid_request');
    if (occurredAt !== undefined && !isInstant(occurredAt)) no('invalid_request');
    const [meter, units] = this.#unitsOf(body);
    // CRE-11: no quantity is one.
    const count = quantity ?? (credits === undefined ? 1 : null);
    return {
      id: typeof id === 'string' ? id : `unnamed ${(this.#unnamed += 1)}`,
      meter,
      units,
      occurredAt: occurredAt === undefined ? this.#state.now : secondOf(occurredAt),
      isDated: occurredAt !== undefined,
      content: JSON.stringify([feature, count, credits ?? null, memberOf(body['member']), model ?? null]),
    };
  }

  /** CRE-2: what a feature costs, or what the event says itself; in the meter's smallest units. */
  #unitsOf(body: Body): readonly [string, number] {
    const catalog = catalogOf(this.#state);
    const feature = typeof body['feature'] === 'string' ? catalog.features[body['feature']] : undefined;
    const quantity = (body['quantity'] as number | undefined) ?? 1;
    const meter = feature?.meter ?? (body['meter'] as string | undefined) ?? Object.keys(catalog.meters)[0]!;
    if (!Object.hasOwn(catalog.meters, meter)) no('unknown_meter');
    const perUnit = stepsPerUnit(catalog, meter);
    if (body['credits'] !== undefined) return [meter, stepsOf(body['credits'] as number, perUnit)];
    if (body['meter'] !== undefined) return [meter, stepsOf(quantity, perUnit)];
    if (feature === undefined) return no('unknown_feature');
    const model = body['model'] as string | undefined;
    const each = (model === undefined ? undefined : feature.models?.[model]) ?? feature.quantity;
    return [meter, stepsOf(each * quantity, perUnit)];
  }

  #askedHold(body: Body): Asked {
    const [meter, units] = this.#unitsOf(body);
    if (units <= 0) no('invalid_request');
    const { feature, quantity, credits, model, expiresIn, expiresAt } = body;
    const parts = [feature, body['meter'], quantity, credits, memberOf(body['member']), model, expiresIn, expiresAt];
    return {
      id: String(body['id']),
      meter,
      units,
      occurredAt: this.#state.now,
      isDated: false,
      content: JSON.stringify(parts.map((part) => part ?? null)),
    };
  }

  #capturedUnits(id: string, body: Body): number | null {
    const { quantity, credits } = body;
    if (quantity === undefined && credits === undefined) return null;
    const hold = this.#state.works[id];
    const meter = hold === undefined ? undefined : this.#state.balances[hold.balance]?.meter;
    const perUnit = meter === undefined ? 1 : stepsPerUnit(catalogOf(this.#state), meter);
    return stepsOf((credits ?? quantity) as number, perUnit);
  }

  /** SEA-1: a public run is free and makes nobody a member; it is not metered either. */
  #run(body: Body): unknown {
    const state = this.#state;
    const { sender, visibility, minutes } = body;
    if (visibility !== 'private' && visibility !== 'public') no('invalid_request');
    if (visibility === 'public') return {};
    const metered = minutes === undefined ? null : this.#askedMinutes(body);
    // BUD-2: a job that may not begin must not make a member first.
    if (metered !== null) assertMayBegin(state, metered, foresee);
    if (sender == null) admit(state, state.now, { id: '', login: '[bot]' }, false);
    else admit(state, state.now, personOf(sender), false);
    return metered === null ? {} : this.#recorded(recordUse(state, metered, foresee));
  }

  #askedMinutes({ sender, minutes, id }: Body): Asked {
    const state = this.#state;
    const catalog = catalogOf(state);
    const [meter] = Object.values(catalog.meters).filter((candidate) => candidate.granularitySeconds !== null);
    if (meter === undefined) return no('unknown_meter');
    return {
      id: typeof id === 'string' ? id : `unnamed ${(this.#unnamed += 1)}`,
      meter: meter.name,
      units: stepsOf(minutes as number, stepsPerUnit(catalog, meter.name)),
      occurredAt: state.now,
      isDated: false,
      content: JSON.stringify(['run', minutes, memberOf(sender)]),
    };
  }

  /** INV-3: what adding seats costs now, and what the next invoice would be then. */
  #previewSeats(body: Body): unknown {
    if (body['count'] === undefined) no('invalid_request');
    assertCounts(body, ['count'], []);
    const copy = copyOf(this.#state);
    const known = new Set(copy.invoices.filter(({ status }) => status !== 'draft').map(({ index }) => index));
    copy.card = 'visa';
    addSeats(copy, copy.now, body['count'] as number);
    moveTo(copy, copy.now);
    const dueNow = copy.invoices
      .filter(({ index }) => !known.has(index))
      // Charged at once, or sent at once to be paid on its day (CRE-18).
      .filter(({ status, dueAt }) => status === 'paid' || (status === 'open' && dueAt !== null))
      .reduce((sum, invoice) => sum + invoice.total, 0);
    return { dueNowCents: dueNow, nextInvoiceCents: nextInvoiceOf(copy)?.total ?? 0 };
  }
}

function nextInvoiceOf(state: AccountState): { total: number } | null {
  const copy = copyOf(state);
  copy.card = 'visa';
  copy.isEverythingPaid = true;
  const draft = copy.invoices.find((invoice) => invoice.status === 'draft');
  const issued = copy.numbered;
  const { subscription } = copy;
  const until = subscription === null ? copy.now : monthOf(Math.max(subscription.anchor, copy.now), 14);
  if (draft !== undefined) {
    moveTo(copy, draft.draftUntil!);
    if (draft.number !== null) return draft;
  }
  for (let month = 1; month <= 14 && copy.numbered === issued; month += 1) {
    moveTo(copy, Math.min(until, monthOf(state.now, month)));
  }
  return copy.invoices.find((invoice) => invoice.number !== null && numberOf(invoice.number) === issued + 1) ?? null;
}

function numberOf(number: string): number {
  return Number(number.slice(number.lastIndexOf('-') + 1));
}

/** TRI-6: a closed account takes nothing any more; an operator may still give back or pay out, and a new card pays. */
function assertTakesStill(state: AccountState, kind: string, body: Body): void {
  if (state.closedAt === null) return;
  // What is said of a thing itself comes first: that it is too old, or not there.
  if (kind === 'paymentMethod' && body['card'] === 'declined') no('card_declined');
  if (kind === 'migrateCatalog' && Number(body['version'] ?? 1) > state.catalogs.length) no('unknown_catalog_version');
  if (kind === 'hold' && state.works[String(body['id'])] !== undefined) return;
  if (kind === 'use' || kind === 'capture' || kind === 'release' || kind === 'reverse') return;
  const isOpen = state.invoices.some((invoice) => invoice.status === 'open');
  if (kind === 'payOut' || kind === 'creditInvoice') return;
  // Members see it as before.
  if (kind === 'openDashboard' && state.members.some(({ id }) => id === personOf(body['member']).id)) return;
  if (kind === 'recordPayment' && isPayable(state, body['number'])) return;
  if (kind === 'paymentMethod' && isOpen && body['card'] !== undefined) return;
  no('account_closed');
}

function isPayable(state: AccountState, number: unknown): boolean {
  return state.invoices.some((invoice) => {
    return invoice.status === 'open' || (invoice.number === number && invoice.status === 'uncollectible');
  });
}

function assertCounts(body: Body, counts: readonly string[], cents: readonly string[]): void {
  for (const name of counts) {
    const value = body[name];
    if (value !== undefined && value !== null && !(isCount(value) && value <= 1_000_000)) no('invalid_request');
  }
  for (const name of cents) {
    const value = body[name];
    if (value != null && !(Number.isSafeInteger(value) && (value as number) >= 0)) no('invalid_request');
  }
}

function assertInterval(body: Body): void {
  if (body['interval'] !== undefined && body['interval'] !== 'month' && body['interval'] !== 'year')
    no('invalid_request');
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function stepsOf(units: number, perUnit: number): number {
  const steps = units * perUnit;
  if (!Number.isSafeInteger(steps) || steps < 0) no('invalid_request');
  return steps;
}

function personOf(value: unknown): Person {
  if (typeof value === 'string') return { id: value, login: value };
  const { id, login } = value as { id: string; login?: string };
  return { id, login: login ?? id };
}

function memberOf(value: unknown): string | null {
  return value == null ? null : personOf(value).id;
}

function expiryOf(state: AccountState, { expiresIn, expiresAt }: Body): Second {
  const at =
    expiresAt === undefined
      ? state.now + ((expiresIn as number | undefined) ?? HOLD_LASTS)
      : secondOf(expiresAt as Instant);
  if (at <= state.now || at > state.now + LONGEST_HOLD) no('invalid_request');
  return at;
}

function contractOf(body: Body): Contract & { startNow: boolean } {
  const { plan, interval, priceCents, seats, meters, invoiceDueDays, attributes, startNow } = body;
  assertCounts(body, ['invoiceDueDays'], ['priceCents']);
  assertInterval(body);
  return {
    plan: plan as string,
    interval: interval as 'month',
    priceCents: priceCents as number,
    seats: (seats as Contract['seats'] | undefined) ?? null,
    meters: (meters as Contract['meters'] | undefined) ?? {},
    invoiceDueDays: (invoiceDueDays as number | undefined) ?? null,
    attributes: (attributes as Contract['attributes'] | undefined) ?? {},
    startNow: startNow === true,
  };
}
