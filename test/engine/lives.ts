import { type WorkflowHandle } from '@temporalio/client';
import { vi } from 'vitest';

import { fastForward } from '../../simulate/time-skipping.ts';
import { type AccountOnClock, type Engine, signUpOnClock, subscribedToPro } from './engine-under-test.ts';

const DAY_MS = 86_400_000;

export const workflowOf = (engine: Engine, accountId: string): WorkflowHandle =>
  engine.temporal.workflow.getHandle(`account/${accountId}`);

export async function untilIdle(engine: Engine, accountId: string, timeout = 20_000): Promise<void> {
  await vi.waitUntil(() => workflowOf(engine, accountId).query<boolean>('idle'), { timeout, interval: 30 });
}

/** Moves the clock, asks for a new run meanwhile, and waits for it: it begins at the next pause. */
export async function intoNextRun(engine: Engine, account: AccountOnClock, to: string): Promise<void> {
  const { runId } = await workflowOf(engine, account.accountId).describe();
  await Promise.all([account.advance(to), workflowOf(engine, account.accountId).signal('renewRun')]);
  await vi.waitUntil(async () => (await workflowOf(engine, account.accountId).describe()).runId !== runId, {
    timeout: 20_000,
  });
}

/** A trial, a paid plan, a card that fails and is replaced, a cancellation. */
export async function liveOnCredits(engine: Engine): Promise<string> {
  const account = await signUpOnClock(engine, { catalog: 'qodo', now: '2027-01-31T09:00:00Z', stem: 'credits' });
  const { accountId } = account;
  await account.advance('2027-02-08T00:00:00Z');
  await engine.perennial.addPaymentMethod(accountId, 'pm_card_visa');
  await engine.perennial.execute(accountId, { type: 'subscribe', plan: 'pro-teams' });
  await account.advance('2027-03-01T00:00:00Z');
  await engine.perennial.addPaymentMethod(accountId, 'pm_card_chargeCustomerFail');
  await account.advance('2027-03-18T00:00:00Z');
  await engine.perennial.addPaymentMethod(accountId, 'pm_card_visa');
  await engine.perennial.execute(accountId, { type: 'cancel' });
  await account.advance('2027-05-01T00:00:00Z');
  return accountId;
}

/** Seats by the year, for three years and as many runs: updates, signals good and bad, a batch, a seat that is not paid for. */
export async function liveOnSeats(engine: Engine): Promise<AccountOnClock> {
  const account = await subscribedToPro(engine, {
    now: '2027-01-01T00:00:00Z',
    seats: 3,
    interval: 'year',
    stem: 'seats',
  });
  const { accountId } = account;
  const handle = workflowOf(engine, accountId);
  await account.advance('2027-07-02T12:00:00Z');
  await Promise.all([1, 2].map((count) => engine.perennial.execute(accountId, { type: 'addSeats', count })));
  await handle.signal('addSeats', { count: 1 });
  await handle.signal('addSeats', { count: -1 });
  await handle.signal('addSeets', { count: 1 });
  await untilIdle(engine, accountId);
  await engine.perennial.addPaymentMethod(accountId, 'pm_card_chargeCustomerFail');
  await engine.perennial.execute(accountId, { type: 'addSeats', count: 1 }).catch(() => undefined);
  await engine.perennial.addPaymentMethod(accountId, 'pm_card_visa');
  await intoNextRun(engine, account, '2028-01-03T00:00:00Z');
  await engine.perennial.execute(accountId, { type: 'removeSeats', count: 2 });
  await intoNextRun(engine, account, '2029-01-04T00:00:00Z');
  return account;
}

/** Stripe has more to do than it takes: a card and payments beside the queue, one of which fails in the end. */
export async function liveThroughTrouble(engine: Engine): Promise<string> {
  const account = await subscribedToPro(engine, {
    now: '2027-01-01T00:00:00Z',
    seats: 2,
    interval: 'year',
    stem: 'trouble',
  });
  const { accountId } = account;
  // More often than a queue waits for it.
  for (const key of [`${accountId}/seats.*:pay`, `account:${accountId}:attach`]) {
    await faultAtStripe(engine, { kind: 'rate_limit', key, times: 6 });
  }
  await account.advance('2027-07-02T12:00:00Z');
  await engine.perennial.execute(accountId, { type: 'addSeats', count: 1 });
  await engine.perennial.execute(accountId, { type: 'setAutomaticAllocation', enabled: true });
  await engine.perennial.addPaymentMethod(accountId, 'pm_card_chargeCustomerFail');
  await untilIdle(engine, accountId, 60_000);
  await faultAtStripe(engine, { kind: 'rate_limit', key: `${accountId}/seats.*:pay`, times: 6 });
  await engine.perennial.execute(accountId, { type: 'addSeats', count: 1 });
  await untilIdle(engine, accountId, 60_000);
  return accountId;
}

async function faultAtStripe({ options }: Engine, fault: object): Promise<void> {
  const url = `${options.stripe.apiBase ?? ''}/_sandbox/faults`;
  const { status } = await fetch(url, { method: 'POST', body: JSON.stringify(fault) });
  if (status !== 200) throw new Error(`the sandbox answered ${String(status)}`);
}

/** On the real clock: durable timers, which the server fires early because it skips the time between. */
export async function liveOnTimers(engine: Engine): Promise<string> {
  const accountId = engine.name('timers');
  await engine.perennial.signUp({ accountId, ownerId: accountId, catalog: 'qodo' });
  await fastForward(engine.temporal, `account/${accountId}`, 15 * DAY_MS);
  await untilIdle(engine, accountId);
  // Blocked now, with nothing to wait for; a year later it goes on in a new run.
  const { runId } = await workflowOf(engine, accountId).describe();
  await fastForward(engine.temporal, `account/${accountId}`, 366 * DAY_MS);
  await vi.waitUntil(async () => (await workflowOf(engine, accountId).describe()).runId !== runId, { timeout: 20_000 });
  await untilIdle(engine, accountId);
  return accountId;
}

/** An owner who has an account already. */
export async function refusedLife(engine: Engine): Promise<string> {
  const [first, second] = [engine.name('owned'), engine.name('refused')];
  await engine.perennial.signUp({ accountId: first, ownerId: first, catalog: 'qodo' });
  const handle = await engine.temporal.workflow.start('accountWorkflow', {
    workflowId: `account/${second}`,
    taskQueue: engine.options.taskQueue ?? '',
    args: [{ accountId: second, clock: { kind: 'real', offsetSeconds: 0 } }],
  });
  await handle.signal('signUp', { ownerId: first, catalog: 'qodo' });
  await handle.result();
  return second;
}
