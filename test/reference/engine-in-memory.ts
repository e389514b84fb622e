import { assertEnabled, decideAccess } from '../../billing/seats/decide-access.ts';
import {
  assertBooksOpen,
  decideCapture,
  decideHold,
  holdExpiry,
  priceHeldUse,
} from '../../billing/usage/decide-holds.ts';
import { decideEvents, type KnownWork, type LedgerEntry, type UsageEvent } from '../../billing/usage/decide-events.ts';
import { assertCount, assertMeterOpen, timelyWindow } from '../../billing/usage/decide-usage.ts';
import { describeAccount } from '../../billing/views/describe.ts';
import { nextTurningPoint } from '../../billing/schedule/dues.ts';
import { projectTo } from '../../billing/views/project.ts';
import type { Instant } from '../../billing/calendar/instant.ts';
import type { Catalog } from '../../billing/catalog/catalog.ts';
import { giveBack, releaseUnits, withoutExpired } from '../../billing/usage/holds.ts';
import { openMeterCycle } from '../../billing/usage/meter-cycle.ts';
import { shareNotices } from '../../billing/usage/share-notices.ts';
import { catalogInForce } from '../../billing/model/catalog-in-force.ts';
import type { Invoice, MeterCycle } from '../../billing/model/facts.ts';
import { unitsPerUnit } from '../../billing/model/terms.ts';
import { changesOf } from '../../billing/model/use-bill.ts';
import { balancePeriodAt } from '../../billing/model/use-terms.ts';
import { Refusal } from '../../billing/refusal.ts';
import { AccountInMemory } from '../billing/account-in-memory.ts';
import type { Step } from './random-lives.ts';

interface Hold {
  readonly holdId: string;
  readonly digest: string;
  readonly meter: string;
  readonly units: number;
  readonly cycleStart: Instant;
  readonly placedAt: Instant;
  readonly expiresAt: Instant;
  state: 'open' | 'captured' | 'released' | 'expired';
  captureDigest: string | null;
  outcome: Record<string, number> | null;
}

type Parts = Record<'included' | 'overage' | 'trial', number>;

const PREVIEWED: ReadonlySet<string> = new Set([
  ...['subscribe', 'changePlan', 'changePack', 'setContract', 'addSeats', 'removeSeats', 'enableMember'],
  ...['enableMembers', 'disableMember', 'cancel', 'resume', 'close', 'payOut', 'extendTrial', 'payInvoice'],
]);

const OUTCOMES = {
  visa: { kind: 'paid' },
  declines_after_attach: { kind: 'failed', reason: 'declined', detail: '' },
  requires_action: { kind: 'failed', reason: 'requires_action', detail: '' },
} as const;

/**
 * The engine's own decisions, played as the activities, the recorder of use and the holds' acts play them, without servers:
 * what the model is compared with.
 */
export class EngineInMemory {
  readonly account: AccountInMemory;
  readonly #holds = new Map<string, Hold>();
  readonly #ledger = new Map<string, LedgerEntry & { readonly digest: string }>();
  readonly #reversals = new Map<string, Parts>();
  readonly #told = new Set<string>();
  #unnamed = 0;

  constructor(catalog: Catalog, start: Instant, owner: string) {
    this.account = new AccountInMemory(catalog, start, owner);
  }

  moveTo(at: Instant): void {
    this.account.until(at);
  }

  publish(catalog: Catalog): number {
    const version = this.account.versions.size + 1;
    this.account.versions.set(version, catalog);
    return version;
  }

  get upcoming(): Invoice | null {
    return this.account.upcoming();
  }

  /** What a command would be invoiced at once, and the invoices there are before it; null where it has no preview, or would be refused. */
  foretell(kind: string, body: Step): { dueNowCents: number; known: ReadonlySet<string | null> } | null {
    const [type, fields] = commandOf(kind, body);
    // A purchase that is not paid for is not foretold.
    if (!PREVIEWED.has(type) || this.account.card.kind !== 'paid') return null;
    try {
      const { dueNowCents } = this.account.preview(type as never, fields as never);
      return { dueNowCents, known: this.numbers };
    } catch (error) {
      if (error instanceof Refusal) return null;
      throw error;
    }
  }

