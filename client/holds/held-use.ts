import { assertId } from '../../billing/commands/command-shape.ts';
import { holdExpiry, priceHeldUse } from '../../billing/usage/decide-holds.ts';
import type { PricedUsage } from '../../billing/usage/decide-usage.ts';
import type { UsageAnswer } from '../../billing/usage/decide-events.ts';
import { formatInstant, type Instant, parseInstant } from '../../billing/calendar/instant.ts';
import type { Catalog } from '../../billing/catalog/catalog.ts';
import type { UsageParts } from '../../billing/usage/charge-usage.ts';
import { scaleOf } from '../../billing/model/terms.ts';
import { Refusal } from '../../billing/refusal.ts';
import { captureHold, placeHold, releaseHold, reverseEvent } from '../../db/usage/held-use.ts';
import { loadCatalogVersion } from '../../db/account/load-account.ts';
import type { HoldRow } from '../../db/tables.ts';
import type { Border } from '../context/border.ts';
import { billAfterEnd } from '../commands/bill-after-end.ts';
import { digestOf } from '../context/digest.ts';
import { countOf } from '../../billing/model/counts.ts';

/**
 * Reserves before work starts (CRE-13). What for: a `feature` and how often (`quantity`, 1 if left out) or how many `credits`; or a `meter` and
 * a `quantity` of its units; or `credits` alone, where there is one pool. `id` names the work: its event will have the same.
 */
export interface HoldInput {
  readonly id: string;
  readonly feature?: string;
  readonly meter?: string;
  readonly quantity?: number;
  readonly credits?: number;
  readonly member?: string;
  readonly model?: string;
  /** How long it lasts at most: 3,600 if neither this nor `expiresAt` is given, and never more than 35 days. */
  readonly expiresInSeconds?: number;
  readonly expiresAt?: string;
}

export interface HoldAnswer {
  readonly id: string;
  readonly meter: string;
  /** In the meter's units. */
  readonly held: number;
  readonly expiresAt: Instant;
}

/** What was used of a hold, in the terms in which it was placed; all of it where nothing is said. */
export interface CaptureInput {
  readonly id: string;
  /** The one that it was held for, if it is said again. */
  readonly feature?: string;
  /** Where it is known only now which one did the work: its price counts. */
  readonly model?: string;
  readonly quantity?: number;
  readonly credits?: number;
}

export type CaptureAnswer = UsageAnswer & { readonly id: string; readonly released: number };

const DEFAULT_SECONDS = 3_600;
const LONGEST_SECONDS = 35 * 86_400;

/** @throws Refusal `spending_cap_reached`, `budget_reached`, `trial_ended`, `unknown_feature`, `idempotency_conflict`, … */
export function hold(border: Border, accountId: string, input: HoldInput): Promise<HoldAnswer> {
  return place(border, accountId, input, false);
}

/** The same for an access check, which may give it up again (`withdrawHold`). @throws Refusal as `hold`. */
export function claimHold(border: Border, accountId: string, input: HoldInput): Promise<HoldAnswer> {
  return place(border, accountId, input, true);
}

async function place(border: Border, accountId: string, input: HoldInput, isClaim: boolean): Promise<HoldAnswer> {
  const { id, feature, meter, quantity, credits, member, model, expiresInSeconds } = input;
  assertId('id', id);
  for (const name of ['feature', 'meter', 'member', 'model'] as const)
    if (input[name] !== undefined) assertId(name, input[name]);
  assertOneSubject(input);
  const now = await border.now(accountId);
  const until = readExpiresAt(input);
  const use = { feature: feature ?? null, meter: meter ?? null, model: model ?? null };
  const amount = { quantity: quantity ?? null, credits: credits ?? null };
  const digest = digestOf([
    ...[use.feature, use.meter, use.model, amount.quantity, amount.credits, member ?? null],
    ...[expiresInSeconds ?? null, until],
  ]);
  const request = {
    ...{ holdId: id, digest, feature: feature ?? null, memberId: member ?? null, model: model ?? null },
    expiresAt: until ?? holdExpiry(now, expiresInSeconds ?? DEFAULT_SECONDS),
  };
  const price = (catalog: Catalog): PricedUsage => {
    if (until !== null) assertAhead(until, now);
    return priceHeldUse(catalog, { ...use, ...amount }, now);
  };
  const placed = await placeHold(border.db, { accountId, now }, request, { price, isClaim });
  return holdAnswer(await catalogOf(border, accountId), placed);
}

function readExpiresAt({ expiresInSeconds, expiresAt }: HoldInput): Instant | null {
  if (expiresAt === undefined) return null;
  if (expiresInSeconds === undefined) return parseInstant(expiresAt, 'expiresAt');
  const message = 'expiresAt: send either expiresAt or expiresInSeconds, not both.';
  throw new Refusal({ code: 'invalid_request', message, field: 'expiresAt' });
}

function assertOneSubject({ feature, meter, credits }: HoldInput): void {
  if ((feature === undefined) !== (meter === undefined)) return;
  if (feature === undefined && credits !== undefined) return;
  const message = 'feature: send one of feature, meter, or credits alone.';
  throw new Refusal({ code: 'invalid_request', message, field: 'feature' });
}

