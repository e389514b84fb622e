import type { Envelope } from '../billing/model/command.ts';
import { type CommandAnswer, type CommandContext, decideCommands } from '../billing/commands/decide-command.ts';
import { decideSignUp } from '../billing/subscription/sign-up.ts';
import type { Instant } from '../billing/calendar/instant.ts';
import { Refusal } from '../billing/refusal.ts';
import { catalogVersionNamed, newestCatalog } from '../db/account/catalogs.ts';
import {
  commandConflict,
  commandDigest,
  findAnswers,
  type GrantedCommand,
  type RecordedAnswer,
  recordAnswers,
} from '../db/account/commands.ts';
import { loadCreditNotes } from '../db/account/credit-notes.ts';
import type { Database, Transaction } from '../db/database.ts';
import { meterCyclesOf, withGivenUp } from '../db/account/given-up.ts';
import { sweepExpiredHolds } from '../db/usage/held-use.ts';
import { findAccount, loadInvoices, type LoadedAccount, unknownAccount } from '../db/account/load-account.ts';
import { hadAccountBefore, ownersAccount } from '../db/account/owners.ts';
import { saveDecision } from '../db/account/save-decision.ts';
import type { AccountActivities, Answer } from './account-activities.ts';
import { readSummary } from './read-account.ts';
import { refusalAnswer } from './refusal-answer.ts';

type Input = Parameters<AccountActivities['applyCommands']>[0];

/**
 * Applies commands in order, in one transaction, each recorded with its answer under its id.
 * Twice: the second time finds the answers. Crash before the commit: nothing happened. Crash after it: the retry finds the answers.
 */
export function createApplyCommands(db: Database): AccountActivities['applyCommands'] {
  return async (input) => {
    await letGoOfExpiredHolds(db, input);
    const answers = await db.transaction(async (trx) => {
      const loaded = await findAccount(trx, input.accountId, 'exclusive');
      return loaded === null ? begin(trx, input) : applyAll(trx, loaded, input);
    });
    return { answers, summary: await readSummary(db, input.accountId) };
  };
}

/** CRE-13, CRE-16: a hold that is over does not keep an old pack's rate. Done twice it finds nothing; where the command is refused, nothing is lost by it. */
async function letGoOfExpiredHolds(db: Database, { accountId, envelopes }: Input): Promise<void> {
  const change = envelopes.find(({ command }) => command.type === 'changePlan');
  if (change !== undefined) await sweepExpiredHolds(db, { accountId, now: change.effectiveAt });
}

/** Without an account only a signup makes sense; whatever waits behind it is applied to what it made. */
async function begin(trx: Transaction, input: Input): Promise<readonly Answer[]> {
  const [first, ...others] = input.envelopes;
  if (first === undefined) return [];
  const answer = await signUp(trx, input, first);
  const made = await findAccount(trx, input.accountId, 'exclusive');
  if (made !== null) return [answer, ...(await applyAll(trx, made, { ...input, envelopes: others }))];
  return [
    answer,
    ...others.map(({ commandId, effectiveAt }) => refused(commandId, effectiveAt, unknownAccount(input.accountId))),
  ];
}

async function applyAll(
  trx: Transaction,
  loaded: LoadedAccount,
  { accountId, envelopes, context }: Input,
): Promise<readonly Answer[]> {
  const answers = new Map<Envelope, Answer>();
  const fresh = new Map<string, Envelope>();
  const find = await findAnswers(trx, accountId, envelopes);
  for (const envelope of envelopes) {
    const earlier = earlierAnswer(find, envelope);
    if (earlier !== null) answers.set(envelope, earlier);
    else if (fresh.has(envelope.commandId)) continue;
    else if (isOutdated(envelope, loaded, fresh.size)) answers.set(envelope, outdated(envelope, loaded));
    else fresh.set(envelope.commandId, envelope);
  }
  const commands = [...fresh.values()];
  const found = await catalogVersionOf(trx, loaded.facts.account.catalogName, commands);
  if (found instanceof Refusal)
    return envelopes.map((envelope) => answers.get(envelope) ?? refusedFor(envelope, found));
  const known = { ...context, ...(await creditableOf(trx, accountId, commands)), ...found };
  const [first] = commands;
  const isPayment = first?.command.type === 'recordPayment';
  const facts = isPayment ? await withGivenUp(trx, loaded.facts, first.command.number) : loaded.facts;
  const { decisions, answers: decided } = decideCommands(facts, loaded.catalog, commands, known);
  for (const decision of decisions) await saveDecision(trx, decision);
  const byId = new Map<string, Answer>();
  const granted: GrantedCommand[] = [];
  for (const answer of decided) {
    const envelope = fresh.get(answer.commandId);
    const { at, result } = answer;
    if (result !== null && envelope !== undefined) granted.push({ envelope, at, result });
    byId.set(answer.commandId, plainAnswer(answer));
  }
  await recordAnswers(trx, accountId, granted);
  return envelopes.map((envelope) => answers.get(envelope) ?? repeatedAnswer(envelope, fresh, byId));
}