  get numbers(): ReadonlySet<string | null> {
    return new Set(this.account.issued.map(({ number }) => number));
  }

  invoicedSince(known: ReadonlySet<string | null>): number {
    const made = this.account.issued.filter(({ number, status }) => !known.has(number) && status !== 'carried');
    return made.reduce((sum, { total }) => sum + Math.max(0, total), 0);
  }

  /** From now on; what is open is paid at once. */
  payEverything(): void {
    this.account.sentInvoices = 'paid';
    if (this.account.facts.account.closedAt === null) this.#setCard('visa');
  }

  document(): Record<string, unknown> {
    const { facts, catalog, now } = this.account;
    const meterCycles = withoutExpired(facts.meterCycles, this.#openHolds(), now);
    const present = projectTo({ ...facts, meterCycles }, catalog, now);
    return { ...describeAccount(present, catalogInForce(present, catalog), now) };
  }

  /** @throws Refusal as the engine's. */
  play(kind: string, body: Step): unknown {
    switch (kind) {
      case 'paymentMethod':
        this.#setCard(String(body['card']));
        return undefined;
      case 'previewSeats':
        return this.account.previewSeats(body['count'] as number);
      case 'use':
        return this.#record(this.#eventOf(body));
      case 'hold':
        return this.#hold(body);
      case 'capture':
        return this.#capture(body);
      case 'release':
        return this.#release(String(body['id']));
      case 'reverse':
        return this.#reverse(String(body['id']));
      case 'run':
        return this.#run(body);
      case 'openDashboard':
        this.#access('dashboard', body['member'] as string, 'private');
        return undefined;
      case 'outage':
        return undefined;
      default:
        return this.#command(kind, body);
    }
  }

  #command(kind: string, body: Step): unknown {
    const [type, fields] = commandOf(kind, body);
    if (type === 'changePlan') this.#sweep();
    const version = fields['version'] as number | undefined;
    if (version !== undefined && !this.account.versions.has(version))
      throw new Refusal({ code: 'unknown_catalog_version', message: `There is no version ${version}.` });
    return this.account.do(type as never, fields as never);
  }

