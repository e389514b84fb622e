import fc from 'fast-check';

import type { CommandBodies, CommandType } from '../../../billing/model/command.ts';
import { addSeconds } from '../../../billing/calendar/instant.ts';
import type { Catalog } from '../../../billing/catalog/catalog.ts';
import { parseCatalogYaml } from '../../../billing/catalog/load-catalog.ts';
import { Refusal } from '../../../billing/refusal.ts';
import { AccountInMemory, catalogNamed } from '../account-in-memory.ts';

/** A catalog whose cycles stay open for late usage for an hour (CRE-12), and which has a trial before a free plan. */
const EXAMPLE = `
name: example
entity: workspace
currency: usd
trial: { days: 14 }
afterTrial: free
defaultPlan: free
graceMinutes: 60
meters:
  macro_minutes: { unit: minute, granularitySeconds: 1 }
features:
  macro-run: { meter: macro_minutes, quantity: 1 }
plans:
  free:
    seats: { limit: 2 }
    meters:
      macro_minutes: { includedPerMonth: 60 }
  pro:
    seats: { month: 1000, year: 10000 }
    meters:
      macro_minutes: { includedPerMonth: 60, overage: { cents: 7, per: 3 }, cap: optional }
  enterprise:
    selfServe: false
`;

export const CATALOGS: readonly Catalog[] = [
  catalogNamed('qodo'),
  catalogNamed('codspeed'),
  parseCatalogYaml(EXAMPLE, 'example.yaml'),
];

export type LifeStep =
  | { readonly kind: 'subscribe'; readonly interval: 'month' | 'year'; readonly startNow: boolean }
  | { readonly kind: 'cap'; readonly capCents: number | null }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'use'; readonly units: number }
  | { readonly kind: 'card'; readonly works: boolean }
  | { readonly kind: 'newCard' }
  | { readonly kind: 'sentInvoices'; readonly paid: boolean }
  | { readonly kind: 'access'; readonly memberId: string; readonly visit: 'run' | 'dashboard' }
  | { readonly kind: 'command'; readonly type: CommandType; readonly body: object };

const DAY = 86_400;

function command<T extends CommandType>(type: T, body: fc.Arbitrary<CommandBodies[T]>): fc.Arbitrary<CommandStep> {
  return body.map((found) => ({ kind: 'command' as const, type, body: found }));
}

const memberId = fc.constantFrom('ann', 'bob', 'cleo', 'dan', 'eve', 'finn', 'gus', 'ci[bot]');
const few = fc.integer({ min: 1, max: 4 });
const interval = fc.constantFrom('month' as const, 'year' as const);
const cents = fc.integer({ min: 0, max: 2000 });
const nothing = fc.constant({});

const subscribing: fc.Arbitrary<CommandStep> = fc.record({
  kind: fc.constant('subscribe' as const),
  interval,
  startNow: fc.boolean(),
});

/** By card or by invoice, with seats or without: what a catalog has no plan or meter for is refused. */
const contract = command(
  'setContract',
  fc.record(
    {
      plan: fc.constant('enterprise'),
      interval,
      priceCents: cents,
      seats: fc.record({ count: fc.integer({ min: 3, max: 8 }), priceCents: cents }),
      meters: fc.constantFrom<NonNullable<CommandBodies['setContract']['meters']>>(
        { credits: { includedPerMonth: 5000, overage: { cents: 3, per: 7 } } },
        { macro_minutes: { includedPerMonth: 50, overage: { cents: 3, per: 7 }, capCents: 300 } },
      ),
      invoiceDueDays: fc.constantFrom(10, 45),
      startNow: fc.boolean(),
    },
    { requiredKeys: ['plan', 'interval', 'priceCents'] },
  ),
);

