import { chargeStepMinor, currency, formatAmount } from '../money/currency.ts';
import { Refusal } from '../refusal.ts';
import { type CatalogProblem, describeFound, type Path } from './catalog-problem.ts';
import type { WrittenCatalog, WrittenPlan } from './catalog-schema.ts';

const SECONDS_PER_TIME_UNIT: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600 };

/**
 * What the schema cannot see: whether the parts of a catalog agree with each other. An empty list means they do.
 * @param freePlans the names of the plans that cost nothing.
 */
export function checkCatalog(catalog: WrittenCatalog, freePlans: readonly string[]): readonly CatalogProblem[] {
  const ofCurrency = checkCurrency(catalog.currency);
  return [
    ...ofCurrency,
    ...Object.entries(catalog.meters).flatMap(([name, meter]) => checkGranularity(['meters', name], meter)),
    ...Object.entries(catalog.features).flatMap(([name, feature]) =>
      checkMeterName(catalog, ['features', name, 'meter'], feature.meter, false),
    ),
    ...checkPlanCount(catalog),
    ...Object.entries(catalog.plans).flatMap(([name, plan]) => checkPlan(catalog, ['plans', name], plan)),
    // What an amount can be is known once its currency is.
    ...(ofCurrency.length > 0
      ? []
      : Object.entries(catalog.plans).flatMap(([name, plan]) => checkPrices(catalog.currency, ['plans', name], plan))),
    ...checkDefaultPlan(catalog, freePlans),
  ];
}

function checkCurrency(code: string): readonly CatalogProblem[] {
  try {
    currency(code);
    return [];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [problem(['currency'], 'an ISO 4217 code like usd', code)];
  }
}

function checkGranularity(path: Path, meter: WrittenCatalog['meters'][string]): readonly CatalogProblem[] {
  if (meter.granularitySeconds == null) return [];
  const unitSeconds = SECONDS_PER_TIME_UNIT[meter.unit];
  if (unitSeconds === undefined) {
    return [problem([...path, 'unit'], 'second, minute or hour for a meter with granularitySeconds', meter.unit)];
  }
  if (unitSeconds % meter.granularitySeconds === 0) return [];
  const expected = `a divisor of the ${String(unitSeconds)} seconds of a ${meter.unit}`;
  return [problem([...path, 'granularitySeconds'], expected, meter.granularitySeconds)];
}

function checkMeterName(catalog: WrittenCatalog, path: Path, name: string, atKey: boolean): readonly CatalogProblem[] {
  if (Object.hasOwn(catalog.meters, name)) return [];
  const meters = Object.keys(catalog.meters).join(', ');
  const expected = meters === '' ? 'a meter, but the catalog declares none' : `one of the meters ${meters}`;
  return [{ ...problem(path, expected, name), atKey }];
}

function checkPlanCount(catalog: WrittenCatalog): readonly CatalogProblem[] {
  return Object.keys(catalog.plans).length > 0
    ? []
    : [{ path: ['plans'], expected: 'at least one plan', found: 'none' }];
}

/** MON-1: a price that Stripe cannot charge would stop the first invoice that has it. */
function checkPrices(currencyCode: string, path: Path, plan: WrittenPlan): readonly CatalogProblem[] {
  const step = chargeStepMinor(currencyCode);
  const priced: [Path, { month?: number | undefined; year?: number | undefined } | null | undefined][] = [
    [[...path, 'seats'], plan.seats],
    ...Object.entries(plan.packs ?? {}).map(([name, pack]): [Path, typeof pack] => [[...path, 'packs', name], pack]),
  ];
  return priced.flatMap(([at, prices]) =>
    (['month', 'year'] as const).flatMap((interval) => {
      const price = prices?.[interval] ?? 0;
      const expected = `a multiple of ${String(step)}, since the smallest amount that can be charged is ${formatAmount(step, currencyCode)}`;
      return price % step === 0 ? [] : [problem([...at, interval], expected, price)];
    }),
  );
}

