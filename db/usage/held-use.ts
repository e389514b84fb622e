import { assertBooksOpen, decideCapture, decideHold } from '../../billing/usage/decide-holds.ts';
import { projectTo } from '../../billing/views/project.ts';
import type { PricedUsage } from '../../billing/usage/decide-usage.ts';
import { formatInstant, type Instant } from '../../billing/calendar/instant.ts';
import type { UsageParts } from '../../billing/usage/charge-usage.ts';
import { giveBack, releaseUnits } from '../../billing/usage/holds.ts';
import { openMeterCycle } from '../../billing/usage/meter-cycle.ts';
import { shareNotices } from '../../billing/usage/share-notices.ts';
import type { Catalog } from '../../billing/catalog/catalog.ts';
import type { Facts, MeterCycle } from '../../billing/model/facts.ts';
import { Refusal } from '../../billing/refusal.ts';
import { catalogInForce } from '../../billing/model/catalog-in-force.ts';
import { scaleOf } from '../../billing/model/terms.ts';
import { changesOf } from '../../billing/model/use-bill.ts';
import { balancePeriodAt } from '../../billing/model/use-terms.ts';
import { meterCycleFromRow } from '../account/account-statement.ts';
import { countRefusal } from './count-refusal.ts';
import type { Database, Transaction } from '../database.ts';
import { loadAccount, lockAccount } from '../account/load-account.ts';
import type { HoldRow } from '../tables.ts';
import { addToLedger, findInLedger, makeUsageMonth, saveBalance, takeFromLedger } from './usage-ledger.ts';

/** A hold as it is asked for; the same id with another digest is another hold (CRE-11). */
export interface HoldRequest extends Pick<HoldRow, 'holdId' | 'digest' | 'memberId' | 'model' | 'expiresAt'> {
  /** Null: it is held by the meter, which the event will then name. */
  readonly feature: string | null;
}

/** How a hold is asked for. */
export interface Placing {
  /** How many units of which meter are held. */
  readonly price: (catalog: Catalog) => PricedUsage;
  /** Whether whoever asks may give it up again (`withdrawHold`), and so has to be counted where it is there already. */
  readonly isClaim: boolean;
}

/** What an act on held use is about: one account, at one instant of its clock. */
interface Act {
  readonly accountId: string;
  readonly now: Instant;
}

/** Acts on one account's holds and reversals come one after the other. Asked for after the account's own lock, before any balance. */
const HOLD_LOCKS = 2;

/**
 * Each act is one transaction under the account's shared lock, and changes one balance under its row's lock (README, "How another act changes
 * a balance"). Done twice, it gives its first answer; a crash before the commit leaves nothing, after it the answer.
 */
function acting<Result>(db: Database, { accountId }: Act, act: (trx: Transaction) => Promise<Result>): Promise<Result> {
  return db.transaction(async (trx) => {
    await lockAccount(trx, accountId, 'shared');
    await trx.raw('select pg_advisory_xact_lock(?, hashtext(?))', [HOLD_LOCKS, accountId]);
    return act(trx);
  });
}

/**
 * CRE-13: reserves units on the running cycle's balance.
 * @throws Refusal `spending_cap_reached`, `budget_reached`, `trial_ended`, `idempotency_conflict`, …; what did not fit is counted (CRE-6).
 */
export async function placeHold(
  db: Database,
  act: Act,
  request: HoldRequest,
  { price, isClaim }: Placing,
): Promise<HoldRow> {
  await sweepExpiredHolds(db, act);
  const tried: { cycle: MeterCycle | null } = { cycle: null };
  try {
    return await acting(db, act, async (trx) => {
      const { accountId, now } = act;
      const loaded = await loadAccount(trx, accountId);
      const known = await findHold(trx, accountId, request.holdId);
      if (known !== null) return await sameHold(trx, known, request, isClaim);
      const facts = projectTo(loaded.facts, loaded.catalog, now);
      const catalog = catalogInForce(facts, loaded.catalog);
      const priced = price(catalog);
      const opened = openMeterCycle(balancePeriodAt(facts.account, now), priced.meter);
      const cycle = await lockRunningCycle(trx, act, opened);
      tried.cycle = cycle;
      // Looked for under the balance's lock: an event with this id that was on its way is there by now.
      if ((await findInLedger(trx, accountId, request.holdId)) !== null) throw conflict('event', request.holdId);
      await saveBalance(trx, accountId, decideHold(facts, catalog, { priced, cycle, now }));
      const { meter, units } = priced;
      const feature = request.feature ?? meter;
      const placed = { ...request, feature, meter, units, cycleStart: cycle.start, placedAt: now };
      const hold: HoldRow = { accountId, ...placed, state: 'open', captureDigest: null, claims: 1 };
      await trx('holds').insert(hold);
      return hold;
    });
  } catch (error) {
    const isCounted = error instanceof Refusal && ['spending_cap_reached', 'budget_reached'].includes(error.code);
    if (isCounted && tried.cycle !== null) await countRefusal(db, act.accountId, tried.cycle);
    throw error;
  }
}

