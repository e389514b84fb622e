import type { Instant } from '../calendar/instant.ts';
import type { AuditEntry, CreditNote, Facts, Invoice, Line, Notice, Seat } from '../model/facts.ts';
import type { Turn } from '../model/turn.ts';
import { noteUseTerms } from '../model/use-terms.ts';
import { nextTurningPoint } from './dues.ts';

/** What a decision changes: the facts afterwards, and what is only ever added. The database writes all of it in one transaction. */
export interface Decision {
  readonly commandId: string | null;
  /** Null where the account did not exist before. */
  readonly before: Facts | null;
  readonly after: Facts;
  /** Until then the facts afterwards are true as they stand (see `projectTo`); null where nothing comes by itself. */
  readonly nextDueAt: Instant | null;
  readonly settledInvoices: readonly Invoice[];
  readonly settledCreditNotes: readonly CreditNote[];
  readonly endedSeats: readonly Seat[];
  readonly notices: readonly Notice[];
  readonly audit: readonly AuditEntry[];
  readonly result: Readonly<Record<string, unknown>>;
  /** What is to be invoiced at once (SBI-3), together with whatever was decided beside it (SBI-4). */
  readonly immediate: {
    readonly lines: readonly Line[];
    readonly seatNumbers: readonly number[];
    readonly keptSeats: readonly Seat[];
  };
  /** Commands whose answer a failed payment turned into a refusal (SBI-11). */
  readonly revokedCommandIds: readonly string[];
}

export function endTurn(
  turn: Turn,
  before: Facts | null,
  result: Decision['result'] = {},
  revokedCommandIds: readonly string[] = [],
): Decision {
  noteUseTerms(turn);
  const { commandId, facts, settledInvoices, settledCreditNotes, endedSeats, notices, audit } = turn;
  const immediate = { lines: turn.immediateLines, seatNumbers: turn.immediateSeatNumbers, keptSeats: turn.keptSeats };
  return {
    commandId,
    before,
    after: facts,
    nextDueAt: nextTurningPoint(facts, turn.catalog)?.at ?? null,
    settledInvoices,
    settledCreditNotes,
    endedSeats,
    notices,
    audit,
    result,
    immediate,
    revokedCommandIds,
  };
}
