import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { addDays, type Instant, instantFromEpochMs } from '../../billing/calendar/instant.ts';
import { parseCatalogYaml } from '../../billing/catalog/load-catalog.ts';
import type { ConnectOptions, Perennial } from '../../client/perennial.ts';
import { codspeedOrganization, pastDueOrganization } from './codspeed-organizations.ts';
import { type DemoStage, withStage } from './past.ts';
import { qodoWorkspace, trialWorkspace } from './qodo-workspaces.ts';

const CATALOGS = fileURLToPath(new URL('../../catalogs/', import.meta.url));
const PRODUCTS = ['qodo', 'codspeed'] as const;
const CLOCK = 'demo-clock';
const CLOCK_OWNER = 'margery';

/** Publishes both products' catalogs; an unchanged one is published already (CAT-2). */
export async function publishCatalogs(perennial: Perennial): Promise<void> {
  for (const product of PRODUCTS) {
    const file = `${product}.yaml`;
    await perennial.publishCatalog(parseCatalogYaml(await readFile(join(CATALOGS, file), 'utf8'), file));
  }
}

/** Whether the demo accounts are complete: a cap is the last thing that the last of them is given. */
export async function hasDemoAccounts(perennial: Perennial): Promise<boolean> {
  const accounts = await perennial.accounts();
  if (!accounts.some(({ accountId }) => accountId === CLOCK)) return false;
  const { audit } = await perennial.status(CLOCK);
  return audit.some(({ action }) => action === 'cap.set');
}

/**
 * Gives an empty installation accounts to look at: a workspace and an organization with a past, one in its trial, one past due, and one on
 * a test clock. Repeating it, also after an interruption, adds nothing twice.
 */
export async function signUpDemoAccounts(options: ConnectOptions): Promise<void> {
  const present = instantFromEpochMs(Date.now());
  await withStage(options, async (stage) => {
    // Each on a clock of its own, so none waits for another.
    await Promise.all([
      qodoWorkspace(stage, present),
      codspeedOrganization(stage, present),
      trialWorkspace(stage, present),
      pastDueOrganization(stage, present),
    ]);
    await clockWorkspace(stage, present);
  });
}

/** A workspace that is about to pay, on a clock of its own that whoever looks may move: the time machine's. */
async function clockWorkspace({ perennial, db }: DemoStage, present: Instant): Promise<void> {
  const clock = await db('testClocks').where({ clockId: CLOCK }).first<object | undefined>('clockId');
  if (clock === undefined) await perennial.createTestClock({ clockId: CLOCK, now: addDays(present, -5) });
  const options = (name: string) => ({ commandId: `demo ${name}`, actor: CLOCK_OWNER });
  const signup = { accountId: CLOCK, ownerId: CLOCK_OWNER, catalog: 'qodo', testClockId: CLOCK };
  await perennial.signUp({ ...signup, commandId: 'demo signup' });
  const owner = { type: 'addMember', memberId: CLOCK_OWNER, login: CLOCK_OWNER, role: 'admin' } as const;
  await perennial.execute(CLOCK, owner, options('owner'));
  const card = { type: 'setPaymentMethod', paymentMethodId: 'pm_card_visa' } as const;
  await perennial.execute(CLOCK, card, options('card'));
  const plan = { type: 'subscribe', plan: 'pro-teams', pack: 'small' } as const;
  await perennial.execute(CLOCK, plan, options('subscribe'));
  await perennial.execute(CLOCK, { type: 'setCap', meter: 'credits', capCents: 8_000 }, options('cap'));
}
