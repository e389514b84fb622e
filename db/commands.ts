import { createHash } from 'node:crypto';

import type { Envelope } from '../billing/account/command.ts';
import type { Instant } from '../billing/calendar/instant.ts';
import { Refusal } from '../billing/refusal.ts';
import type { RefusalCode } from '../billing/refusal-codes.ts';
import type { Database, Transaction } from './database.ts';

export interface RecordedAnswer {
  readonly effectiveAt: Instant;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly refusal: { readonly code: RefusalCode; readonly message: string } | null;
}

/** Commands are compared by what they ask for, not by when or by whom they are repeated. */
export function commandDigest({ command }: Envelope): string {
  const sorted = Object.fromEntries(Object.entries(command).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}

/**
 * The answer that a command got when it was applied, or null when it was not yet.
 * @throws Refusal `idempotency_conflict` when the id was used for something else.
 */
export async function findAnswer(
  db: Database | Transaction,
  accountId: string,
  envelope: Envelope,
): Promise<RecordedAnswer | null> {
  const { commandId } = envelope;
  const row = await db('commands').where({ accountId, commandId }).first();
  if (row === undefined) return null;
  if (row.digest !== commandDigest(envelope)) throw commandConflict(commandId);
  return { effectiveAt: row.effectiveAt, result: row.result, refusal: row.refusal };
}

export function commandConflict(commandId: string): Refusal {
  return new Refusal({
    code: 'idempotency_conflict',
    message: `The command id "${commandId}" was used for another command before.`,
    field: 'commandId',
  });
}

/** Written in the transaction that applies the command: whoever repeats it finds it. */
export async function recordAnswer(
  trx: Transaction,
  accountId: string,
  envelope: Envelope,
  answer: { at: Instant; result: Readonly<Record<string, unknown>> },
): Promise<void> {
  await trx('commands').insert({
    accountId,
    commandId: envelope.commandId,
    digest: commandDigest(envelope),
    type: envelope.command.type,
    effectiveAt: answer.at,
    result: JSON.stringify(answer.result),
  });
}

/** SBI-11: what was granted and then not paid for is answered with a refusal from now on. */
export async function revokeAnswers(
  trx: Transaction,
  accountId: string,
  commandIds: readonly string[],
  refusal: RecordedAnswer['refusal'],
): Promise<void> {
  if (commandIds.length === 0) return;
  await trx('commands')
    .where({ accountId })
    .whereIn('commandId', commandIds)
    .update({ refusal: JSON.stringify(refusal) });
}

/** The commands that an invoice paid for and whose grant a failed payment took back (SBI-11). */
export async function revokedAnswers(
  db: Database | Transaction,
  accountId: string,
  invoiceId: string | null,
): Promise<readonly { readonly commandId: string; readonly refusal: NonNullable<RecordedAnswer['refusal']> }[]> {
  const invoice = await db('invoices')
    .where({ accountId, invoiceId: invoiceId ?? '' })
    .first<{ commandIds: string[] } | undefined>('commandIds');
  if (invoice === undefined || invoice.commandIds.length === 0) return [];
  return await db('commands')
    .where({ accountId })
    .whereIn('commandId', invoice.commandIds)
    .whereNotNull('refusal')
    .orderBy('commandId')
    .select<{ commandId: string; refusal: NonNullable<RecordedAnswer['refusal']> }[]>('commandId', 'refusal');
}
