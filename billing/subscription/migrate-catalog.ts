import type { Catalog, CatalogVersion } from '../catalog/catalog.ts';
import type { Facts, ScheduledChange, Terms } from '../model/facts.ts';
import { isPool, packOf, priceMinorOf } from '../model/terms.ts';
import { changeAccount, giveNotice, planNamed, recordAudit, type Turn } from '../model/turn.ts';
import { Refusal } from '../refusal.ts';

type Result = Readonly<Record<string, unknown>>;

/** Under it each account is told of a move of all accounts of its catalog: told twice, it moves once, and who has moved can be counted. */
export function migrationCommandId(migrationId: string): string {
  return `migration ${migrationId}`;
}

/**
 * CAT-2: an operator moves an account to another version of its catalog. What is paid runs to its end on the version it was bought under; who
 * pays for nothing moves at once. Asking for the version that the account is on takes a move back that was scheduled.
 */
export function migrateCatalog(turn: Turn, target: CatalogVersion | undefined): Result {
  if (target === undefined) throw new Error('the version is looked up before the command is decided');
  const { catalogVersion, nextCatalogVersion: before } = turn.facts.account;
  const { version } = target;
  if (version === catalogVersion) return stay(turn, version);
  if (version === before)
    throw new Refusal({
      code: 'no_change',
      message: `The account is already scheduled to move to version ${String(version)}.`,
    });
  assertServes(target.catalog, turn.facts, turn.catalog);
  changeAccount(turn, { nextCatalogVersion: version });
  turn.catalog = { ...turn.catalog, successor: target };
  const { subscription } = turn.facts;
  if (subscription === null) {
    moveToNextCatalog(turn);
    return { version, effective: 'now' };
  }
  const { end: at } = subscription.cycle;
  recordAudit(turn, 'catalog.migration_scheduled', { version: catalogVersion, next: before }, { version, at });
  giveNotice(turn, 'catalog_migration_scheduled', { version, at });
  return { version, effective: 'cycle_end', at };
}

function stay(turn: Turn, version: number): Result {
  const { nextCatalogVersion } = turn.facts.account;
  if (nextCatalogVersion === null)
    throw new Refusal({ code: 'no_change', message: `The account is already on version ${String(version)}.` });
  changeAccount(turn, { nextCatalogVersion: null });
  recordAudit(turn, 'catalog.migration_canceled', { next: nextCatalogVersion }, null);
  return { version, effective: 'now' };
}

/**
 * The boundary has come, or nothing is paid any more: from here on the newer prices hold. Where the account has come to terms meanwhile that are
 * not sold there, it stays where it is, visibly: a boundary is never refused.
 */
export function moveToNextCatalog(turn: Turn): void {
  const { catalogVersion, nextCatalogVersion } = turn.facts.account;
  const { successor } = turn.catalog;
  if (nextCatalogVersion === null || successor === undefined) return;
  changeAccount(turn, { nextCatalogVersion: null });
  const problem = whyNotServed(successor.catalog, turn.facts, turn.catalog);
  if (problem !== null) {
    const { code, message } = problem;
    recordAudit(turn, 'catalog.migration_dropped', { next: nextCatalogVersion }, { code, message });
    return;
  }
  changeAccount(turn, { catalogVersion: successor.version });
  turn.catalog = successor.catalog;
  recordAudit(turn, 'catalog.migrated', { version: catalogVersion }, { version: successor.version });
}

/** Why an account could not go on as it is under another version of its catalog; null where it could. */
export function whyNotServed(next: Catalog, facts: Facts, present: Catalog): Refusal | null {
  try {
    assertServes(next, facts, present);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** @throws Refusal where the account could not go on as it is. */
function assertServes(next: Catalog, { account, subscription }: Facts, present: Catalog): void {
  if (next.currency !== account.currency) {
    const message = `That version is in ${next.currency.toUpperCase()}; the account pays in ${account.currency.toUpperCase()}.`;
    throw new Refusal({ code: 'currency_fixed', message, field: 'version' });
  }
  assertCountsAlike(next, present);
  if (present.defaultPlan !== null && next.defaultPlan === null)
    throw incompatible('That version no longer has the free plan that accounts without a subscription are on.');
  if (subscription === null) return;
  assertSells(next, subscription, present);
  if (subscription.awaitedTerms !== null) assertSells(next, subscription.awaitedTerms, present);
  if (subscription.ending?.kind === 'free') planNamed(next, subscription.ending.plan);
  if (subscription.change !== null) assertSellsChange(next, { ...subscription, change: subscription.change }, present);
}

/** What was used and billed before is read with the newer version afterwards: a unit has to stay what it is. */
function assertCountsAlike(next: Catalog, present: Catalog): void {
  for (const [name, meter] of Object.entries(present.meters)) {
    const other = next.meters[name];
    const isAlike =
      other?.unit === meter.unit &&
      other.granularitySeconds === meter.granularitySeconds &&
      isPool(next, name) === isPool(present, name);
    if (!isAlike) throw incompatible(`That version meters ${name} differently, or not at all.`);
  }
}

function incompatible(message: string): Refusal {
  return new Refusal({ code: 'catalog_not_compatible', message, field: 'version' });
}

/** @throws Refusal `unknown_plan`, `unknown_pack`, `interval_not_offered`, `catalog_not_compatible`. */
function assertSells(next: Catalog, { plan: name, pack, interval, contract }: Terms, present: Catalog): void {
  const plan = planNamed(next, name);
  if (contract !== null) return; // Its terms are its own (CRE-18).
  const before = planNamed(present, name);
  if ((plan.seats === null) !== (before.seats === null) || (plan.packs === null) !== (before.packs === null))
    throw incompatible(`That version sells the plan ${name} differently.`);
  if (plan.packs !== null) packOf(plan, pack);
  priceMinorOf(plan, pack, interval);
}

function assertSellsChange(next: Catalog, terms: Terms & { readonly change: ScheduledChange }, present: Catalog): void {
  const { change } = terms;
  if (change.kind === 'contract') assertSells(next, change.terms, present);
  if (change.kind === 'terms') assertSells(next, { ...terms, interval: change.interval, pack: change.pack }, present);
}