/** Whatever is applied in the same transaction before it may be what its caller did not know of. */
function isOutdated({ ifVersion }: Envelope, { version }: LoadedAccount, before: number): boolean {
  return ifVersion !== undefined && (ifVersion !== version || before > 0);
}

function outdated({ commandId, effectiveAt, ifVersion }: Envelope, { version }: LoadedAccount): Answer {
  const message = `The account has changed: it is at version ${String(version)}, and the request expects version ${String(ifVersion)}.`;
  return refused(commandId, effectiveAt, new Refusal({ code: 'precondition_failed', message }));
}

/** What a credit note is about (INV-7). Read under the account's lock, so that two of them never give back more than was paid. */
async function creditableOf(
  trx: Transaction,
  accountId: string,
  envelopes: readonly Envelope[],
): Promise<Pick<CommandContext, 'creditable'>> {
  const [command, ...others] = envelopes.map((envelope) => envelope.command);
  if (command?.type !== 'creditInvoice') return {};
  // Only additions of seats are applied together; a second one here would not know of the first.
  if (others.length > 0) throw new Error('a credit note is decided alone');
  const invoices = await loadInvoices(trx, accountId);
  const invoice = invoices.find(({ number }) => number === command.number);
  if (invoice === undefined) return { creditable: null };
  const onFile = { invoices, creditNotes: await loadCreditNotes(trx, { accountId }) };
  const meterCycles = await meterCyclesOf(trx, accountId, invoice);
  return { creditable: { invoice, onFile, meterCycles } };
}

/** What an account is to move to (CAT-2); a Refusal where there is no such version. */
async function catalogVersionOf(
  trx: Transaction,
  catalogName: string,
  envelopes: readonly Envelope[],
): Promise<Pick<CommandContext, 'catalogVersion'> | Refusal> {
  const [command] = envelopes.map((envelope) => envelope.command);
  if (command?.type !== 'migrateCatalog') return {};
  try {
    return { catalogVersion: await catalogVersionNamed(trx, catalogName, command.version ?? null) };
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function refusedFor({ commandId, effectiveAt }: Envelope, refusal: Refusal): Answer {
  return refused(commandId, effectiveAt, refusal);
}

/** What a command got that came together with its own repeat: the same, unless it asks for something else under that id. */
function repeatedAnswer(
  envelope: Envelope,
  fresh: ReadonlyMap<string, Envelope>,
  byId: ReadonlyMap<string, Answer>,
): Answer {
  const { commandId, effectiveAt } = envelope;
  const first = fresh.get(commandId);
  const answer = byId.get(commandId);
  if (first === undefined || answer === undefined) throw new Error(`the command ${commandId} was not decided`);
  return commandDigest(first) === commandDigest(envelope)
    ? answer
    : refused(commandId, effectiveAt, commandConflict(commandId));
}

async function signUp(trx: Transaction, { accountId, clock }: Input, envelope: Envelope): Promise<Answer> {
  const { commandId, actor, effectiveAt: at, command } = envelope;
  try {
    if (command.type !== 'signUp') {
      throw unknownAccount(accountId);
    }
    const { catalog, version } = await newestCatalog(trx, command.catalog);
    await assertFirstOfOwner(trx, command.ownerId, command.catalog);
    const hadTrialBefore = await hadAccountBefore(trx, command.ownerId, command.catalog);
    const decision = decideSignUp(catalog, {
      ...{ accountId, ownerId: command.ownerId, catalogVersion: version, at, actor, commandId },
      hadTrialBefore,
    });
    const place = {
      testClockId: clock.kind === 'test' ? clock.testClockId : null,
      clockOffsetSeconds: clock.kind === 'real' ? clock.offsetSeconds : 0,
      stripeCustomerId: null,
    };
    await saveDecision(trx, decision, { place });
    await recordAnswers(trx, accountId, [{ envelope, at, result: decision.result }]);
    return { commandId, at, result: decision.result, refusal: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refused(commandId, at, error);
  }
}

/** TRI-6: one account per owner. The lock makes two signups of one owner wait for each other. */
async function assertFirstOfOwner(trx: Transaction, ownerId: string, catalog: string): Promise<void> {
  const existing = await ownersAccount(trx, ownerId, catalog);
  if (existing === null) return;
  throw new Refusal({
    code: 'account_exists',
    message: `${ownerId} already owns the account "${existing}".`,
    field: 'ownerId',
  });
}

function earlierAnswer(find: (envelope: Envelope) => RecordedAnswer | null, envelope: Envelope): Answer | null {
  const { commandId } = envelope;
  try {
    const found = find(envelope);
    if (found === null) return null;
    const { effectiveAt: at, result, refusal } = found;
    return { commandId, at, result: refusal === null ? result : null, refusal };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refused(commandId, envelope.effectiveAt, error);
  }
}

function plainAnswer({ commandId, at, result, refusal }: CommandAnswer): Answer {
  return refusal === null ? { commandId, at, result, refusal: null } : refused(commandId, at, refusal);
}

function refused(commandId: string, at: Instant, refusal: Refusal): Answer {
  return { commandId, at, result: null, refusal: refusalAnswer(refusal) };
}
