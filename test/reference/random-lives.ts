import fc from 'fast-check';
import { stringify } from 'yaml';

import { addSeconds, type Instant, parseInstant } from '../../billing/calendar/instant.ts';
import { LIFE_CATALOGS, type LifeCatalog } from './life-catalogs.ts';

/** A step as a scenario has it. */
export type Step = Readonly<Record<string, unknown>>;

/** A wish that becomes a step when it is played, by what the account looks like then. */
export type Wish =
  /** A step as it stands. */
  | { readonly step: Step; readonly after?: number }
  /** So far, from where the clock stands. */
  | { readonly wait: number }
  /** To the n-th thing that is due, or a little before or after it. */
  | { readonly toDue: number; readonly offset: number }
  /** An event whose date lies so far from the last boundary that it crossed, or from now. */
  | { readonly use: Step; readonly from: 'now' | 'boundary'; readonly offset: number };

export interface Life {
  readonly catalog: LifeCatalog;
  readonly start: Instant;
  readonly wishes: readonly Wish[];
}

/** What a wish needs to know of the account. */
export interface Outlook {
  readonly now: Instant;
  /** What is due, earliest first. */
  readonly dues: () => readonly Instant[];
  /** The boundary before now. */
  readonly boundary: () => Instant;
}

/** Null where a wish asks for an instant that has passed. */
export function stepOf(wish: Wish, { now, dues, boundary }: Outlook): Step | null {
  if ('step' in wish) return wish.step;
  if ('wait' in wish) return { at: addSeconds(now, wish.wait) };
  if ('toDue' in wish) {
    const coming = dues();
    const due = coming[Math.min(wish.toDue, coming.length - 1)];
    if (due === undefined) return { at: addSeconds(now, 86_400) };
    const at = addSeconds(due, wish.offset);
    return at < now ? null : { at };
  }
  const occurredAt = addSeconds(wish.from === 'now' ? now : boundary(), wish.offset);
  return { use: { ...wish.use, occurredAt } };
}

const DAY = 86_400;

/** Beginnings that have something about them: month-ends, leap days, the turn of a year, and plain days. */
const START = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('2027-01-01T00:00:00Z', '2027-04-01T00:00:00Z', '2027-06-15T09:30:00Z') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '2027-01-31T00:00:00Z',
      '2028-01-31T12:00:00Z',
      '2028-02-29T00:00:00Z',
      '2027-12-31T23:59:59Z',
      '2027-08-30T23:00:00Z',
      '2027-10-31T01:00:01Z',
      '2028-02-28T23:59:58Z',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.nat({ max: 1000 * DAY }).map((seconds) => addSeconds(parseInstant('2026-12-01T00:00:00Z'), seconds)),
  },
);

const MEMBERS = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace'];
const IDS = ['e1', 'e2', 'e3', 'e4', 'e5', 'e6', 'e7', 'e8'];
const HOLDS = ['h1', 'h2', 'h3', 'e1'];

const member = fc.constantFrom(...MEMBERS);
const id = fc.constantFrom(...IDS);
const number = fc.integer({ min: 1, max: 6 }).map((n) => `acme-000${n}`);
const cents = fc.oneof(fc.constantFrom(0, 1, 36, 100, 500, 600, 1200, 1500, 5000, 100_000), fc.nat({ max: 20_000 }));

function unitsOf(catalog: LifeCatalog, meter: string): fc.Arbitrary<number> {
  const large = Math.max(2, catalog.large[meter] ?? 1000);
  return fc.oneof(
    { weight: 2, arbitrary: fc.integer({ min: 1, max: Math.max(1, Math.floor(large / 20)) }) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: large }) },
    { weight: 1, arbitrary: fc.constantFrom(1, Math.floor(large / 2), large, 5 * large) },
  );
}

