import { v7 as uuid } from 'uuid';

import { assertId } from '../../billing/commands/command-shape.ts';
import { type AccessRequest, assertEnabled, decideAccess } from '../../billing/seats/decide-access.ts';
import { assertMeterOpen, type PricedUsage } from '../../billing/usage/decide-usage.ts';
import type { Instant } from '../../billing/calendar/instant.ts';
import type { Catalog } from '../../billing/catalog/catalog.ts';
import { withoutExpired } from '../../billing/usage/holds.ts';
import { keptCycle } from '../../billing/usage/meter-cycle.ts';
import { balancePeriodAt } from '../../billing/model/use-terms.ts';
import type { DisabledReason, Facts } from '../../billing/model/facts.ts';
import { Refusal } from '../../billing/refusal.ts';
import { admissionOf } from '../../billing/seats/members.ts';
import { countRefusal } from '../../db/usage/count-refusal.ts';
import { forgoClaim, openHolds, withdrawHold } from '../../db/usage/held-use.ts';
import type { Border } from '../context/border.ts';
import { executeCommand } from '../commands/execute-command.ts';
import { claimHold, hold, type HoldAnswer, type HoldInput } from '../holds/held-use.ts';
import { readAccessFacts, readPresentFacts } from '../queries/read-facts.ts';
import { recordMeasured } from '../usage/record-events.ts';
import { countOf } from '../../billing/model/counts.ts';

export interface Person {
  /** The provider's id, which stays when the login changes (SEA-4). */
  readonly id: string;
  readonly login?: string;
}

export type AccessQuestion =
  | {
      readonly kind: 'run';
      /** Null: a local or CI run without a sender. */
      readonly sender: Person | null;
      readonly visibility: 'private' | 'public';
      /** Metered minutes that the run has used, if any; whole seconds. */
      readonly minutes?: number;
      readonly eventId?: string;
      /** What the run may use, reserved before it starts (CRE-13), for its sender if nobody else is named; not beside `minutes`. */
      readonly hold?: HoldInput;
    }
  | { readonly kind: 'dashboard'; readonly member: Person };

export interface AccessAnswer {
  readonly allowed: true;
  /** Null where nobody becomes a member: public runs, bots, runs without a sender. */
  readonly member: string | null;
  readonly metered?: { readonly included: number; readonly overage: number };
  readonly hold?: HoldAnswer;
}

/**
 * Decides, and makes a member of a newcomer. Everybody else is decided from Postgres alone, in one round trip, whatever the account's
 * size. @throws Refusal with the reason.
 * A refused newcomer is a disabled member afterwards (SEA-8): that is the rule, not a trace of the refusal.
 */
export async function checkAccess(border: Border, accountId: string, question: AccessQuestion): Promise<AccessAnswer> {
  assertQuestion(question);
  const request = requestOf(question);
  const minutes = question.kind === 'run' && question.visibility === 'private' ? question.minutes : undefined;
  const asked = { memberId: request.memberId, balances: minutes !== undefined };
  const { facts, catalog, now } =
    (await readAccessFacts(border, accountId, asked)) ?? (await readPresentFacts(border, accountId));
  const metered = minutes === undefined ? null : meteredRun(catalog, minutes);
  // BUD-2: a job that may not begin must not make a member first.
  if (metered !== null) await assertMayBegin(border, facts, metered.meter, { catalog, now });
  const decision = decideAccess(facts, catalog, request, now);
  // SEA-1: a public run uses nothing.
  const wanted = question.kind === 'run' && question.visibility === 'private' ? question.hold : undefined;
  if (wanted !== undefined) {
    const { memberId } = decision;
    const held = memberId === null ? wanted : { member: memberId, ...wanted };
    if (decision.kind === 'admit') return holdThenAdmit(border, accountId, held, request);
    return { allowed: true, member: memberId, hold: await hold(border, accountId, held).catch(inHold) };
  }
  const member = decision.kind === 'allowed' ? decision.memberId : await admit(border, accountId, request);
  if (metered === null || question.kind !== 'run') return { allowed: true, member };
  const run = { eventId: question.eventId ?? uuid(), memberId: member, metered };
  const { included, overage } = await recordMeasured(border, accountId, run);
  return { allowed: true, member, metered: { included, overage } };
}

/**
 * The hold comes first: a run for which there is no room must not make a member, and one that is refused leaves no hold (invariant 8).
 * Another process may be asked the same, with the same hold, and be answered otherwise, because an admin has made room in between. So each check has
 * a claim to the hold, which is taken back with the last of them, and who is refused asks once more whether it may be used by now.
 */
async function holdThenAdmit(
  border: Border,
  accountId: string,
  wanted: HoldInput,
  request: AccessRequest,
): Promise<AccessAnswer> {
  const placed = await claimHold(border, accountId, wanted).catch(inHold);
  try {
    return { allowed: true, member: await admit(border, accountId, request), hold: placed };
  } catch (error) {
    const act = { accountId, now: await border.now(accountId) };
    if (!(error instanceof Refusal)) {
      await forgoClaim(border.db, act, placed.id);
      throw error;
    }
    const isTaken = await withdrawHold(border.db, act, placed.id, (facts, catalog) =>
      isAllowed(facts, catalog, request, act.now),
    );
    if (isTaken) return { allowed: true, member: request.memberId, hold: placed };
    throw error;
  }
}

