import { createHash } from 'node:crypto';

import { v7 as uuid } from 'uuid';

import type { Answer } from '../../activities/account-activities.ts';
import { accountClosed, isTakenAfterClosing } from '../../billing/model/closed-account.ts';
import type { Command, CommandType, Envelope } from '../../billing/model/command.ts';
import { assertId, parseCommand } from '../../billing/commands/command-shape.ts';
import { type Instant, instantFromEpochMs } from '../../billing/calendar/instant.ts';
import { Refusal } from '../../billing/refusal.ts';
import { clockAt } from '../../db/account/account-clock.ts';
import { newestCatalog } from '../../db/account/catalogs.ts';
import { findAnswer } from '../../db/account/commands.ts';
import { loadPlace } from '../../db/account/load-account.ts';
import { isClosedAccount, ownersAccount } from '../../db/account/owners.ts';
import { commandUpdates } from '../../workflows/account/account-messages.ts';
import type { Border } from '../context/border.ts';
import { askAccount, askAtStart } from './reach-account.ts';
import { refusingUpdates } from './refusing-updates.ts';

export interface CommandAnswer {
  readonly commandId: string;
  readonly effectiveAt: Instant;
  readonly result: Readonly<Record<string, unknown>>;
}

export interface SignUpInput {
  readonly accountId: string;
  readonly ownerId: string;
  readonly catalog: string;
  /** Lives on a test clock instead of the wall clock. */
  readonly testClockId?: string;
  /** Seconds that the account's real clock runs ahead of the wall. */
  readonly clockOffsetSeconds?: number;
  readonly commandId?: string;
  readonly actor?: string;
}

export interface CommandOptions {
  /** The caller's idempotency key: the same command under the same id is applied once. */
  readonly commandId?: string;
  readonly actor?: string;
  /** Refuses (`precondition_failed`) where the account has changed since it had this version. */
  readonly ifVersion?: number;
  /** The member who asks, as an admin: refused (`member_not_admin`) unless they are one when it is decided (SEA-17). Absent: a key, or support. */
  readonly onBehalfOf?: string;
}

const DEFAULT_ACTOR = 'api';

function updateOf(type: CommandType): (typeof commandUpdates)[number]['update'] {
  const found = commandUpdates.find((candidate) => candidate.type === type);
  if (found === undefined) throw new Error(`there is no update for ${type}`);
  return found.update;
}

/** Sends a command to its account's workflow and waits for the answer. The same `commandId` again gets the first answer. */
export async function executeCommand(
  border: Border,
  accountId: string,
  command: Command,
  options: CommandOptions,
): Promise<CommandAnswer> {
  parseCommand(command.type, command);
  const { closedAt } = await loadPlace(border.db, accountId);
  const effectiveAt = await border.now(accountId);
  const { commandId = uuid(), actor = DEFAULT_ACTOR, ...condition } = options;
  const envelope: Envelope = { commandId, actor, effectiveAt, ...condition, command };
  if (closedAt !== null) return executeOnClosed(border, accountId, envelope);
  try {
    const answer = await border.gate.pass(accountId, () =>
      askAccount(border, accountId, updateOf(command.type), [messageOf(envelope)]),
    );
    return commandAnswer(answer);
  } catch (error) {
    const isGone = error instanceof Refusal && error.code === 'unknown_account';
    // Closed while the command was on its way.
    if (isGone && (await loadPlace(border.db, accountId)).closedAt !== null)
      return executeOnClosed(border, accountId, envelope);
    throw error;
  }
}

/**
 * The workflow of a closed account ends when nothing is left to do. A repeat of what it was asked before is answered all the same, and for
 * the little that such an account still takes it is started again. @throws Refusal `account_closed` for everything else.
 */
async function executeOnClosed(border: Border, accountId: string, envelope: Envelope): Promise<CommandAnswer> {
  const { commandId, command } = envelope;
  const earlier = await findAnswer(border.db, accountId, envelope);
  if (earlier !== null) {
    const { effectiveAt, result, refusal } = earlier;
    if (refusal !== null) throw new Refusal(refusal);
    return { commandId, effectiveAt, result: result ?? {} };
  }
  if (!isTakenAfterClosing(command.type)) throw accountClosed(accountId);
  const place = await loadPlace(border.db, accountId);
  const run = { accountId, clock: await clockAt(border.db, place), staticSummary: `closed account ${accountId}` };
  return commandAnswer(
    await refusingUpdates(() => askAtStart(border, run, updateOf(command.type), [messageOf(envelope)])),
  );
}

/**
 * Starts the account's workflow with its first command. A repeat with the same `commandId` gets the first answer; another signup of the
 * same account or owner is refused (TRI-6), and leaves nothing behind.
 */
export async function signUp(border: Border, input: SignUpInput): Promise<CommandAnswer> {
  const { accountId, ownerId, catalog } = input;
  const command = { type: 'signUp', ownerId, catalog } as const;
  parseCommand('signUp', command);
  assertId('accountId', accountId);
  await newestCatalog(border.db, catalog);
  await assertNotTakenByOther(border, input);
  const { testClockId = null, clockOffsetSeconds = 0 } = input;
  const clock = await clockAt(border.db, { testClockId, clockOffsetSeconds });
  const clockNow = clock.kind === 'test' ? clock.now : instantFromEpochMs(Date.now() + clock.offsetSeconds * 1000);
  const stamp = border.givenNow === null ? clockNow : await border.givenNow(accountId);
  const commandId = input.commandId ?? signUpKey(input);
  const message = messageOf({ commandId, actor: input.actor ?? ownerId, effectiveAt: stamp, command });
  const run = { accountId, clock, staticSummary: `${catalog} account ${accountId}` };
  const answer = await refusingUpdates(() => askAtStart(border, run, updateOf('signUp'), [message]));
  return commandAnswer(answer);
}

/** TRI-6: the same signup again is a repeat; one of somebody else, or for another catalog, is a second signup. */
function signUpKey({ accountId, ownerId, catalog }: SignUpInput): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([accountId, ownerId, catalog]))
    .digest('hex');
  return `signup ${digest.slice(0, 32)}`;
}

/** Refuses before a workflow is started for nothing; a race is decided in the signup's own transaction. */
async function assertNotTakenByOther(border: Border, input: SignUpInput): Promise<void> {
  const { accountId, ownerId, catalog, commandId } = input;
  // Without an id of its own the signup would be taken for the first one again, and be answered as if the account were new.
  if (commandId === undefined && (await isClosedAccount(border.db, accountId))) throw accountClosed(accountId);
  const owned = await ownersAccount(border.db, ownerId, catalog);
  if (owned === null || owned === accountId) return;
  throw new Refusal({
    code: 'account_exists',
    message: `${ownerId} already owns the account "${owned}".`,
    field: 'ownerId',
  });
}

function messageOf({ command, ...header }: Envelope): object {
  const { type: _type, ...body } = command;
  return { ...body, ...header };
}

function commandAnswer({ commandId, at, result }: Answer): CommandAnswer {
  return { commandId, effectiveAt: at, result: result ?? {} };
}