function useBody(catalog: LifeCatalog): fc.Arbitrary<Step> {
  return fc.constantFrom(...catalog.features).chain((feature) => {
    const { meter, quantity, models } = catalog.catalog.features[feature]!;
    const units = unitsOf(catalog, meter);
    const name = fc.option(id, { nil: undefined, freq: 3 });
    const counted = units.map((count) => ({
      feature,
      quantity: Math.max(1, Math.floor(count / Math.max(1, quantity))),
    }));
    const stated = units.map((credits) => ({ feature, credits }));
    const byModel = fc.constantFrom(...Object.keys(models ?? {}), 'other').map((model) => ({ feature, model }));
    const body = fc.oneof({ weight: 3, arbitrary: counted }, { weight: 4, arbitrary: stated }, byModel);
    return fc.tuple(name, body, fc.option(member, { nil: undefined, freq: 1 })).map(([eventId, what, who]) => ({
      ...(eventId === undefined ? {} : { id: eventId }),
      ...what,
      ...(who === undefined ? {} : { member: who }),
    }));
  });
}

function holdBody(catalog: LifeCatalog): fc.Arbitrary<Step> {
  const until = fc.option(fc.constantFrom(1, 60, 600, 7200, 2 * DAY, 35 * DAY), { nil: undefined });
  const meter = fc.constantFrom(...catalog.meters);
  return fc
    .tuple(
      fc.constantFrom(...HOLDS),
      until,
      meter.chain((name) => fc.tuple(fc.constant(name), unitsOf(catalog, name))),
    )
    .map(([holdId, expiresIn, [name, quantity]]) => ({
      id: holdId,
      meter: name,
      quantity,
      ...(expiresIn === undefined ? {} : { expiresIn }),
    }));
}

function contractBody(catalog: LifeCatalog): fc.Arbitrary<Step> {
  const step = catalog.catalog.currency === 'kwd' ? 10 : 1;
  const meters = fc.constantFrom(...catalog.meters).chain((meter) =>
    fc
      .tuple(
        fc.constantFrom(0, 10, 600, 9000),
        fc.option(fc.constantFrom({ cents: 10, per: 10 }, { cents: 1, per: 3 }, { cents: 32, per: 10 }), {
          nil: undefined,
          freq: 3,
        }),
        fc.option(cents, { nil: undefined }),
      )
      .map(([includedPerMonth, overage, capCents]) => ({
        [meter]: {
          includedPerMonth,
          ...(overage === undefined ? {} : { overage }),
          ...(overage === undefined || capCents === undefined ? {} : { capCents }),
        },
      })),
  );
  const seats = fc.option(
    fc.record({ count: fc.integer({ min: 1, max: 4 }), priceCents: fc.constantFrom(0, 1000, 1500) }),
    { nil: undefined },
  );
  return fc
    .record({
      interval: fc.constantFrom('month', 'month', 'year'),
      price: fc.constantFrom(0, 10, 1000, 20_000, 100_000),
      meters,
      seats,
      invoiceDueDays: fc.option(fc.constantFrom(1, 7, 14, 30, 60), { nil: undefined }),
      startNow: fc.option(fc.boolean(), { nil: undefined }),
    })
    .map(({ interval, price, meters: agreed, seats: bought, invoiceDueDays, startNow }) => ({
      plan: 'enterprise',
      interval,
      priceCents: price * step,
      meters: agreed,
      ...(bought === undefined || !catalog.hasSeats ? {} : { seats: bought }),
      ...(invoiceDueDays === undefined ? {} : { invoiceDueDays }),
      ...(startNow === undefined ? {} : { startNow }),
    }));
}

function subscribeBody(catalog: LifeCatalog): fc.Arbitrary<Step> {
  return fc
    .record({
      pack: fc.option(fc.constantFrom(...(catalog.packs.length > 0 ? catalog.packs : ['none'])), { nil: undefined }),
      interval: fc.option(fc.constantFrom(...catalog.intervals), { nil: undefined }),
      seats: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
      capCents: fc.option(cents, { nil: undefined }),
      startNow: fc.constantFrom(true, true, false),
    })
    .map(({ pack, interval, seats, capCents, startNow }) => ({
      plan: catalog.plan,
      ...(catalog.packs.length > 0 && pack !== undefined ? { pack } : {}),
      ...(interval === undefined ? {} : { interval }),
      ...(catalog.hasSeats && seats !== undefined ? { seats } : {}),
      ...(catalog.cap !== null && capCents !== undefined ? { capCents } : {}),
      ...(startNow ? { startNow } : {}),
    }));
}

