import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { addDays } from '../../billing/calendar/instant.ts';
import type { Command } from '../../billing/model/command.ts';
import type { PaymentOutcome } from '../../billing/dunning/decide-payment.ts';
import type { Account, Facts, Invoice, MeterCycle, UseTerms } from '../../billing/model/facts.ts';
import type { RefusalCode } from '../../billing/refusal-codes.ts';
import { Refusal } from '../../billing/refusal.ts';
import { loadAccount, loadInvoices } from '../../db/account/load-account.ts';
import { AccountInMemory, catalogNamed } from '../billing/account-in-memory.ts';
import { type AccountOnClock, type Engine, openEngine, signUpOnClock } from './engine-under-test.ts';

/** Something that happens to an account, told once for both. */
type Step =
  | { readonly at: string }
  | { readonly card: 'works' | 'declines' }
  | { readonly tell: Command; readonly refused?: RefusalCode }
  | { readonly use: { readonly feature: string; readonly credits: number } }
  | { readonly visit: string }
  | { readonly run: string; readonly minutes: number };

interface Life {
  readonly catalog: 'qodo' | 'codspeed';
  readonly start: string;
  readonly steps: readonly Step[];
}

/** Where an account stands after a step. */
interface Standing {
  /** The code that the step was refused with; null where it was accepted. */
  readonly refusal: string | null;
  readonly facts: Facts;
  /** Every one that it ever had. */
  readonly invoices: readonly Invoice[];
}

type Take = (step: Step, commandId: string) => Promise<Standing>;

const CARDS = {
  works: { testCard: 'pm_card_visa', last4: '4242', outcome: { kind: 'paid' } },
  declines: {
    testCard: 'pm_card_chargeCustomerFail',
    last4: '0341',
    outcome: { kind: 'failed', reason: 'declined', detail: '' },
  },
} as const satisfies Record<string, { testCard: string; last4: string; outcome: PaymentOutcome }>;

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

/** The decisions alone. */
function inMemory({ catalog, start }: Life): Take {
  const account = new AccountInMemory(catalogNamed(catalog), start, 'owner of acme');
  const act = (step: Step): unknown => {
    if ('at' in step) return account.until(step.at);
    if ('card' in step) {
      account.card = CARDS[step.card].outcome;
      return account.withCard(CARDS[step.card].last4);
    }
    if ('use' in step) return account.use(step.use.credits, { feature: step.use.feature });
    if ('visit' in step) return account.access(step.visit, { kind: 'dashboard' });
    if ('run' in step) {
      account.access(step.run);
      return account.useMeter('macro_minutes', step.minutes * 60);
    }
    const { type, ...body } = step.tell;
    return account.do(type, body);
  };
  return async (step) => {
    const refusal = await refusalOf(() => act(step));
    // One that charged nothing in the end is kept, but never was an invoice (CRE-12).
    const invoices = [...account.invoices.values()].filter(
      ({ number, status }) => number !== null || status !== 'void',
    );
    return { refusal, facts: account.facts, invoices };
  };
}

/** The same through a client, a workflow and activities, as it is read back from Postgres. */
function onTheEngine({ accountId, advance }: AccountOnClock): Take {
  const { perennial, db } = engine;
  const act = (step: Step, commandId: string): unknown => {
    const options = { commandId, actor: 'admin' };
    if ('at' in step) return advance(step.at);
    if ('card' in step) {
      const { testCard } = CARDS[step.card];
      return perennial.execute(accountId, { type: 'setPaymentMethod', paymentMethodId: testCard }, options);
    }
    if ('use' in step) return perennial.recordUsage(accountId, step.use);
    if ('visit' in step)
      return perennial.checkAccess(accountId, { kind: 'dashboard', member: { id: step.visit, login: step.visit } });
    if ('run' in step) {
      const { run: id, minutes } = step;
      return perennial.checkAccess(accountId, {
        kind: 'run',
        sender: { id, login: id },
        visibility: 'private',
        minutes,
      });
    }
    return perennial.execute(accountId, named(step.tell, accountId), options);
  };
  return async (step, commandId) => {
    const refusal = await refusalOf(() => act(step, commandId));
    const { facts } = await loadAccount(db, accountId);
    const invoices = (await loadInvoices(db, accountId)).map(({ stripe: _, ...invoice }) => invoice);
    return { refusal, facts, invoices };
  };
}

