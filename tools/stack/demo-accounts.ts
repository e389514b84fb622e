import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Command } from '../../billing/account/command.ts';
import { addDays, addSeconds, type Instant, instantFromEpochMs } from '../../billing/calendar/instant.ts';
import { parseCatalogYaml } from '../../billing/catalog/load-catalog.ts';
import { type ConnectOptions, Perennial } from '../../client/perennial.ts';

const CATALOGS = fileURLToPath(new URL('../../catalogs/', import.meta.url));
const PRODUCTS = ['qodo', 'codspeed'] as const;
const QODO = 'demo-qodo';
const CODSPEED = 'demo-codspeed';

/** Publishes both products' catalogs; an unchanged one is published already (CAT-2). */
export async function publishCatalogs(perennial: Perennial): Promise<void> {
  for (const product of PRODUCTS) {
    const file = `${product}.yaml`;
    await perennial.publishCatalog(parseCatalogYaml(await readFile(join(CATALOGS, file), 'utf8'), file));
  }
}

/** Whether both demo accounts are complete: the budget is the last thing they are given. */
export async function hasDemoAccounts(perennial: Perennial): Promise<boolean> {
  const accounts = await perennial.accounts();
  if (!accounts.some(({ accountId }) => accountId === CODSPEED)) return false;
  const { audit } = await perennial.status(CODSPEED);
  return audit.some(({ action }) => action === 'cap.set');
}

/**
 * Gives an empty installation two accounts to look at, with a past: commands are stamped with the dates they would have had. Both live on
 * the real clock from then on. Repeating it, also after an interruption, adds nothing twice.
 */
export async function signUpDemoAccounts(options: ConnectOptions): Promise<void> {
  const present = instantFromEpochMs(Date.now());
  let stamp = present;
  const perennial = await Perennial.connect({ ...options, now: () => Promise.resolve(stamp) });
  const at = (instant: Instant): Perennial => {
    stamp = instant;
    return perennial;
  };
  try {
    await demoQodo(at, present);
    await demoCodspeed(at, present);
  } finally {
    await perennial.close();
  }
}

type At = (instant: Instant) => Perennial;

const TRIAL_DAY = 10;
const FEATURES = ['review', 'describe', 'ask'] as const;
const PEOPLE = ['ada', 'grace', 'edsger'] as const;

/** A workspace on day 10 of its trial, with some use every day. */
async function demoQodo(at: At, present: Instant): Promise<void> {
  const accountId = QODO;
  const signedUpAt = addDays(present, -TRIAL_DAY);
  await at(signedUpAt).signUp({ accountId, ownerId: 'ada', catalog: 'qodo', commandId: `demo signup ${accountId}` });
  for (let day = 0; day < TRIAL_DAY; day++) {
    for (const [index, member] of PEOPLE.entries()) {
      const feature = FEATURES[(day + index) % FEATURES.length] ?? 'review';
      const occurredAt = addSeconds(addDays(signedUpAt, day), 3600 * (9 + index));
      if (occurredAt > present) continue;
      const id = `demo ${String(day)} ${member}`;
      await at(present).recordUsage(accountId, { id, feature, quantity: 1 + (day % 3), member, occurredAt });
    }
  }
}

/** An organization on Pro, yearly: six seats, a seventh added later and invoiced at once, one member disabled, one seat to be removed. */
async function demoCodspeed(at: At, present: Instant): Promise<void> {
  const accountId = CODSPEED;
  const start = addDays(present, -100);
  const people = ['linus', 'margaret', 'dennis', 'barbara', 'ken'];
  const run = async (instant: Instant, command: Command, name: string): Promise<void> => {
    await at(instant).execute(accountId, command, { commandId: `demo ${name}`, actor: 'linus' });
  };
  await at(start).signUp({ accountId, ownerId: 'linus', catalog: 'codspeed', commandId: `demo signup ${accountId}` });
  await run(start, { type: 'setPaymentMethod', paymentMethodId: 'pm_card_visa' }, 'card');
  for (const [index, memberId] of people.entries()) {
    await run(addDays(start, index), { type: 'admitMember', memberId, login: memberId }, `member ${memberId}`);
  }
  await run(addDays(start, 7), { type: 'subscribe', plan: 'pro', interval: 'year', seats: 6 }, 'subscribe');
  await run(addDays(start, 20), { type: 'admitMember', memberId: 'radia', login: 'radia' }, 'member radia');
  await run(addDays(start, 40), { type: 'addSeats', count: 1 }, 'seventh seat');
  await run(addDays(start, 60), { type: 'disableMember', memberId: 'ken' }, 'disable ken');
  await run(addDays(start, 90), { type: 'removeSeats', count: 1 }, 'remove a seat');
  await run(addDays(start, 95), { type: 'setCap', meter: 'macro_minutes', capCents: 5000 }, 'budget');
}