function changeBody(catalog: LifeCatalog): fc.Arbitrary<Step> {
  const bodies: fc.Arbitrary<Step>[] = [
    fc.constantFrom({ interval: 'month' }, { interval: 'year' }, { plan: catalog.plan }),
  ];
  if (catalog.packs.length > 0) bodies.push(fc.constantFrom(...catalog.packs).map((pack) => ({ pack })));
  const free = catalog.catalog.defaultPlan;
  if (free !== null) {
    bodies.push(fc.constant({ plan: free }));
    bodies.push(fc.uniqueArray(member, { maxLength: 4 }).map((keep) => ({ plan: free, keep })));
  }
  return fc.oneof(...bodies);
}

/** Another price list: dearer, or with other quantities, under the same names. */
function changedCatalog({ catalog, plan, packs }: LifeCatalog): Step {
  const step = catalog.currency === 'kwd' ? 10 : 1;
  const terms = catalog.plans[plan]!;
  const newPacks = Object.fromEntries(
    packs.map((name) => [name, { month: (terms.packs![name]!.prices.month ?? 0) * 2 + step }]),
  );
  const seats = terms.seats === null ? {} : { seats: { month: (terms.seats.prices.month ?? 0) + 500 * step } };
  return { plans: { [plan]: { ...(packs.length > 0 ? { packs: newPacks } : {}), ...seats } } };
}

function wishOf(catalog: LifeCatalog): fc.Arbitrary<Wish> {
  const step = (kind: string, body: fc.Arbitrary<unknown>): fc.Arbitrary<Wish> =>
    body.map((value) => ({ step: { [kind]: value } }));
  const always = (kind: string): fc.Arbitrary<Wish> => fc.constant({ step: { [kind]: {} } });
  const meter = fc.constantFrom(...catalog.meters);
  const offset = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(0, 0, 0, -1, 1) },
    { weight: 1, arbitrary: fc.constantFrom(-3600, -60, 60, 600, 3600, DAY, -DAY) },
  );
  const late = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(-1, -60, -3600, 0, 1) },
    { weight: 2, arbitrary: fc.integer({ min: -40 * DAY, max: 0 }) },
    { weight: 1, arbitrary: fc.constantFrom(60, 299, 300, 301, -35 * DAY, -35 * DAY - 1) },
  );
  const visibility = fc.constantFrom('private', 'private', 'private', 'public');
  const measured = Object.values(catalog.catalog.meters).filter(
    ({ granularitySeconds }) => granularitySeconds !== null,
  );
  const minutes =
    measured[0] === undefined
      ? fc.constant(undefined)
      : fc.option(unitsOf(catalog, measured[0].name), { nil: undefined });
  const run = fc.record({
    sender: fc.oneof({ weight: 9, arbitrary: member }, fc.constantFrom(null, 'x[bot]')),
    visibility,
    minutes,
  });
  const weighted: [number, fc.Arbitrary<Wish>][] = [
    [14, fc.record({ toDue: fc.constantFrom(0, 0, 0, 1, 2), offset })],
    [
      6,
      fc
        .oneof(fc.integer({ min: 1, max: 40 * DAY }), fc.constantFrom(1, 60, 3600, DAY, 14 * DAY, 90 * DAY))
        .map((wait) => ({ wait })),
    ],
    [14, step('use', useBody(catalog))],
    [8, fc.record({ use: useBody(catalog), from: fc.constantFrom('now', 'boundary', 'boundary'), offset: late })],
    [4, step('hold', holdBody(catalog))],
    [
      4,
      step(
        'capture',
        fc.oneof(
          fc.constantFrom(...HOLDS).map((hold) => ({ id: hold })),
          fc.record({ id: fc.constantFrom(...HOLDS), quantity: fc.integer({ min: 1, max: 500 }) }),
        ),
      ),
    ],
    [
      1,
      step(
        'release',
        fc.constantFrom(...HOLDS).map((hold) => ({ id: hold })),
      ),
    ],
    [
      5,
      step(
        'reverse',
        fc.oneof({ weight: 3, arbitrary: id }, fc.constantFrom(...HOLDS)).map((event) => ({ id: event })),
      ),
    ],
    [4, step('setCap', fc.record({ meter, cents: fc.option(cents, { freq: 5 }) }))],
    [4, step('subscribe', subscribeBody(catalog))],
    [5, step('changePlan', changeBody(catalog))],
    [2, always('cancel')],
    [2, always('resume')],
    [3, step('contract', contractBody(catalog))],
    [
      3,
      step(
        'recordPayment',
        number.map((invoice) => ({ number: invoice })),
      ),
    ],
    [
      4,
      step(
        'creditInvoice',
        fc.record({
          number,
          line: fc.constantFrom(1, 1, 2, 3),
          amountCents: fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.constantFrom(500, 1200, 3000, 18_000)),
          to: fc.constantFrom('card', 'balance'),
        }),
      ),
    ],
    [1, always('payOut')],
    [
      4,
      step(
        'paymentMethod',
        fc
          .constantFrom('visa', 'visa', 'declined', 'declines_after_attach', 'requires_action')
          .map((card) => ({ card })),
      ),
    ],
    [
      1,
      step(
        'extendTrial',
        fc.constantFrom(1, 3, 7, 30).map((days) => ({ days })),
      ),
    ],
    [1, step('publishCatalog', fc.constant(changedCatalog(catalog)))],
    [
      2,
      step(
        'migrateCatalog',
        fc
          .option(fc.constantFrom(1, 2), { nil: undefined })
          .map((version) => (version === undefined ? {} : { version })),
      ),
    ],
    [1, fc.oneof({ weight: 1, arbitrary: always('close') }, { weight: 2, arbitrary: always('cancel') })],
  ];
  if (catalog.hasSeats) {
    weighted.push(
      [9, step('run', run.map(withoutUndefined))],
      [
        2,
        step(
          'openDashboard',
          member.map((who) => ({ member: who })),
        ),
      ],
      [
        4,
        step(
          'addSeats',
          fc.integer({ min: 1, max: 3 }).map((count) => ({ count })),
        ),
      ],
      [
        2,
        step(
          'removeSeats',
          fc.integer({ min: 1, max: 2 }).map((count) => ({ count })),
        ),
      ],
      [
        2,
        step(
          'removeSeats',
          member.map((who) => ({ member: who })),
        ),
      ],
      [
        2,
        step(
          'previewSeats',
          fc.integer({ min: 1, max: 3 }).map((count) => ({ count })),
        ),
      ],
      [
        3,
        step(
          'automaticAllocation',
          fc.oneof(
            fc.boolean().map((enabled) => ({ enabled })),
            fc.integer({ min: 1, max: 5 }).map((ceiling) => ({ enabled: true, ceiling })),
          ),
        ),
      ],
      [
        3,
        step(
          'enableMember',
          member.map((who) => ({ member: who })),
        ),
      ],
      [
        1,
        step(
          'enableMembers',
          fc.uniqueArray(member, { minLength: 1, maxLength: 3 }).map((members) => ({ members })),
        ),
      ],
      [
        3,
        step(
          'disableMember',
          member.map((who) => ({ member: who })),
        ),
      ],
    );
  }
  return fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