async function refusalOf(act: () => unknown): Promise<string | null> {
  try {
    await act();
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

/** An invoice's number has its account's name, which is another one on the servers that tests share. */
function named(command: Command, accountId: string): Command {
  return 'number' in command ? { ...command, number: command.number.replace('acme', accountId) } : command;
}

type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

/**
 * Both in the same words: ids that name the account, a command or a card are made alike, what has no order is sorted, and nothing is looked
 * at that only one of them keeps.
 */
function alike({ refusal, facts, invoices }: Standing, accountId: string): unknown {
  const { meterCycles, members, liveInvoices, account } = facts;
  const byKey = (a: object, b: object): number => (JSON.stringify(sorted(a)) < JSON.stringify(sorted(b)) ? -1 : 1);
  const standing = {
    refusal,
    facts: {
      ...facts,
      account: {
        ...account,
        useTerms: asTheyChange(account),
        paymentMethod: account.paymentMethod && { ...account.paymentMethod, paymentMethodId: 'pm' },
      },
      members: [...members].sort(byKey),
      meterCycles: [...meterCycles].sort(byKey),
      liveInvoices: [...liveInvoices].sort(byKey),
    },
    invoices: [...invoices].sort(byKey),
  };
  const commands = new Map<string, string>();
  const text = JSON.stringify(sorted(standing))
    .replaceAll(accountId, 'acme')
    .replaceAll(/command \d+|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, (id) => {
      if (!commands.has(id)) commands.set(id, `command ${String.fromCodePoint(65 + commands.size)}`);
      return commands.get(id) ?? '';
    });
  return JSON.parse(text);
}

/**
 * Read back from Postgres, terms that go on are noted anew at each boundary, because `jsonb` puts their keys into another order; so the oldest
 * that is kept, which reaches back beyond what is ever asked about, begins later there.
 */
function asTheyChange({ useTerms, settledThrough }: Account): readonly (Omit<UseTerms, 'from'> & { from: string })[] {
  const told = ({ from: _, ...others }: UseTerms): string => JSON.stringify(sorted(others));
  const horizon = addDays(settledThrough, -KEPT_DAYS);
  return useTerms
    .filter((each, index) => index === 0 || told(each) !== told(useTerms[index - 1]!))
    .map((each) => (each.from <= horizon ? { ...each, from: 'long ago' } : each));
}

/** With its keys in order, all the way down. */
function sorted(value: unknown): Plain {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value as Plain;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

/** Cycles of use that are closed and billed are not loaded for ever (CRE-12): in memory they are all there still. */
function asFarAsLoaded(mine: Standing, loaded: Facts): Standing {
  const isLoaded = ({ meter, start }: MeterCycle): boolean =>
    loaded.meterCycles.some((cycle) => cycle.meter === meter && cycle.start === start);
  const isDone = (cycle: MeterCycle): boolean =>
    cycle.closedAt !== null &&
    cycle.billedOverageUnits === cycle.overageUnits &&
    cycle.end <= addDays(loaded.account.settledThrough, -LOADED_DAYS);
  const meterCycles = mine.facts.meterCycles.filter((cycle) => isLoaded(cycle) || !isDone(cycle));
  return { ...mine, facts: { ...mine.facts, meterCycles } };
}

/** For how long after its end a cycle of use is loaded whatever it holds (db/account/account-statement.ts). */
const LOADED_DAYS = 70;
/** How old the terms may be that late events are judged by (billing/model/use-terms.ts). */
const KEPT_DAYS = 100;

const LIVES: Readonly<Record<string, Life>> = {
  'a trial that becomes a paid plan with credits, and is cancelled': {
    catalog: 'qodo',
    start: '2027-01-31T09:00:00Z',
    steps: [
      { use: { feature: 'review', credits: 139 } },
      { card: 'works' },
      { tell: { type: 'subscribe', plan: 'pro-teams', pack: 'small', capCents: 1200 } },
      { at: '2027-02-14T09:00:00Z' },
      { use: { feature: 'review', credits: 2400 } },
      { use: { feature: 'ask', credits: 700 } },
      { tell: { type: 'setCap', meter: 'credits', capCents: 5000 } },
      { use: { feature: 'ask', credits: 500 } },
      { at: '2027-03-14T09:00:00Z' },
      { tell: { type: 'cancel' } },
      { tell: { type: 'resume' } },
      { at: '2027-07-20T00:00:00Z' },
      { tell: { type: 'cancel' } },
      { at: '2027-09-01T00:00:00Z' },
    ],
  },
  'seats by the year, and a card that fails and is replaced': {
    catalog: 'codspeed',
    start: '2027-01-01T00:00:00Z',
    steps: [
      { visit: 'alice' },
      { card: 'works' },
      { tell: { type: 'subscribe', plan: 'pro', interval: 'year', seats: 3 } },
      { visit: 'bob' },
      { at: '2027-07-02T12:00:00Z' },
      { tell: { type: 'addSeats', count: 2 } },
      { run: 'bob', minutes: 700 },
      { at: '2027-08-03T00:00:00Z' },
      { card: 'declines' },
      { tell: { type: 'addSeats', count: 1 }, refused: 'payment_failed' },
      { tell: { type: 'removeSeats', count: 1 } },
      { at: '2028-01-01T00:00:00Z' },
      { at: '2028-01-04T00:00:00Z' },
      { card: 'works' },
      { at: '2028-02-05T00:00:00Z' },
    ],
  },
  'a card that fails to the end, and another one later': {
    catalog: 'codspeed',
    start: '2027-01-31T00:00:00Z',
    steps: [
      { visit: 'alice' },
      { card: 'works' },
      { tell: { type: 'subscribe', plan: 'pro', interval: 'month', seats: 2 } },
      { card: 'declines' },
      { at: '2027-02-28T00:00:00Z' },
      { at: '2027-03-18T00:00:00Z' },
      { card: 'works' },
      { at: '2027-05-02T00:00:00Z' },
    ],
  },
  'changes of pack, interval and plan': {
    catalog: 'codspeed',
    start: '2027-01-15T00:00:00Z',
    steps: [
      { card: 'works' },
      { tell: { type: 'subscribe', plan: 'pro', interval: 'month', seats: 2 } },
      { visit: 'alice' },
      { tell: { type: 'setAutomaticAllocation', enabled: true } },
      { visit: 'bob' },
      { visit: 'carol' },
      { at: '2027-01-25T00:00:00Z' },
      { tell: { type: 'changePlan', interval: 'year' } },
      { at: '2027-04-20T00:00:00Z' },
      { tell: { type: 'changePlan', plan: 'free', keepMemberIds: ['alice'] } },
      { at: '2028-02-20T00:00:00Z' },
    ],
  },
  'a bigger and a smaller pack': {
    catalog: 'qodo',
    start: '2027-01-01T00:00:00Z',
    steps: [
      { card: 'works' },
      { tell: { type: 'subscribe', plan: 'pro-teams', pack: 'small', capCents: 5000, startNow: true } },
      { use: { feature: 'review', credits: 2600 } },
      { at: '2027-01-16T12:00:00Z' },
      { tell: { type: 'changePlan', pack: 'large' } },
      { use: { feature: 'review', credits: 1000 } },
      { tell: { type: 'changePlan', pack: 'medium' } },
      { at: '2027-03-02T00:00:00Z' },
    ],
  },
  'a contract whose invoices are sent, one of them late': {
    catalog: 'qodo',
    start: '2027-01-01T00:00:00Z',
    steps: [
      { at: '2027-02-01T00:00:00Z' },
      {
        tell: {
          type: 'setContract',
          ...{ plan: 'enterprise', interval: 'month', priceCents: 200_000, invoiceDueDays: 30 },
          meters: { credits: { includedPerMonth: 1000, overage: { cents: 10, per: 10 } } },
          attributes: { 'support level': '24 × 7', deployment: 'single-tenant' },
        },
      },
      { use: { feature: 'review', credits: 1200 } },
      { at: '2027-03-02T00:00:00Z' },
      { tell: { type: 'recordPayment', number: 'acme-0001', reference: 'by bank' } },
      { at: '2027-04-05T00:00:00Z' },
      { tell: { type: 'recordPayment', number: 'acme-0002' } },
      { at: '2027-05-01T00:00:00Z' },
    ],
  },
  'money given back, and an account that is closed': {
    catalog: 'qodo',
    start: '2027-01-01T00:00:00Z',
    steps: [
      { card: 'works' },
      { tell: { type: 'subscribe', plan: 'pro-teams', pack: 'small', capCents: 5000, startNow: true } },
      { use: { feature: 'review', credits: 2700 } },
      {
        tell: {
          type: 'creditInvoice',
          ...{ number: 'acme-0001', lines: [{ line: 1, amountCents: 500 }], reason: 'an outage', to: 'balance' },
        },
      },
      { at: '2027-02-01T00:00:00Z' },
      {
        tell: {
          type: 'creditInvoice',
          ...{ number: 'acme-0001', lines: [{ line: 1, amountCents: 100 }], reason: 'a gift', to: 'card' },
        },
      },
      { use: { feature: 'review', credits: 3000 } },
      { tell: { type: 'close' } },
      { tell: { type: 'resume' }, refused: 'account_closed' },
      { at: '2027-06-01T00:00:00Z' },
    ],
  },
};

describe('an account in memory and on the engine', () => {
  it.each(Object.entries(LIVES))(
    'INV-3 given %s, when the same is told to both, then all their facts and invoices are the same after every step',
    async (_name, life) => {
      const account = await signUpOnClock(engine, { catalog: life.catalog, now: life.start, stem: 'facts' });
      const [takeInMemory, takeOnTheEngine] = [inMemory(life), onTheEngine(account)];
      for (const [index, step] of life.steps.entries()) {
        const commandId = `command ${String(index)}`;
        const [mine, theirs] = [await takeInMemory(step, commandId), await takeOnTheEngine(step, commandId)];
        const told = `${String(index)}: ${JSON.stringify(step)}`;
        expect(mine.refusal, told).toBe('refused' in step ? step.refused : null);
        expect(alike(theirs, account.accountId), told).toEqual(alike(asFarAsLoaded(mine, theirs.facts), 'acme'));
      }
    },
  );
});