/** What a hold's capture took, and what it left. */
export interface CapturedHold extends UsageParts {
  readonly meter: string;
  readonly releasedUnits: number;
  readonly isAfterEnd: boolean;
}

/**
 * CRE-13: takes what the work used, from the hold's own cycle, as one event that has the hold's id and the date on which it was placed; the
 * rest is released. `priceUsed` says how many units were used, of those that are held.
 * @throws Refusal `unknown_hold`, `hold_not_open`, `account_closed`, `idempotency_conflict`, `invalid_request` for more than was held.
 */
export async function captureHold(
  db: Database,
  act: Act,
  capture: { readonly holdId: string; readonly digest: string },
  priceUsed: (catalog: Catalog, hold: HoldRow) => number,
): Promise<CapturedHold> {
  const { accountId, now } = act;
  const { holdId, digest } = capture;
  const placed = await findHold(db, accountId, holdId);
  if (placed !== null) await makeUsageMonth(db, placed.placedAt);
  return acting(db, act, async (trx) => {
    const { facts, catalog } = await loadAccount(trx, accountId);
    const hold = await requireHold(trx, accountId, holdId);
    if (hold.state === 'captured') return { ...(await capturedBefore(trx, hold, digest)), isAfterEnd: isEnded(facts) };
    assertOpen(hold, now);
    const usedUnits = priceUsed(catalog, hold);
    if ((await findInLedger(trx, accountId, holdId)) !== null) throw conflict('event', holdId);
    const before = await lockCycle(trx, accountId, hold);
    const { cycle, parts } = decideCapture(facts, before, { heldUnits: hold.units, usedUnits });
    await saveBalance(trx, accountId, cycle);
    const { feature, meter, memberId, model, cycleStart, placedAt: occurredAt } = hold;
    const entry = { eventId: holdId, feature, meter, units: usedUnits, ...parts, memberId, model, occurredAt };
    const termsChanges = changesOf(before.bill);
    await addToLedger(trx, accountId, { ...entry, recordedAt: now, cycleStart, termsChanges }, digest);
    for (const { notice, onceKey } of shareNotices(catalog, { before, after: cycle }, now)) {
      const detail = JSON.stringify(notice.detail);
      await trx('notices')
        .insert({ accountId, ...notice, detail, onceKey })
        .onConflict()
        .ignore();
    }
    await trx('holds').where({ accountId, holdId }).update({ state: 'captured', captureDigest: digest });
    return { ...parts, meter, releasedUnits: hold.units - usedUnits, isAfterEnd: isAfterEnd(facts, cycle, now) };
  });
}

/** Whether a balance is of a subscription that has ended: what changes on it needs one more invoice. */
function isAfterEnd(facts: Facts, { end, priceMinor }: MeterCycle, now: Instant): boolean {
  return isEnded(facts) && end <= now && priceMinor !== null;
}

function isEnded({ account, subscription }: Facts): boolean {
  return subscription === null && account.closedAt === null;
}

async function capturedBefore(
  trx: Transaction,
  hold: HoldRow,
  digest: string,
): Promise<Omit<CapturedHold, 'isAfterEnd'>> {
  if (hold.captureDigest !== digest) throw conflict('capture', hold.holdId);
  const event = await findInLedger(trx, hold.accountId, hold.holdId);
  if (event === null) throw new Error(`the hold ${hold.holdId} was captured, and the ledger does not know it`);
  const { meter, includedUnits, overageUnits, trialUnits } = event;
  return { meter, includedUnits, overageUnits, trialUnits, releasedUnits: hold.units - event.units };
}

