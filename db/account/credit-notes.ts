import type { CreditNote, CreditNoteLine } from '../../billing/model/facts.ts';
import type { Database, Transaction } from '../database.ts';
import type { Write } from './write-together.ts';

export type StoredCreditNote = CreditNote & { readonly stripeCreditNoteId: string | null };

/** Credit notes with their lines, oldest first: those with given ids, or of one invoice, where asked for. */
export async function loadCreditNotes(
  db: Database | Transaction,
  where: { readonly accountId: string; readonly invoiceId?: string },
  only?: readonly string[],
): Promise<readonly StoredCreditNote[]> {
  const ofNotes = Object.fromEntries(Object.entries(where).map(([column, value]) => [`creditNotes.${column}`, value]));
  const columns = [
    'creditNoteId',
    'invoiceId',
    'commandId',
    'reason',
    'destination',
    'currency',
    'issuedAt',
    'total',
    'refundedByHandMinor',
  ];
  const notes = await db('creditNotes')
    .join('invoices', 'invoices.invoiceId', 'creditNotes.invoiceId')
    .where(ofNotes)
    .where((those) => {
      if (only !== undefined) void those.whereIn('creditNotes.creditNoteId', only);
    })
    .orderBy(['creditNotes.issuedAt', 'creditNotes.number'])
    .select<Omit<StoredCreditNote, 'lines'>[]>([
      ...columns.map((column) => `creditNotes.${column}`),
      ...['creditNotes.number', 'creditNotes.status', 'stripeCreditNoteId', 'invoices.number as invoiceNumber'],
    ]);
  if (notes.length === 0) return [];
  const lines = await db('creditNoteLines')
    .whereIn(
      'creditNoteId',
      notes.map((note) => note.creditNoteId),
    )
    .orderBy(['creditNoteId', 'position'])
    .select<(CreditNoteLine & { creditNoteId: string })[]>(['creditNoteId', 'lineId', 'sold', 'description', 'amount']);
  return notes.map((note) => ({
    ...note,
    lines: lines
      .filter((line) => line.creditNoteId === note.creditNoteId)
      .map(({ creditNoteId: _note, ...line }) => line),
  }));
}

/** The command that asked for a credit note. */
export async function commandOfCreditNote(db: Database | Transaction, creditNoteId: string): Promise<string | null> {
  const row = await db('creditNotes').where({ creditNoteId }).first<{ commandId: string } | undefined>('commandId');
  return row?.commandId ?? null;
}

/** New ones, and how the refund of known ones ended. */
export function creditNoteWrites(creditNotes: readonly CreditNote[]): readonly Write[] {
  const notes = creditNotes.map(({ lines: _lines, invoiceNumber: _number, ...note }) => note);
  const lines = creditNotes.flatMap(({ creditNoteId, lines }) =>
    lines.map((line, position) => ({ ...line, creditNoteId, position })),
  );
  return [
    { table: 'creditNotes', key: ['creditNoteId'], may: ['status', 'refundedByHandMinor'], rows: notes },
    { table: 'creditNoteLines', key: ['creditNoteId', 'position'], may: [], rows: lines },
  ];
}

/** What Stripe calls it; nothing of the credit note itself changes with it. */
export async function saveStripeCreditNote(
  db: Database | Transaction,
  creditNoteId: string,
  stripeCreditNoteId: string,
): Promise<void> {
  await db('creditNotes').where({ creditNoteId }).update({ stripeCreditNoteId });
}