/** Catalogs differ in what they sell; what one does not know is refused, which is a step like any other. */
export const commandStep = fc.oneof(
  subscribing,
  command('changePlan', fc.record({ interval })),
  command(
    'changePlan',
    fc.record({ plan: fc.constant('free'), keepMemberIds: fc.array(fc.constantFrom('ann', 'bob'), { maxLength: 2 }) }),
  ),
  command('changePlan', fc.record({ pack: fc.constantFrom('small', 'medium') })),
  command('cancel', nothing),
  command('resume', nothing),
  command('addSeats', fc.record({ count: few })),
  command('removeSeats', fc.record({ count: few })),
  command('removeSeats', fc.record({ memberId })),
  command('setAutomaticAllocation', fc.record({ enabled: fc.boolean() })),
  command('enableMember', fc.record({ memberId })),
  command('enableMembers', fc.record({ memberIds: fc.array(memberId, { minLength: 1, maxLength: 3 }) })),
  command('disableMember', fc.record({ memberId })),
  command('addMember', fc.record({ memberId, role: fc.constantFrom('admin' as const, 'member' as const) })),
  command('setRole', fc.record({ memberId, role: fc.constantFrom('admin' as const, 'member' as const) })),
  fc.record({ kind: fc.constant('cap' as const), capCents: fc.option(cents) }),
  command('extendTrial', fc.record({ days: few })),
  contract,
  command('recordPayment', fc.record({ number: few.map((number) => `acme-000${String(number)}`) })),
);

export const lifeStep: fc.Arbitrary<LifeStep> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 40 * DAY }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 5400 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('use' as const), units: fc.integer({ min: 1, max: 30_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('card' as const), works: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'newCard' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sentInvoices' as const), paid: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('access' as const),
      memberId,
      visit: fc.constantFrom('run' as const, 'dashboard' as const),
    }),
  },
  { weight: 8, arbitrary: commandStep },
);

const closing: fc.Arbitrary<LifeStep> = fc.constant({ kind: 'command', type: 'close', body: {} });

/** A life, and the catalog that it is lived on. Most subscribe early, since most rules are about those who did. */
export const life = fc.record({
  catalog: fc.constantFrom(...CATALOGS),
  steps: fc
    .tuple(
      fc.option(subscribing, { freq: 4 }),
      fc.array(lifeStep, { minLength: 5, maxLength: 40 }),
      // Now and then one closes, which ends most of what can happen.
      fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.tuple(closing) }),
      fc.array(lifeStep, { maxLength: 6 }),
    )
    .map(([first, rest, end, after]) => [...(first === null ? [] : [first]), ...rest, ...end, ...after]),
});

/** An account with a card and a plan, where most of what can happen can happen. */
export function begin(catalog: Catalog, at = '2027-01-31T12:00:00Z'): AccountInMemory {
  return new AccountInMemory(catalog, at).withCard();
}

function subscriptionOf({ name }: Catalog, step: Extract<LifeStep, { kind: 'subscribe' }>): CommandBodies['subscribe'] {
  const { interval, startNow } = step;
  return name === 'qodo' ? { plan: 'pro-teams', startNow } : { plan: 'pro', interval, startNow };
}

export function meterOf(catalog: Catalog): string {
  return Object.keys(catalog.meters)[0] ?? '';
}

type CommandStep = Extract<LifeStep, { kind: 'command' | 'subscribe' | 'cap' }>;

/** The command that a step asks of an account of a catalog. */
export function commandOf(catalog: Catalog, step: CommandStep): { readonly type: CommandType; readonly body: object } {
  if (step.kind === 'subscribe') return { type: 'subscribe', body: subscriptionOf(catalog, step) };
  if (step.kind === 'cap') return { type: 'setCap', body: { meter: meterOf(catalog), capCents: step.capCents } };
  return step;
}

/** Takes one step. Whatever is refused is part of a life; anything else that is thrown is a bug and goes on up. */
export function take(account: AccountInMemory, step: LifeStep, wait = waitFor): string | null {
  try {
    if (step.kind === 'wait') wait(account, step.seconds);
    else if (step.kind === 'use') account.useMeter(meterOf(account.catalog), step.units);
    else if (step.kind === 'card')
      account.card = step.works ? { kind: 'paid' } : { kind: 'failed', reason: 'declined', detail: 'no' };
    else if (step.kind === 'newCard') account.withCard();
    else if (step.kind === 'sentInvoices') account.sentInvoices = step.paid ? 'paid' : 'unpaid';
    else if (step.kind === 'access') account.access(step.memberId, { kind: step.visit });
    else {
      const { type, body } = commandOf(account.catalog, step);
      account.do(type, body);
    }
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

function waitFor(account: AccountInMemory, seconds: number): void {
  account.until(addSeconds(account.now, seconds));
}