/** CRE-13: gives all of a hold back. @throws Refusal `unknown_hold`, `hold_not_open`. */
export async function releaseHold(db: Database, act: Act, holdId: string): Promise<HoldRow> {
  const { accountId, now } = act;
  return acting(db, act, async (trx) => {
    const hold = await requireHold(trx, accountId, holdId);
    if (hold.state === 'released') return hold;
    assertOpen(hold, now);
    await saveBalance(trx, accountId, releaseUnits(await lockCycle(trx, accountId, hold), hold.units));
    await trx('holds').where({ accountId, holdId }).update({ state: 'released' });
    return hold;
  });
}

/**
 * Gives up a claim to a hold as if it had not been asked for, because what it was for is refused (invariant 8); unless that may be done by now, of
 * which `mayBeUsed` judges. Answers whether it stays for that. The hold itself is taken back with its last claim: before that somebody else may
 * still be let in on it, or has been, and the room would be gone.
 */
export async function withdrawHold(
  db: Database,
  act: Act,
  holdId: string,
  mayBeUsed: (facts: Facts, catalog: Catalog) => boolean,
): Promise<boolean> {
  const { accountId, now } = act;
  return acting(db, act, async (trx) => {
    const hold = await findHold(trx, accountId, holdId);
    if (hold?.state !== 'open') return false;
    const loaded = await loadAccount(trx, accountId);
    const facts = projectTo(loaded.facts, loaded.catalog, now);
    if (mayBeUsed(facts, catalogInForce(facts, loaded.catalog))) return true;
    if (hold.claims > 1) {
      await trx('holds').where({ accountId, holdId }).decrement('claims');
      return false;
    }
    await saveBalance(trx, accountId, releaseUnits(await lockCycle(trx, accountId, hold), hold.units));
    await trx('holds').where({ accountId, holdId }).delete();
    return false;
  });
}

/** Gives up a claim and leaves the hold: how what it was for ended is not known, and whoever repeats it has the hold again. */
export async function forgoClaim(db: Database, act: Act, holdId: string): Promise<void> {
  const { accountId } = act;
  await acting(db, act, (trx) =>
    trx('holds').where({ accountId, holdId, state: 'open' }).where('claims', '>', 0).decrement('claims'),
  );
}

/**
 * CRE-14: gives the units of an event that failed back, whole and once, to the cycle they came from. Where that was invoiced, the next invoice
 * has a negative adjustment. @throws Refusal `unknown_event`, `account_closed`.
 */
export async function reverseEvent(
  db: Database,
  act: Act & { readonly actor: string },
  eventId: string,
): Promise<UsageParts & { readonly meter: string; readonly isAfterEnd: boolean }> {
  const { accountId, now, actor } = act;
  return acting(db, act, async (trx) => {
    const { facts, catalog } = await loadAccount(trx, accountId);
    const columns = ['meter', 'includedUnits', 'overageUnits', 'trialUnits'];
    const known = await trx('usageReversals')
      .where({ accountId, eventId })
      .select<(UsageParts & { meter: string })[]>(columns);
    if (known[0] !== undefined) return { ...known[0], isAfterEnd: isEnded(facts) };
    assertBooksOpen(facts);
    const event = await findInLedger(trx, accountId, eventId);
    if (event === null) throw unknownEvent(accountId, eventId);
    const { cycle, parts } = giveBack(await lockCycle(trx, accountId, event), event, scaleOf(catalog, event.meter));
    await saveBalance(trx, accountId, cycle);
    const { meter, units, feature, memberId, model, occurredAt, cycleStart, termsChanges } = event;
    const { includedUnits, overageUnits, trialUnits } = parts;
    const negative = { includedUnits: -includedUnits, overageUnits: -overageUnits, trialUnits: -trialUnits };
    const entry = { eventId, feature, meter, units: -units, ...negative, memberId, model, occurredAt };
    await takeFromLedger(trx, accountId, { ...entry, recordedAt: now, cycleStart, termsChanges });
    await trx('usageReversals').insert({ accountId, eventId, meter, ...parts, reversedAt: now });
    const before = JSON.stringify({ eventId, meter, units, cycleStart });
    const after = JSON.stringify({ eventId, meter, givenBack: parts });
    await trx('auditEntries').insert({ accountId, at: now, actor, action: 'usage.reversed', before, after });
    return { ...parts, meter, isAfterEnd: isAfterEnd(facts, cycle, now) };
  });
}

