import type { Schemas } from '../api/client.ts';
import { typedMoney } from '../format/money.ts';
import { amountIn } from '../components/read-money.ts';

type Catalog = Schemas['Catalog'];

/** What is agreed about one meter, as it is typed. */
export interface MeterDraft {
  readonly isIncluded: boolean;
  readonly included: number | string;
  readonly hasOverage: boolean;
  readonly price: string;
  readonly per: number | string;
  readonly cap: string;
}

/** A contract as it is typed; amounts stay texts until they are sent. */
export interface ContractDraft {
  readonly plan: string;
  readonly interval: 'month' | 'year';
  readonly price: string;
  readonly isBySeat: boolean;
  readonly seats: number | string;
  readonly seatPrice: string;
  readonly meters: Readonly<Record<string, MeterDraft>>;
  readonly isByInvoice: boolean;
  readonly dueDays: number | string;
  readonly attributes: string;
  readonly startNow: boolean;
}

interface ContractMeter {
  includedPerMonth: number;
  overage?: { cents: number; per: number };
  capCents?: number;
}

/** What the API is sent. */
export interface ContractBody {
  plan: string;
  interval: 'month' | 'year';
  priceCents: number;
  seats?: { count: number; priceCents: number };
  meters?: Record<string, ContractMeter>;
  invoiceDueDays?: number;
  attributes?: Record<string, string>;
  startNow?: boolean;
}

/** Plans that are sold by contract (CRE-18). */
export function contractPlans(catalog: Catalog): readonly Catalog['plans'][string][] {
  return Object.values(catalog.plans).filter(({ selfServe }) => !selfServe);
}

/** Begins with the contract that there is, else with nothing but what the plan says of itself. */
export function draftOf(view: Schemas['Account'], catalog: Catalog): ContractDraft | null {
  const plan = contractPlans(catalog).find(({ name }) => name === view.plan) ?? contractPlans(catalog)[0];
  if (plan === undefined) return null;
  const { contract, currency, seats } = view;
  const attributes = contract?.attributes ?? plan.attributes;
  return {
    plan: plan.name,
    interval: view.interval ?? 'year',
    price: contract === null ? '' : typedMoney(contract.priceCents, currency),
    isBySeat: contract?.seatPriceCents != null,
    seats: seats?.quantity ?? 1,
    seatPrice: contract?.seatPriceCents == null ? '' : typedMoney(contract.seatPriceCents, currency),
    meters: Object.fromEntries(Object.keys(catalog.meters).map((name) => [name, meterDraftOf(view, name)])),
    isByInvoice: contract?.invoiceDueDays != null,
    dueDays: contract?.invoiceDueDays ?? 30,
    attributes: Object.entries(attributes)
      .map(([name, value]) => `${name}: ${String(value)}`)
      .join('\n'),
    startNow: false,
  };
}

function meterDraftOf({ contract, currency, meters }: Schemas['Account'], name: string): MeterDraft {
  const agreed = contract?.meters[name];
  const cap = meters[name]?.capCents ?? null;
  return {
    isIncluded: contract === null || agreed !== undefined,
    included: agreed?.includedPerMonth ?? 0,
    hasOverage: agreed?.overage != null,
    price: agreed?.overage == null ? '' : typedMoney(agreed.overage.cents, currency),
    per: agreed?.overage?.per ?? 1,
    cap: agreed === undefined || cap === null ? '' : typedMoney(cap, currency),
  };
}

/** Null where something that was typed is not what it should be; the fields say what. */
export function bodyOf(draft: ContractDraft, currency: string): ContractBody | null {
  const charged = { currency, isCharged: true };
  const priceCents = amountIn(draft.price, charged);
  const seats = seatsOf(draft, amountIn(draft.seatPrice, charged));
  const invoiceDueDays = draft.isByInvoice ? wholeIn(draft.dueDays, 1) : undefined;
  const attributes = attributesIn(draft.attributes);
  const meters = metersOf(draft, currency);
  if (priceCents === null || attributes === null || meters === null) return null;
  if (seats === null || invoiceDueDays === null) return null;
  return {
    plan: draft.plan,
    interval: draft.interval,
    priceCents,
    ...(seats === undefined ? {} : { seats }),
    ...(Object.keys(meters).length === 0 ? {} : { meters }),
    ...(invoiceDueDays === undefined ? {} : { invoiceDueDays }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
    ...(draft.startNow ? { startNow: true } : {}),
  };
}

/** Undefined where none are sold; null where what was typed is none. */
function seatsOf({ isBySeat, seats }: ContractDraft, priceCents: number | null): ContractBody['seats'] | null {
  if (!isBySeat) return undefined;
  const count = wholeIn(seats, 1);
  return count === null || priceCents === null ? null : { count, priceCents };
}

/** A number field that is empty is a text. */
function wholeIn(value: number | string, least: number): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : null;
}

function metersOf({ meters }: ContractDraft, currency: string): Record<string, ContractMeter> | null {
  const agreed: Record<string, ContractMeter> = {};
  for (const [name, meter] of Object.entries(meters)) {
    if (!meter.isIncluded) continue;
    const includedPerMonth = wholeIn(meter.included, 0);
    if (includedPerMonth === null) return null;
    if (!meter.hasOverage) {
      agreed[name] = { includedPerMonth };
      continue;
    }
    const cents = amountIn(meter.price, { currency });
    const per = wholeIn(meter.per, 1);
    const capCents = meter.cap.trim() === '' ? undefined : amountIn(meter.cap, { currency });
    if (cents === null || per === null || capCents === null) return null;
    const overage = { cents, per };
    agreed[name] = { includedPerMonth, overage, ...(capCents === undefined ? {} : { capCents }) };
  }
  return agreed;
}

/** `name: value`, one a line; null where a line is none. */
export function attributesIn(text: string): Record<string, string> | null {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const pairs = lines.map((line) => /^([^:]+):\s*(.+)$/.exec(line));
  if (pairs.includes(null)) return null;
  return Object.fromEntries(pairs.map((pair) => [(pair?.[1] ?? '').trim(), pair?.[2] ?? '']));
}