/** Asked only of a new hold: one that is repeated after its time has its first answer. */
function assertAhead(until: Instant, now: Instant): void {
  if (until > now && until <= holdExpiry(now, LONGEST_SECONDS)) return;
  const message = `expiresAt: expected a time within 35 days after ${formatInstant(now)}, found ${formatInstant(until)}.`;
  throw new Refusal({ code: 'invalid_request', message, field: 'expiresAt' });
}

/** @throws Refusal `unknown_hold`, `hold_not_open`, `idempotency_conflict`, `invalid_request` for more than was held. */
export async function capture(border: Border, accountId: string, input: CaptureInput): Promise<CaptureAnswer> {
  const { id, quantity, credits, model } = input;
  assertId('id', id);
  if (model !== undefined) assertId('model', model);
  const now = await border.now(accountId);
  const amount = { quantity: quantity ?? null, credits: credits ?? null, model: model ?? null };
  const digest = digestOf(['capture', amount.quantity, amount.credits, amount.model]);
  const captured = await captureHold(border.db, { accountId, now }, { holdId: id, digest }, (catalog, held) => {
    assertSameFeature(held, input);
    const isWhole = quantity === undefined && credits === undefined && model === undefined;
    return isWhole ? held.units : assertHeld(catalog, held, { ...input, units: unitsUsed(catalog, held, amount) });
  });
  if (captured.isAfterEnd) await billAfterEnd(border, accountId, `capture ${id}`);
  const catalog = await catalogOf(border, accountId);
  const released = captured.releasedUnits / scaleOf(catalog, captured.meter);
  return { id, ...partsAnswer(catalog, captured), released };
}

function assertSameFeature(held: HoldRow, { id, feature }: CaptureInput): void {
  if (feature === undefined || feature === held.feature) return;
  const message = `feature: the hold "${id}" is for ${held.feature}, not ${feature}.`;
  throw new Refusal({ code: 'invalid_request', message, field: 'feature' });
}

/** In the terms in which it was asked for: held units are seconds where a meter counts minutes. */
function assertHeld(
  catalog: Catalog,
  { meter, units: held }: HoldRow,
  { units, credits }: CaptureInput & { readonly units: number },
): number {
  if (units <= held) return units;
  const field = credits === undefined ? 'quantity' : 'credits';
  const unit = catalog.meters[meter]?.unit ?? 'unit';
  const [most, found] = [held, units].map((each) => countOf(each / scaleOf(catalog, meter), unit));
  const message = `${field}: the hold covers ${String(most)}, and the capture takes ${String(found)}. Record the rest as usage.`;
  throw new Refusal({ code: 'invalid_request', message, field });
}

/** By the feature that it was held for; where that is none of the catalog's, by the meter. */
function unitsUsed(
  catalog: Catalog,
  held: HoldRow,
  used: { readonly quantity: number | null; readonly credits: number | null; readonly model: string | null },
): number {
  const isFeature = Object.hasOwn(catalog.features, held.feature) || used.quantity === null;
  const feature = isFeature ? held.feature : null;
  const meter = isFeature ? null : held.meter;
  return priceHeldUse(catalog, { ...used, feature, meter, model: used.model ?? held.model }, held.placedAt).units;
}

/** @throws Refusal `unknown_hold`, `hold_not_open`. */
export async function release(
  border: Border,
  accountId: string,
  { id }: { readonly id: string },
): Promise<{ readonly id: string; readonly meter: string; readonly released: number }> {
  assertId('id', id);
  const released = await releaseHold(border.db, { accountId, now: await border.now(accountId) }, id);
  const catalog = await catalogOf(border, accountId);
  return { id, meter: released.meter, released: released.units / scaleOf(catalog, released.meter) };
}

/** Gives back what an event took; the answer's parts say to where. @throws Refusal `unknown_event`. */
export async function reverseUsage(
  border: Border,
  accountId: string,
  { id, actor }: { readonly id: string; readonly actor?: string },
): Promise<UsageAnswer & { readonly id: string }> {
  assertId('id', id);
  const act = { accountId, now: await border.now(accountId), actor: actor ?? 'api' };
  const reversed = await reverseEvent(border.db, act, id);
  if (reversed.isAfterEnd) await billAfterEnd(border, accountId, `reversal ${id}`);
  const catalog = await catalogOf(border, accountId);
  return { id, ...partsAnswer(catalog, reversed) };
}

async function catalogOf(border: Border, accountId: string): Promise<Catalog> {
  return border.catalogs.get(await loadCatalogVersion(border.db, accountId));
}

function holdAnswer(catalog: Catalog, { holdId, meter, units, expiresAt }: HoldRow): HoldAnswer {
  return { id: holdId, meter, held: units / scaleOf(catalog, meter), expiresAt };
}

function partsAnswer(catalog: Catalog, parts: UsageParts & { readonly meter: string }): UsageAnswer {
  const scale = scaleOf(catalog, parts.meter);
  const { meter, includedUnits, overageUnits, trialUnits } = parts;
  return { meter, included: includedUnits / scale, overage: overageUnits / scale, trial: trialUnits / scale };
}