/**
 * CRE-13: a hold that has expired holds nothing. No timer sees to it: whoever needs the room lets go of what has expired first. How many
 * were found.
 */
export async function sweepExpiredHolds(db: Database, act: Act): Promise<number> {
  const { accountId, now } = act;
  const expired = (on: Database | Transaction) =>
    on('holds').where({ accountId, state: 'open' }).where('expiresAt', '<=', now);
  const rows = await expired(db).limit(1).select<unknown[]>('holdId');
  if (rows.length === 0) return 0;
  return acting(db, act, async (trx) => {
    const holds = await expired(trx).orderBy(['meter', 'cycleStart']).select<HoldRow[]>();
    for (const hold of holds) {
      await saveBalance(trx, accountId, releaseUnits(await lockCycle(trx, accountId, hold), hold.units));
      await trx('holds').where({ accountId, holdId: hold.holdId }).update({ state: 'expired' });
    }
    return holds.length;
  });
}

/** Every hold that was neither captured nor released nor swept. */
export async function openHolds(db: Database | Transaction, accountId: string): Promise<readonly HoldRow[]> {
  return await db('holds').where({ accountId, state: 'open' }).select<HoldRow[]>();
}

async function lockRunningCycle(trx: Transaction, { accountId }: Act, opened: MeterCycle): Promise<MeterCycle> {
  const { start, end, ...balance } = opened;
  const key = { accountId, meter: opened.meter, cycleStart: start };
  const [found] = await trx('meterCycles').where(key).forUpdate();
  if (found !== undefined) return meterCycleFromRow(found);
  // As record_usage opens it.
  const row = { accountId, ...balance, bill: JSON.stringify(balance.bill), cycleStart: start, cycleEnd: end };
  await trx('meterCycles').insert(row).onConflict(['accountId', 'meter', 'cycleStart']).ignore();
  return lockCycle(trx, accountId, { meter: opened.meter, cycleStart: start });
}

async function lockCycle(
  trx: Transaction,
  accountId: string,
  { meter, cycleStart }: Pick<HoldRow, 'meter' | 'cycleStart'>,
): Promise<MeterCycle> {
  const [row] = await trx('meterCycles').where({ accountId, meter, cycleStart }).forUpdate();
  if (row === undefined) throw new Error(`the cycle of ${meter} from ${cycleStart} is gone`);
  return meterCycleFromRow(row);
}

async function findHold(db: Database | Transaction, accountId: string, holdId: string): Promise<HoldRow | null> {
  return (await db('holds').where({ accountId, holdId }).first<HoldRow | undefined>()) ?? null;
}

async function requireHold(trx: Transaction, accountId: string, holdId: string): Promise<HoldRow> {
  const hold = await findHold(trx, accountId, holdId);
  if (hold !== null) return hold;
  throw new Refusal({
    code: 'unknown_hold',
    message: `The account ${accountId} has no hold "${holdId}".`,
    field: 'id',
  });
}

/** Whether it was swept or not: a hold is over at `expiresAt`. */
function assertOpen({ holdId, state, expiresAt }: HoldRow, now: Instant): void {
  if (state === 'open' && now < expiresAt) return;
  const what = state === 'open' || state === 'expired' ? `expired on ${formatInstant(expiresAt)}` : `was ${state}`;
  throw new Refusal({ code: 'hold_not_open', message: `The hold "${holdId}" ${what}.`, field: 'id' });
}

async function sameHold(
  trx: Transaction,
  known: HoldRow,
  { holdId, digest }: HoldRequest,
  isClaim: boolean,
): Promise<HoldRow> {
  if (known.digest !== digest) throw conflict('hold', holdId);
  if (!isClaim || known.state !== 'open') return known;
  await trx('holds').where({ accountId: known.accountId, holdId }).increment('claims');
  return { ...known, claims: known.claims + 1 };
}

function conflict(what: 'hold' | 'event' | 'capture', id: string): Refusal {
  const message = `The id "${id}" was already used for a different ${what}.`;
  return new Refusal({ code: 'idempotency_conflict', message, field: 'id' });
}

function unknownEvent(accountId: string, eventId: string): Refusal {
  return new Refusal({
    code: 'unknown_event',
    message: `The account ${accountId} has no accepted event "${eventId}".`,
    field: 'id',
  });
}
