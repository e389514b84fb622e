import type { Envelope } from '../billing/account/command.ts';
import { type CommandAnswer, decideCommands } from '../billing/account/decide-command.ts';
import { decideSignUp } from '../billing/account/sign-up.ts';
import { Refusal } from '../billing/refusal.ts';
import { newestCatalog } from '../db/catalogs.ts';
import { findAnswer, recordAnswer } from '../db/commands.ts';
import type { Database, Transaction } from '../db/database.ts';
import { findAccount, type LoadedAccount } from '../db/load-account.ts';
import { hadAccountBefore, ownersAccount } from '../db/owners.ts';
import { saveDecision } from '../db/save-decision.ts';
import type { AccountActivities, AccountClock, Answer } from './account-activities.ts';
import { readSummary } from './read-account.ts';

/**
 * Applies commands in order, in one transaction, each recorded with its answer under its id.
 * Twice: the second time finds the answers. Crash before the commit: nothing happened. Crash after it: the retry finds the answers.
 */
export function createApplyCommands(db: Database): AccountActivities['applyCommands'] {
  return async ({ accountId, clock, envelopes, context }) => {
    const answers = await db.transaction(async (trx) => {
      const answered = new Map<string, Answer>();
      const fresh: Envelope[] = [];
      const loaded = await accountOrSignUp(trx, { accountId, clock, envelopes, answered });
      if (loaded === null) return answered;
      for (const envelope of envelopes) {
        if (answered.has(envelope.commandId) || fresh.some((other) => other.commandId === envelope.commandId)) continue;
        const earlier = await earlierAnswer(trx, accountId, envelope);
        if (earlier === null) fresh.push(envelope);
        else answered.set(envelope.commandId, earlier);
      }
      const { decisions, answers: decided } = decideCommands(loaded.facts, loaded.catalog, fresh, context);
      for (const decision of decisions) await saveDecision(trx, decision);
      for (const answer of decided) {
        const envelope = fresh.find((candidate) => candidate.commandId === answer.commandId);
        if (answer.result !== null && envelope !== undefined) {
          await recordAnswer(trx, accountId, envelope, { at: answer.at, result: answer.result });
        }
        answered.set(answer.commandId, plainAnswer(answer));
      }
      return answered;
    });
    return { answers: [...answers.values()], summary: await readSummary(db, accountId) };
  };
}

interface SignUpContext {
  readonly accountId: string;
  readonly clock: AccountClock;
  readonly envelopes: readonly Envelope[];
  readonly answered: Map<string, Answer>;
}

/** The account under its lock; a first signup makes it. Null when there is none and none is made: every command is refused. */
async function accountOrSignUp(trx: Transaction, context: SignUpContext): Promise<LoadedAccount | null> {
  const { accountId, envelopes, answered } = context;
  const existing = await findAccount(trx, accountId, 'exclusive');
  if (existing !== null) return existing;
  const [first, ...others] = envelopes;
  if (first === undefined) return null;
  const answer = await signUp(trx, context, first);
  answered.set(first.commandId, answer);
  if (answer.refusal === null) return findAccount(trx, accountId, 'exclusive');
  const unknown = { code: 'unknown_account', message: `There is no account "${accountId}".` } as const;
  for (const { commandId, effectiveAt } of others) {
    answered.set(commandId, { commandId, at: effectiveAt, result: null, refusal: unknown });
  }
  return null;
}

async function signUp(trx: Transaction, { accountId, clock }: SignUpContext, envelope: Envelope): Promise<Answer> {
  const { commandId, actor, effectiveAt: at, command } = envelope;
  try {
    if (command.type !== 'signUp') {
      throw new Refusal({ code: 'unknown_account', message: `There is no account "${accountId}".` });
    }
    const { catalog, version } = await newestCatalog(trx, command.catalog);
    await assertFirstOfOwner(trx, command.ownerId, command.catalog);
    const hadTrialBefore = await hadAccountBefore(trx, command.ownerId, command.catalog);
    const decision = decideSignUp(catalog, {
      ...{ accountId, ownerId: command.ownerId, catalogVersion: version, at, actor, commandId },
      hadTrialBefore,
    });
    await saveDecision(trx, decision, {
      testClockId: clock.kind === 'test' ? clock.testClockId : null,
      clockOffsetSeconds: clock.kind === 'real' ? clock.offsetSeconds : 0,
      stripeCustomerId: null,
    });
    await recordAnswer(trx, accountId, envelope, { at, result: decision.result });
    return { commandId, at, result: decision.result, refusal: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return plainAnswer({ commandId, at, result: null, refusal: error });
  }
}

/** TRI-6: one account per owner. The lock makes two signups of one owner wait for each other. */
async function assertFirstOfOwner(trx: Transaction, ownerId: string, catalog: string): Promise<void> {
  const existing = await ownersAccount(trx, ownerId, catalog);
  if (existing === null) return;
  throw new Refusal({ code: 'account_exists', message: `${ownerId} owns the account "${existing}" already.`, field: 'ownerId' });
}

async function earlierAnswer(trx: Transaction, accountId: string, envelope: Envelope): Promise<Answer | null> {
  const { commandId } = envelope;
  try {
    const found = await findAnswer(trx, accountId, envelope);
    if (found === null) return null;
    const { effectiveAt: at, result, refusal } = found;
    return { commandId, at, result: refusal === null ? result : null, refusal };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return plainAnswer({ commandId, at: envelope.effectiveAt, result: null, refusal: error });
  }
}

function plainAnswer({ commandId, at, result, refusal }: CommandAnswer): Answer {
  if (refusal === null) return { commandId, at, result, refusal: null };
  const { code, message, field } = refusal;
  return { commandId, at, result: null, refusal: { code, message, field } };
}