function withoutUndefined(body: Step): Step {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}

/** Most lives have a card and a plan soon, so that they go deep; a few do not. */
export function lives(catalogs: readonly LifeCatalog[] = LIFE_CATALOGS): fc.Arbitrary<Life> {
  return fc.constantFrom(...catalogs).chain((catalog) => {
    const soon: fc.Arbitrary<readonly Wish[]> = fc
      .tuple(
        fc.option(fc.constantFrom('visa', 'visa', 'visa', 'declines_after_attach'), { freq: 20 }),
        fc.option(subscribeBody(catalog), { freq: 8 }),
      )
      .map(([card, body]) => [
        ...(card === null ? [] : [{ step: { paymentMethod: { card } } }]),
        ...(body === null ? [] : [{ step: { subscribe: body } }]),
      ]);
    return fc
      .tuple(START, soon, fc.array(wishOf(catalog), { minLength: 4, maxLength: 56, size: 'max' }))
      .map(([start, beginning, wishes]) => ({
        catalog,
        start: parseInstant(start),
        wishes: [{ step: { signup: { account: 'acme', owner: 'alice' } } }, ...beginning, ...wishes],
      }));
  });
}

/** The life as a file that `simulate` reads. */
export function scenarioOf({ catalog, start }: Life, name: string, steps: readonly Step[]): string {
  return stringify(
    { name, catalog: catalog.file ?? catalog.written, start, steps },
    { lineWidth: 0, collectionStyle: 'any', defaultStringType: 'PLAIN' },
  );
}
