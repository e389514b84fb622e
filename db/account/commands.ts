import { createHash } from 'node:crypto';

import type { Envelope } from '../../billing/model/command.ts';
import type { Instant } from '../../billing/calendar/instant.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { RefusalCode } from '../../billing/refusal-codes.ts';
import type { Database, Transaction } from '../database.ts';
import { type Queryable, run, write } from '../run-statement.ts';

export interface RecordedAnswer {
  readonly effectiveAt: Instant;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly refusal: { readonly code: RefusalCode; readonly message: string } | null;
}

/** A command that took effect, with what was answered. */
export interface AnsweredCommand extends RecordedAnswer {
  readonly commandId: string;
  readonly type: string;
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
  const earlier = await findAnswers(db, accountId, [envelope]);
  return earlier(envelope);
}

/** The same for commands that came together, in one query: a function that gives, or throws, what `findAnswer` does. */
export async function findAnswers(
  db: Database | Transaction,
  accountId: string,
  envelopes: readonly Envelope[],
): Promise<(envelope: Envelope) => RecordedAnswer | null> {
  const commandIds = envelopes.map(({ commandId }) => commandId);
  const rows = await db('commands').where({ accountId }).whereIn('commandId', commandIds);
  const byId = new Map(rows.map((row) => [row.commandId, row]));
  return (envelope) => {
    const row = byId.get(envelope.commandId);
    if (row === undefined) return null;
    if (row.digest !== commandDigest(envelope)) throw commandConflict(envelope.commandId);
    return { effectiveAt: row.effectiveAt, result: row.result, refusal: row.refusal };
  };
}

export function commandConflict(commandId: string): Refusal {
  return new Refusal({
    code: 'idempotency_conflict',
    message: `The command id "${commandId}" was already used for a different command.`,
    field: 'commandId',
  });
}

export interface GrantedCommand {
  readonly envelope: Envelope;
  readonly at: Instant;
  readonly result: Readonly<Record<string, unknown>>;
}

/** Written in the transaction that applies the commands: whoever repeats one finds it. */
export async function recordAnswers(
  trx: Transaction,
  accountId: string,
  granted: readonly GrantedCommand[],
): Promise<void> {
  if (granted.length === 0) return;
  await trx('commands').insert(
    granted.map(({ envelope, at, result }) => ({
      accountId,
      commandId: envelope.commandId,
      digest: commandDigest(envelope),
      type: envelope.command.type,
      effectiveAt: at,
      result: JSON.stringify(result),
    })),
  );
}

/** SBI-11: what was granted and then not paid for is answered with a refusal from now on. */
export async function revokeAnswers(
  on: Queryable,
  accountId: string,
  commandIds: readonly string[],
  refusal: RecordedAnswer['refusal'],
): Promise<void> {
  if (commandIds.length === 0) return;
  const text = 'update commands set refusal = $3 where account_id = $1 and command_id = any($2)';
  await write(on, { name: 'revoke-answers', text, values: [accountId, commandIds, JSON.stringify(refusal)] });
}

/** The commands that an invoice paid for and whose grant a failed payment took back (SBI-11). */
export async function revokedAnswers(
  db: Queryable,
  accountId: string,
  invoiceId: string | null,
): Promise<readonly { readonly commandId: string; readonly refusal: NonNullable<RecordedAnswer['refusal']> }[]> {
  const text = 'select command_ids as "commandIds" from invoices where account_id = $1 and invoice_id = $2';
  const commandsOf = { name: 'commands-of-invoice', text, values: [accountId, invoiceId] };
  const [invoice] = await run<{ commandIds: readonly string[] }>(db, commandsOf);
  return refusalsOf(db, accountId, invoice?.commandIds ?? []);
}

/** Those of some commands that were granted and refused after all. */
export async function refusalsOf(
  db: Queryable,
  accountId: string,
  commandIds: readonly string[],
): ReturnType<typeof revokedAnswers> {
  if (commandIds.length === 0) return [];
  const text = `select command_id as "commandId", refusal from commands
    where account_id = $1 and command_id = any($2) and refusal is not null order by command_id`;
  return run(db, { name: 'refusals-of', text, values: [accountId, commandIds] });
}
