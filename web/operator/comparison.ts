import { answered, api } from '../api/client.ts';
import { everyPage } from '../api/queries.ts';
import { amountIn } from '../components/read-money.ts';
import { addMonths, monthOf } from './months.ts';

/** What a customer chooses in one catalog. */
export interface Choice {
  readonly catalog: string;
  readonly currency: string;
  readonly plan: string;
  readonly pack: string | null;
  readonly interval: 'month' | 'year';
  readonly hasSeats: boolean;
  /** Whether the plan has a ceiling that can be set. */
  readonly hasCap: boolean;
  readonly features: readonly string[];
}

/** The customer, who is the same under both. */
export interface Customer {
  readonly seats: number;
  /** As they are typed, by currency; the default where nothing was. */
  readonly caps: Readonly<Record<string, string>>;
  /** Uses a month, by feature. */
  readonly uses: Readonly<Record<string, number>>;
  readonly start: string;
  readonly months: number;
}

/** What one side came to so far. */
export interface Played {
  readonly account: string;
  readonly currency: string;
  /** Minor units, by month. */
  readonly byMonth: readonly number[];
  readonly refusedUses: number;
}

interface Run {
  readonly id: string;
  readonly choice: Choice;
  readonly customer: Customer;
  readonly signal: AbortSignal;
  readonly onStep: () => void;
}

/** In the minor unit of any currency. */
export const DEFAULT_CAP_CENTS = 50_000;

/** Null where what was typed is no amount. */
export function capOf({ caps }: Customer, currency: string): number | null {
  const typed = caps[currency];
  return typed === undefined ? DEFAULT_CAP_CENTS : amountIn(typed, { currency });
}

const CARD = 'pm_card_visa';

/** Steps of one side: the signup, and a month each. */
export function stepsOf({ months }: Customer): number {
  return months + 1;
}

/**
 * Plays a year of one customer under one catalog, on a clock of its own, on the real engine. When it is to stop it does so between two steps, and
 * answers with what there is. @throws Problem.
 */
export async function playSide({ id, choice, customer, signal, onStep }: Run): Promise<Played> {
  const { start, months } = customer;
  await begin(id, choice, customer);
  onStep();
  let refusedUses = 0;
  for (let month = 0; month < months && !signal.aborted; month += 1) {
    refusedUses += await record({ id, month, choice, customer });
    await answered(
      api.POST('/v1/test-clocks/{clock}/advance', {
        params: { path: { clock: id } },
        headers: { 'idempotency-key': `${id} to ${String(month + 1)}` },
        body: { to: addMonths(start, month + 1) },
      }),
    );
    onStep();
  }
  return { ...(await costs(id, customer)), account: id, refusedUses };
}

async function begin(id: string, choice: Choice, customer: Customer): Promise<void> {
  const { catalog, currency, plan, pack, interval, hasSeats, hasCap } = choice;
  const header = (act: string) => ({ 'idempotency-key': `${id} ${act}` });
  const path = { account: id };
  await answered(
    api.POST('/v1/test-clocks', {
      headers: header('clock'),
      body: { clockId: id, now: customer.start },
    }),
  );
  await answered(
    api.POST('/v1/signups', {
      params: { header: header('signup') },
      body: { accountId: id, ownerId: id, catalog, testClockId: id },
    }),
  );
  await answered(
    api.PUT('/v1/accounts/{account}/payment-method', {
      params: { path, header: header('card') },
      body: { paymentMethodId: CARD },
    }),
  );
  await answered(
    api.POST('/v1/accounts/{account}/subscription', {
      params: { path, header: header('subscribe') },
      body: {
        plan,
        interval,
        // The year that is compared is one that is paid for.
        startNow: true,
        ...(pack === null ? {} : { pack }),
        ...(hasSeats ? { seats: customer.seats } : {}),
        ...(hasCap ? { capCents: capOf(customer, currency) ?? DEFAULT_CAP_CENTS } : {}),
      },
    }),
  );
}

interface MonthOfUse {
  readonly id: string;
  readonly month: number;
  readonly choice: Choice;
  readonly customer: Customer;
}

/** A month's uses, each feature's as one event on its first day. Answers how many did not fit. */
async function record({ id, month, choice, customer }: MonthOfUse): Promise<number> {
  const events = choice.features.flatMap((feature) => {
    const quantity = customer.uses[feature] ?? 0;
    return quantity === 0 ? [] : eventsOf({ id, month, feature, quantity });
  });
  if (events.length === 0) return 0;
  const { results } = await answered(api.POST('/v1/usage', { body: { events } }));
  return results.reduce(
    (sum, { status }, index) => (status === 'refused' ? sum + (events[index]?.quantity ?? 0) : sum),
    0,
  );
}

/** In parts, so that what still fits under a cap is taken: an event is refused whole (CRE-6). */
const PARTS = 20;

interface UsageEvent {
  readonly id: string;
  readonly account: string;
  readonly feature: string;
  readonly quantity: number;
}

interface FeatureUse {
  readonly id: string;
  readonly month: number;
  readonly feature: string;
  readonly quantity: number;
}

function eventsOf({ id, month, feature, quantity }: FeatureUse): UsageEvent[] {
  const parts = Math.min(PARTS, quantity);
  return Array.from({ length: parts }, (_, part) => ({
    id: `${id} ${String(month)} ${feature} ${String(part)}`,
    account: id,
    feature,
    quantity: Math.floor((quantity * (part + 1)) / parts) - Math.floor((quantity * part) / parts),
  }));
}

async function costs(id: string, { start, months }: Customer): Promise<Pick<Played, 'currency' | 'byMonth'>> {
  const params = { path: { account: id } };
  const [view, invoices] = await Promise.all([
    answered(api.GET('/v1/accounts/{account}', { params })),
    everyPage((query) => api.GET('/v1/accounts/{account}/invoices', { params: { ...params, query } })),
  ]);
  const byMonth = Array.from({ length: months }, () => 0);
  for (const { lines, status } of invoices) {
    if (status === 'void') continue;
    for (const line of lines) {
      const month = monthOf(start, line.periodStart);
      const known = byMonth[month];
      if (known !== undefined) byMonth[month] = known + line.amount;
    }
  }
  return { currency: 'currency' in view ? view.currency : '', byMonth };
}