function isAllowed(...asked: Parameters<typeof decideAccess>): boolean {
  try {
    return decideAccess(...asked).kind === 'allowed';
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** AUD-1: a field of the hold is named as the question has it. */
function inHold(error: unknown): never {
  if (!(error instanceof Refusal) || error.field === null) throw error;
  const { code, message, solve, field } = error;
  throw new Refusal({ code, message, solve, field: field === 'account' ? field : `hold.${field}` });
}

/** BUD-2, CRE-6: what a budget turns away is counted. */
async function assertMayBegin(
  border: Border,
  facts: Pick<Facts, 'account' | 'subscription' | 'meterCycles'>,
  meter: string,
  { catalog, now }: { readonly catalog: Catalog; readonly now: Instant },
): Promise<void> {
  const cycle = keptCycle(facts.meterCycles, meter, balancePeriodAt(facts.account, now));
  // CRE-13: of what is held, only that counts which has not expired.
  const holds = cycle === null || cycle.heldUnits === 0 ? [] : await openHolds(border.db, facts.account.accountId);
  const present = { ...facts, meterCycles: withoutExpired(facts.meterCycles, holds, now) };
  try {
    assertMeterOpen(present, catalog, meter, now);
  } catch (error) {
    const isCounted = error instanceof Refusal && error.code === 'budget_reached' && cycle !== null;
    if (isCounted) await countRefusal(border.db, facts.account.accountId, cycle);
    throw error;
  }
}

/** AUD-1: a question that is malformed must not be taken for another one. */
function assertQuestion(question: AccessQuestion): void {
  const { kind } = question;
  const person: unknown = kind === 'run' ? question.sender : question.member;
  const visibility: unknown = kind === 'run' ? question.visibility : 'private';
  if (visibility !== 'private' && visibility !== 'public') {
    const message = `visibility: expected private or public, found ${JSON.stringify(visibility)}.`;
    throw new Refusal({ code: 'invalid_request', message, field: 'visibility' });
  }
  if (kind === 'run' && question.hold !== undefined && question.minutes !== undefined) {
    const message = 'hold: send either a hold for what the run may use or the minutes it has used, not both.';
    throw new Refusal({ code: 'invalid_request', message, field: 'hold' });
  }
  if (person === null && kind === 'run') return;
  const field = kind === 'run' ? 'sender' : 'member';
  if (typeof person !== 'object' || person === null) {
    throw new Refusal({ code: 'invalid_request', message: `${field}: expected a person with an id.`, field });
  }
  assertId(`${field}.id`, (person as { id?: unknown }).id);
}

function requestOf(question: AccessQuestion): AccessRequest {
  const person = question.kind === 'run' ? question.sender : question.member;
  const visibility = question.kind === 'run' ? question.visibility : 'private';
  return { kind: question.kind, memberId: person?.id ?? null, login: person?.login ?? person?.id ?? null, visibility };
}

/**
 * SEA-2, SEA-7: through the workflow, the one writer. A burst of one newcomer makes one member and one seat; here it shares one command,
 * and what other processes ask at the same time finds the member that the first one made.
 */
function admit(border: Border, accountId: string, request: AccessRequest): Promise<string> {
  const { memberId, login } = request;
  if (memberId === null) throw new Error('nobody to admit');
  return border.gate.share(JSON.stringify([accountId, memberId]), async () => {
    const { facts, catalog, now } = await readPresentFacts(border, accountId);
    if (decideAccess(facts, catalog, request, now).kind === 'allowed') return memberId;
    // INV-5: known before a command is made of it, also while no worker runs.
    admissionOf({ facts, catalog });
    const command = { type: 'admitMember', memberId, ...(login === null ? {} : { login }) } as const;
    const { result } = await executeCommand(border, accountId, command, { actor: memberId });
    const { state, reason, ceiling } = result as unknown as Admitted;
    if (ceiling !== undefined) throw seatLimitReached(login ?? memberId, ceiling);
    assertEnabled({ memberId, login: login ?? memberId, state, reason }, { facts, catalog });
    return memberId;
  });
}

interface Admitted {
  readonly state: 'enabled' | 'disabled';
  readonly reason: DisabledReason | null;
  /** Set where they are disabled because no more seats may be added automatically. */
  readonly ceiling?: number;
}

/** SEA-15. */
function seatLimitReached(login: string, ceiling: number): Refusal {
  return new Refusal({
    code: 'seat_limit_reached',
    limit: 'no_seat',
    message: `${login} has no seat: automatic allocation stops at ${countOf(ceiling, 'seat')}. An admin can raise the limit, or add a seat and enable them on the Members page.`,
  });
}

/** BUD-1: minutes are metered in seconds. */
function meteredRun(catalog: Catalog, minutes: number): PricedUsage {
  const found = Object.values(catalog.meters).find((meter) => meter.granularitySeconds !== null);
  if (found?.granularitySeconds == null) {
    throw new Refusal({
      code: 'unknown_meter',
      message: `The catalog ${catalog.name} has no meter for minutes.`,
      field: 'minutes',
    });
  }
  const scale = 60 / found.granularitySeconds;
  const units = Math.round(minutes * scale);
  const isExact = Math.abs(units - minutes * scale) < 1e-6;
  if (!isExact || units < 1 || !Number.isSafeInteger(units)) {
    throw new Refusal({
      code: 'invalid_request',
      message: `minutes: expected a positive number of minutes that is a whole number of seconds, found ${String(minutes)}.`,
      field: 'minutes',
    });
  }
  return { meter: found.name, units };
}
