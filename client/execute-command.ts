import { createHash } from 'node:crypto';

import { WithStartWorkflowOperation } from '@temporalio/client';
import { v7 as uuid } from 'uuid';

import type { AccountClock, Answer } from '../activities/account-activities.ts';
import type { Command, CommandType } from '../billing/account/command.ts';
import { assertId, parseCommand } from '../billing/account/command-shape.ts';
import { type Instant, instantFromEpochMs } from '../billing/calendar/instant.ts';
import { Refusal } from '../billing/refusal.ts';
import { newestCatalog } from '../db/catalogs.ts';
import { loadPlace } from '../db/load-account.ts';
import { ownersAccount } from '../db/owners.ts';
import { testClockNow } from '../db/test-clocks.ts';
import { accountWorkflowId, commandUpdates } from '../workflows/account/account-messages.ts';
import type { accountWorkflow } from '../workflows/account/account-workflow.ts';
import type { Border } from './border.ts';
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

interface CommandOptions {
  readonly commandId?: string;
  readonly actor?: string;
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
  await loadPlace(border.db, accountId);
  const effectiveAt = await border.now(accountId);
  const message = messageOf(command, effectiveAt, options);
  const handle = border.client.workflow.getHandle(accountWorkflowId(accountId));
  const answer = await border.gate.pass(accountId, () =>
    refusingUpdates(() => handle.executeUpdate(updateOf(command.type), { args: [message] })),
  );
  return commandAnswer(answer);
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
  const clock = await clockOf(border, input);
  const clockNow = clock.kind === 'test' ? clock.now : instantFromEpochMs(Date.now() + clock.offsetSeconds * 1000);
  const stamp = border.givenNow === null ? clockNow : await border.givenNow(accountId);
  const message = messageOf(command, stamp, {
    commandId: input.commandId ?? signUpKey(input),
    actor: input.actor ?? ownerId,
  });
  const startWorkflowOperation = new WithStartWorkflowOperation<typeof accountWorkflow>('accountWorkflow', {
    workflowId: accountWorkflowId(accountId),
    taskQueue: border.taskQueue,
    args: [{ accountId, clock }],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: `${catalog} account ${accountId}`,
    staticDetails: `Owner ${ownerId}. One workflow for as long as the customer stays: it keeps the time, Postgres keeps the facts.`,
  });
  const answer = await refusingUpdates(() =>
    border.client.workflow.executeUpdateWithStart(updateOf('signUp'), { args: [message], startWorkflowOperation }),
  );
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
async function assertNotTakenByOther(border: Border, { accountId, ownerId, catalog }: SignUpInput): Promise<void> {
  const owned = await ownersAccount(border.db, ownerId, catalog);
  if (owned === null || owned === accountId) return;
  throw new Refusal({
    code: 'account_exists',
    message: `${ownerId} owns the account "${owned}" already.`,
    field: 'ownerId',
  });
}

async function clockOf(border: Border, { testClockId, clockOffsetSeconds }: SignUpInput): Promise<AccountClock> {
  if (testClockId === undefined) return { kind: 'real', offsetSeconds: clockOffsetSeconds ?? 0 };
  return { kind: 'test', testClockId, now: await testClockNow(border.db, testClockId) };
}

function messageOf(command: Command, effectiveAt: Instant, { commandId, actor }: CommandOptions): object {
  const { type: _type, ...body } = command;
  return { ...body, commandId: commandId ?? uuid(), actor: actor ?? DEFAULT_ACTOR, effectiveAt };
}

function commandAnswer({ commandId, at, result }: Answer): CommandAnswer {
  return { commandId, effectiveAt: at, result: result ?? {} };
}