  #setCard(card: string): void {
    if (card === 'declined') throw new Refusal({ code: 'card_declined', message: 'The card was declined.' });
    const before = this.account.card;
    this.account.card = OUTCOMES[card as keyof typeof OUTCOMES];
    try {
      this.account.withCard();
    } catch (error) {
      this.account.card = before;
      throw error;
    }
  }

  // ---- Use, as the recorder takes it ----

  #eventOf({ id, feature, quantity, credits, member, model, occurredAt }: Step): UsageEvent {
    assertCount(quantity as number, 'quantity');
    assertCount(credits as number, 'credits');
    return {
      eventId: (id as string | undefined) ?? `unnamed ${(this.#unnamed += 1)}`,
      feature: feature as string,
      quantity: (quantity as number | undefined) ?? null,
      credits: (credits as number | undefined) ?? null,
      memberId: (member as string | undefined) ?? null,
      model: (model as string | undefined) ?? null,
      occurredAt: (occurredAt as Instant | undefined) ?? null,
      digest: JSON.stringify([feature, quantity ?? (credits === undefined ? 1 : null), credits, member, model]),
      metered: null,
    };
  }

  #record(event: UsageEvent): Parts {
    try {
      return this.#tryRecord(event);
    } catch (error) {
      const isTurnedAway =
        error instanceof Refusal && ['spending_cap_reached', 'budget_reached', 'payment_failed'].includes(error.code);
      if (!isTurnedAway || !this.#sweep()) throw error;
      return this.#tryRecord(event);
    }
  }

  #tryRecord(event: UsageEvent): Parts {
    const { account } = this;
    const { now } = account;
    const present = projectTo(account.facts, account.catalog, now);
    const catalog = catalogInForce(present, account.catalog);
    const decision = decideEvents(
      {
        catalog,
        facts: present,
        ahead: this.#ahead(event, now),
        meterCycles: account.facts.meterCycles,
        recorded: this.#known(),
      },
      [{ now, window: timelyWindow(now), events: [event] }],
    );
    for (const { before, after, refusals } of decision.balances) {
      this.#save(before, { ...after, refusals: after.refusals + refusals });
    }
    for (const { notice, onceKey } of decision.notices) this.#tell(notice, onceKey);
    for (const entry of decision.entries) this.#ledger.set(entry.eventId, { ...entry, digest: event.digest });
    const outcome = decision.outcomes[0]![0]!;
    if (outcome.status === 'refused') throw outcome.refusal;
    const isAfterEnd =
      account.facts.subscription === null && decision.balances.some(({ after }) => after.end <= account.now);
    if (isAfterEnd) this.#billAfterEnd();
    return { included: outcome.included, overage: outcome.overage, trial: outcome.trial };
  }

  #ahead({ occurredAt }: UsageEvent, now: Instant) {
    if (occurredAt === null || occurredAt <= now || occurredAt > timelyWindow(now).to) return null;
    const { facts, catalog } = this.account;
    const until = nextTurningPoint(projectTo(facts, catalog, now), catalog)?.at ?? null;
    if (until === null || occurredAt < until) return null;
    const then = projectTo(facts, catalog, occurredAt);
    return { from: until, facts: then, catalog: catalogInForce(then, catalog) };
  }

  #known(): ReadonlyMap<string, KnownWork> {
    const held = [...this.#holds.values()].filter(({ state }) => state !== 'captured');
    return new Map<string, KnownWork>([...this.#ledger, ...held.map(({ holdId }) => [holdId, 'hold'] as const)]);
  }

  #save(before: MeterCycle, after: MeterCycle): void {
    const { facts } = this.account;
    const others = facts.meterCycles.filter((cycle) => cycle !== before && !isSame(cycle, after));
    this.account.facts = { ...facts, meterCycles: [...others, after] };
  }

  #tell(notice: AccountInMemory['notices'][number], onceKey: string): void {
    if (this.#told.has(onceKey)) return;
    this.#told.add(onceKey);
    this.account.notices.push(notice);
  }

  #billAfterEnd(): void {
    this.account.do('billAfterEnd', {});
  }

  // ---- Holds ----

  #openHolds(): Hold[] {
    return [...this.#holds.values()].filter(({ state }) => state === 'open');
  }

  #sweep(): boolean {
    const expired = this.#openHolds().filter(({ expiresAt }) => expiresAt <= this.account.now);
    for (const hold of expired) {
      const cycle = this.#cycleOf(hold);
      this.#save(cycle, releaseUnits(cycle, hold.units));
      hold.state = 'expired';
    }
    return expired.length > 0;
  }

  #cycleOf({ meter, cycleStart }: { meter: string; cycleStart: Instant }): MeterCycle {
    const cycle = this.account.facts.meterCycles.find((each) => each.meter === meter && each.start === cycleStart);
    if (cycle === undefined) throw new Error(`the cycle of ${meter} from ${cycleStart} is gone`);
    return cycle;
  }

  #hold(body: Step): unknown {
    const { id, meter, quantity, expiresIn, feature, credits, member, model } = body;
    this.#sweep();
    const { account } = this;
    const { now } = account;
    const digest = JSON.stringify([feature, meter, model, quantity, credits, member, expiresIn]);
    const expiresAt = holdExpiry(now, (expiresIn as number | undefined) ?? 3600);
    const known = this.#holds.get(id as string);
    if (known !== undefined) {
      if (known.digest !== digest) throw conflict();
      return { held: known.units / this.#scale(known.meter), expiresAt: known.expiresAt };
    }
    if (this.#ledger.has(id as string)) throw conflict();
    const facts = projectTo(account.facts, account.catalog, now);
    const catalog = catalogInForce(facts, account.catalog);
    const use = {
      feature: (feature as string | undefined) ?? null,
      meter: (meter as string | undefined) ?? null,
      model: (model as string | undefined) ?? null,
      quantity: (quantity as number | undefined) ?? null,
      credits: (credits as number | undefined) ?? null,
    };
    const priced = priceHeldUse(catalog, use, now);
    const opened = openMeterCycle(balancePeriodAt(facts.account, now), priced.meter);
    const cycle = account.facts.meterCycles.find((each) => isSame(each, opened)) ?? opened;
    try {
      this.#save(cycle, decideHold(facts, catalog, { priced, cycle, now }));
    } catch (error) {
      const isCounted = error instanceof Refusal && ['spending_cap_reached', 'budget_reached'].includes(error.code);
      if (isCounted && cycle !== opened) this.#save(cycle, { ...cycle, refusals: cycle.refusals + 1 });
      throw error;
    }
    const hold: Hold = {
      ...{ holdId: id as string, digest, ...priced, cycleStart: cycle.start, placedAt: now, expiresAt },
      ...{ state: 'open', captureDigest: null, outcome: null },
    };
    this.#holds.set(hold.holdId, hold);
    return { held: hold.units / this.#scale(hold.meter), expiresAt };
  }

  #required(id: string): Hold {
    const hold = this.#holds.get(id);
    if (hold === undefined) throw new Refusal({ code: 'unknown_hold', message: `There is no hold "${id}".` });
    return hold;
  }

  #assertOpen({ state, expiresAt }: Hold): void {
    if (state === 'open' && this.account.now < expiresAt) return;
    throw new Refusal({ code: 'hold_not_open', message: 'The hold is no longer open.' });
  }

  #capture({ id, quantity, credits, model }: Step): unknown {
    const { account } = this;
    const hold = this.#required(id as string);
    const digest = JSON.stringify([quantity, credits, model]);
    if (hold.state === 'captured') {
      if (hold.captureDigest !== digest) throw conflict();
      return hold.outcome;
    }
    this.#assertOpen(hold);
    const use = {
      feature: null,
      meter: hold.meter,
      model: null,
      quantity: (quantity as number | undefined) ?? null,
      credits: (credits as number | undefined) ?? null,
    };
    const used =
      quantity === undefined && credits === undefined
        ? hold.units
        : priceHeldUse(account.catalog, use, hold.placedAt).units;
    if (used > hold.units) throw new Refusal({ code: 'invalid_request', message: 'More than is held.' });
    const before = this.#cycleOf(hold);
    const { cycle, parts } = decideCapture(account.facts, before, { heldUnits: hold.units, usedUnits: used });
    this.#save(before, cycle);
    const { meter, cycleStart, placedAt } = hold;
    const entry = {
      eventId: hold.holdId,
      digest,
      feature: meter,
      meter,
      units: used,
      ...parts,
      memberId: null,
      model: null,
    };
    const termsChanges = changesOf(before.bill);
    this.#ledger.set(hold.holdId, {
      ...entry,
      occurredAt: placedAt,
      recordedAt: account.now,
      cycleStart,
      termsChanges,
    });
    for (const { notice, onceKey } of shareNotices(account.catalog, { before, after: cycle }, account.now)) {
      this.#tell(notice, onceKey);
    }
    const scale = this.#scale(meter);
    hold.state = 'captured';
    hold.captureDigest = digest;
    hold.outcome = { ...partsOf(parts, scale), released: (hold.units - used) / scale };
    if (this.#isAfterEnd(cycle)) this.#billAfterEnd();
    return hold.outcome;
  }

  #release(id: string): unknown {
    const hold = this.#required(id);
    if (hold.state !== 'released') {
      this.#assertOpen(hold);
      const cycle = this.#cycleOf(hold);
      this.#save(cycle, releaseUnits(cycle, hold.units));
      hold.state = 'released';
    }
    return { released: hold.units / this.#scale(hold.meter) };
  }

  #reverse(id: string): unknown {
    const known = this.#reversals.get(id);
    if (known !== undefined) return known;
    assertBooksOpen(this.account.facts);
    const event = this.#ledger.get(id);
    if (event === undefined) throw new Refusal({ code: 'unknown_event', message: `There is no event "${id}".` });
    const before = this.#cycleOf(event);
    const { cycle, parts } = giveBack(before, event, this.#scale(event.meter));
    this.#save(before, cycle);
    const given = partsOf(parts, this.#scale(event.meter));
    this.#reversals.set(id, given);
    if (this.#isAfterEnd(cycle)) this.#billAfterEnd();
    return given;
  }

  #isAfterEnd({ end }: MeterCycle): boolean {
    const { account, subscription } = this.account.facts;
    return subscription === null && account.closedAt === null && end <= this.account.now;
  }

  #scale(meter: string): number {
    return unitsPerUnit(this.account.catalog.meters[meter]!);
  }

  // ---- Access ----

  #run({ sender, visibility, minutes, id }: Step): unknown {
    const { account } = this;
    const { now } = account;
    const isMetered = minutes !== undefined && visibility === 'private';
    const facts = projectTo(account.facts, account.catalog, now);
    const catalog = catalogInForce(facts, account.catalog);
    const meter = Object.values(catalog.meters).find(({ granularitySeconds }) => granularitySeconds !== null);
    if (isMetered) {
      if (meter === undefined) throw new Refusal({ code: 'unknown_meter', message: 'It meters no minutes.' });
      this.#assertMayBegin(meter.name);
    }
    const memberId = this.#access('run', sender as string | null, visibility as 'private');
    if (!isMetered || meter === undefined) return undefined;
    const units = (minutes as number) * unitsPerUnit(meter);
    return this.#record({
      eventId: (id as string | undefined) ?? `unnamed ${(this.#unnamed += 1)}`,
      ...{ feature: meter.name, quantity: null, credits: null, memberId, model: null, occurredAt: null },
      digest: JSON.stringify([meter.name, units, memberId]),
      metered: { meter: meter.name, units },
    });
  }

  #assertMayBegin(meter: string): void {
    const { account } = this;
    const { now } = account;
    const facts = projectTo(account.facts, account.catalog, now);
    const meterCycles = withoutExpired(account.facts.meterCycles, this.#openHolds(), now);
    try {
      assertMeterOpen({ ...facts, meterCycles }, catalogInForce(facts, account.catalog), meter, now);
    } catch (error) {
      const opened = openMeterCycle(balancePeriodAt(facts.account, now), meter);
      const cycle = account.facts.meterCycles.find((each) => isSame(each, opened));
      if (error instanceof Refusal && error.code === 'budget_reached' && cycle !== undefined)
        this.#save(cycle, { ...cycle, refusals: cycle.refusals + 1 });
      throw error;
    }
  }

  #access(kind: 'run' | 'dashboard', memberId: string | null, visibility: 'private' | 'public'): string | null {
    const { account } = this;
    const facts = projectTo(account.facts, account.catalog, account.now);
    const catalog = catalogInForce(facts, account.catalog);
    const decision = decideAccess(facts, catalog, { kind, visibility, memberId, login: memberId }, account.now);
    if (decision.kind === 'allowed') return decision.memberId;
    const answer = account.do('admitMember', { memberId: decision.memberId, login: memberId! });
    const { state, reason } = answer as { state: 'enabled'; reason: null };
    assertEnabled({ memberId: decision.memberId, login: memberId!, state, reason }, { facts, catalog });
    return decision.memberId;
  }
}

