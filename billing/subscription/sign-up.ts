import type { Instant } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Account, Facts } from '../model/facts.ts';
import { beginTurn, recordAudit } from '../model/turn.ts';
import { trialEnd } from '../schedule/trial.ts';
import { type Decision, endTurn } from '../schedule/decision.ts';

export interface SignUp {
  readonly accountId: string;
  readonly ownerId: string;
  readonly catalogVersion: number;
  readonly at: Instant;
  readonly actor: string;
  readonly commandId: string;
  /** TRI-6: an owner who had an account before gets no second trial. */
  readonly hadTrialBefore: boolean;
}

/** The first fact of an account: its trial begins, or its free plan, with no payment method asked for (TRI-1, TRI-7). */
export function decideSignUp(catalog: Catalog, signUp: SignUp): Decision {
  const { accountId, ownerId, catalogVersion, at, actor, commandId } = signUp;
  const trialEndsAt = catalog.trial === null || signUp.hadTrialBefore ? null : trialEnd(at, catalog.trial.days);
  const blockedCode = signUp.hadTrialBefore && catalog.trial !== null ? 'trial_ended' : 'not_subscribed';
  const isBlocked = trialEndsAt === null && catalog.afterTrial === 'blocked';
  const account: Account = {
    accountId,
    ownerId,
    catalogName: catalog.name,
    catalogVersion,
    nextCatalogVersion: null,
    currency: catalog.currency,
    signedUpAt: at,
    phase: trialEndsAt === null ? catalog.afterTrial : 'trialing',
    blockedCode: isBlocked ? blockedCode : null,
    trialEndsAt,
    trialNoticesGiven: 0,
    paymentMethod: null,
    automaticAllocation: { enabled: false, ceiling: null },
    caps: {},
    settledThrough: at,
    useTerms: [],
    advances: [],
    nextInvoiceNumber: 1,
    nextSeatNumber: 1,
    nextCreditNoteNumber: 1,
    closedAt: null,
    billingEmails: [],
  };
  const facts: Facts = {
    account,
    subscription: null,
    seats: [],
    members: [],
    meterCycles: [],
    pendingLines: [],
    liveInvoices: [],
    pendingCreditNotes: [],
  };
  const turn = beginTurn(facts, catalog, { at, actor, commandId });
  recordAudit(turn, 'account.signed_up', null, { ownerId, catalog: catalog.name, phase: account.phase, trialEndsAt });
  return endTurn(turn, null, { accountId, phase: account.phase, ...(trialEndsAt === null ? {} : { trialEndsAt }) });
}
