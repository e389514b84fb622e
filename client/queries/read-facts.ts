import type { AccessFacts } from '../../billing/seats/decide-access.ts';
import { projectTo } from '../../billing/views/project.ts';
import { type Instant, instantFromEpochMs } from '../../billing/calendar/instant.ts';
import type { Catalog } from '../../billing/catalog/catalog.ts';
import type { Facts } from '../../billing/model/facts.ts';
import { catalogInForce } from '../../billing/model/catalog-in-force.ts';
import { loadAccount } from '../../db/account/load-account.ts';
import type { AccessRow } from '../../db/access/read-access.ts';
import { testClockNow } from '../../db/account/test-clocks.ts';
import type { Border } from '../context/border.ts';

interface Present<Known> {
  readonly facts: Known;
  readonly catalog: Catalog;
  readonly now: Instant;
}

/** All facts as they are now, whatever is still undone. @throws Refusal `unknown_account`. */
export async function readPresentFacts(border: Border, accountId: string): Promise<Present<Facts>> {
  const now = await border.now(accountId);
  const { facts, catalog } = await loadAccount(border.db, accountId);
  const present = projectTo(facts, catalog, now);
  return { facts: present, catalog: catalogInForce(present, catalog), now };
}

/**
 * What a decision about access looks at, as it is now, in one round trip: the account's head, the one member, and the open balances
 * where they are asked for. Null where that does not tell: no such account, no head yet, or something came due that is not worked off.
 */
export async function readAccessFacts(
  border: Border,
  accountId: string,
  asked: { readonly memberId: string | null; readonly balances: boolean },
): Promise<Present<AccessFacts & Pick<Facts, 'meterCycles'>> | null> {
  const row = await border.access.read({ accountId, memberId: asked.memberId }, asked);
  if (row?.head == null) return null;
  // After the facts, which are never ahead of the clock then.
  const now = border.givenNow === null ? await clockNow(border, row) : await border.givenNow(accountId);
  if (row.nextDueAt !== null && row.nextDueAt <= now) return null;
  const { account, subscription } = row.head;
  const facts = {
    account,
    subscription,
    members: row.member === null ? [] : [row.member],
    meterCycles: row.meterCycles,
  };
  return { facts, catalog: await border.catalogs.get(account), now };
}

function clockNow(border: Border, { testClockId, clockOffsetSeconds }: AccessRow): Instant | Promise<Instant> {
  if (testClockId !== null) return testClockNow(border.db, testClockId);
  return instantFromEpochMs(Date.now() + clockOffsetSeconds * 1000);
}