function isSame(a: MeterCycle, b: MeterCycle): boolean {
  return a.meter === b.meter && a.start === b.start;
}

function conflict(): Refusal {
  return new Refusal({ code: 'idempotency_conflict', message: 'The id was used before.' });
}

function partsOf(
  { includedUnits, overageUnits, trialUnits }: Record<'includedUnits' | 'overageUnits' | 'trialUnits', number>,
  scale: number,
): Parts {
  return { included: includedUnits / scale, overage: overageUnits / scale, trial: trialUnits / scale };
}

/** Steps that are commands, some under another name. */
function commandOf(kind: string, body: Step): readonly [string, Step] {
  switch (kind) {
    case 'contract':
      return ['setContract', body];
    case 'changePlan': {
      const { keep, ...rest } = body;
      return [kind, keep === undefined ? rest : { ...rest, keepMemberIds: keep }];
    }
    case 'removeSeats': {
      const { member, ...rest } = body;
      return [kind, member === undefined ? rest : { ...rest, memberId: member }];
    }
    case 'automaticAllocation':
      return ['setAutomaticAllocation', body];
    case 'enableMember':
    case 'disableMember':
      return [kind, { memberId: body['member'] }];
    case 'enableMembers':
      return [kind, { memberIds: body['members'] }];
    case 'setCap':
      return [kind, { meter: body['meter'], capCents: body['cents'] }];
    case 'creditInvoice': {
      const { line, amountCents, ...rest } = body;
      return [kind, { ...rest, lines: [{ line, amountCents }], reason: 'as the scenario has it' }];
    }
    default:
      return [kind, body];
  }
}