function checkPlan(catalog: WrittenCatalog, path: Path, plan: WrittenPlan): readonly CatalogProblem[] {
  const problems: CatalogProblem[] = [];
  if (plan.packs != null && plan.seats != null) {
    problems.push(problem([...path, 'seats'], 'packs or seats, not both', plan.seats));
  }
  problems.push(...checkPacks(catalog, path, plan));
  for (const [meter, terms] of Object.entries(plan.meters)) {
    const at = [...path, 'meters', meter];
    problems.push(...checkMeterName(catalog, at, meter, true));
    if (terms.overage == null && (terms.cap === 'optional' || terms.cap === 'required')) {
      problems.push(
        problem([...at, 'cap'], 'none, because the meter has no overage price and so nothing to cap', terms.cap),
      );
    }
  }
  for (const [meter, terms] of Object.entries(plan.caps)) {
    problems.push(...checkCap(catalog, [...path, 'caps', meter], plan, meter, terms.required));
  }
  return problems;
}

function checkPacks(catalog: WrittenCatalog, path: Path, plan: WrittenPlan): readonly CatalogProblem[] {
  if (plan.packs == null) return [];
  const packs = Object.entries(plan.packs);
  if (packs.length === 0) return [{ path: [...path, 'packs'], expected: 'at least one pack', found: 'none' }];
  return packs.flatMap(([name, pack]) => {
    const at = [...path, 'packs', name];
    const meters = Object.keys(pack.included);
    const problems = meters.flatMap((meter) => checkMeterName(catalog, [...at, 'included', meter], meter, true));
    if (pack.month === undefined && pack.year === undefined) {
      problems.push(problem(at, 'a price per month or year', Object.keys(pack).join(', ')));
    }
    // A pack's price is the price of its units (CRE-5): with two meters no unit of either would have a price.
    if (meters.length !== 1) problems.push(problem([...at, 'included'], 'exactly one meter', meters.length));
    // Credits renew monthly (CRE-4) and overage costs price ÷ included (CRE-5): a year's price would be twelve times off.
    if (pack.year !== undefined) {
      problems.push(problem([...at, 'year'], 'month only: packs renew monthly', pack.year));
    }
    return problems;
  });
}

function checkCap(
  catalog: WrittenCatalog,
  path: Path,
  plan: WrittenPlan,
  meter: string,
  required: boolean,
): readonly CatalogProblem[] {
  const unknown = checkMeterName(catalog, path, meter, true);
  if (unknown.length > 0) return unknown;
  const inPacks = Object.values(plan.packs ?? {}).some((pack) => Object.hasOwn(pack.included, meter));
  const allowance = Object.hasOwn(plan.meters, meter) ? plan.meters[meter] : undefined;
  if (!inPacks && allowance?.overage == null) {
    return [{ ...problem(path, 'a meter that this plan sells overage of', meter), atKey: true }];
  }
  if (allowance?.cap !== undefined && allowance.cap !== (required ? 'required' : 'optional')) {
    const expected = `the same as meters.${meter}.cap (${allowance.cap})`;
    return [problem([...path, 'required'], expected, required)];
  }
  return [];
}

function checkDefaultPlan(catalog: WrittenCatalog, freePlans: readonly string[]): readonly CatalogProblem[] {
  const { defaultPlan } = catalog;
  const free = freePlans.length === 0 ? 'and the catalog has none' : `such as ${freePlans.join(', ')}`;
  if (defaultPlan != null && !freePlans.includes(defaultPlan)) {
    return [problem(['defaultPlan'], `a plan that costs nothing, ${free}`, defaultPlan)];
  }
  if (catalog.afterTrial === 'free' && defaultPlan == null && freePlans.length !== 1) {
    return [problem(['afterTrial'], `blocked, or defaultPlan to name a plan that costs nothing, ${free}`, 'free')];
  }
  return [];
}

function problem(path: Path, expected: string, found: unknown): CatalogProblem {
  return { path, expected, found: describeFound(found) };
}
