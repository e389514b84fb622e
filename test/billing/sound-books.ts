import assert from 'node:assert/strict';

import type { Decision } from '../../billing/schedule/decision.ts';
import { duesOf } from '../../billing/schedule/dues.ts';
import type { Instant } from '../../billing/calendar/instant.ts';
import type { Catalog } from '../../billing/catalog/catalog.ts';
import type { CreditNote, Facts, Invoice, Line, MeterCycle } from '../../billing/model/facts.ts';
import { compareInvoices } from '../../billing/reconciliation/compare-invoices.ts';
import { compareOverage } from '../../billing/reconciliation/compare-overage.ts';
import { isSeatBilled } from '../../billing/seats/seats.ts';
import { explainedAmount } from '../reference/explanation.ts';

/** What an issued invoice says for good (INV-1). */
type Said = Pick<
  Invoice,
  'number' | 'total' | 'currency' | 'issuedAt' | 'periodStart' | 'periodEnd' | 'purpose' | 'lines'
>;

/**
 * What must hold after every decision of every test, whatever it is about: the invariants that the database's keys and triggers keep
 * (one place per line, issued invoices never change, numbers without gaps), and those that nothing keeps but the rules.
 */
export class SoundBooks {
  readonly #catalog: Catalog;
  readonly #issued = new Map<string, Said>();
  /** Where each line stands: on an invoice, or still waiting. */
  readonly #lines = new Map<string, { readonly line: Line; readonly on: string | null }>();
  /** All that a reconciliation compares (AUD-3), whatever has left the facts since. */
  readonly #invoices = new Map<string, Invoice>();
  readonly #creditNotes = new Map<string, CreditNote>();
  readonly #cycles = new Map<string, MeterCycle>();
  #settledThrough: Instant | null = null;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  record(decision: Decision): void {
    const { after, settledInvoices } = decision;
    for (const invoice of [...after.liveInvoices, ...settledInvoices]) this.#recordInvoice(invoice);
    for (const line of after.pendingLines) this.#recordLine(line, null);
    this.#assertNoLineLost(after);
    this.#assertReconciled(decision);
    this.#assertTimeMovesOn(after);
    assertSoundSeats(after, this.#catalog);
    assertSoundMeters(after, after.account.settledThrough);
    assertNoDeadEnd(after, this.#catalog);
    assertAudited(decision);
  }

  #recordInvoice(invoice: Invoice): void {
    const { number, total, currency, issuedAt, periodStart, periodEnd, purpose, lines } = invoice;
    // Facts are never written over: the same invoice says what it said.
    if (this.#invoices.get(invoice.invoiceId) === invoice) return;
    this.#invoices.set(invoice.invoiceId, invoice);
    assert.ok(Number.isSafeInteger(total), 'a total is whole cents (MON-1)');
    for (const line of lines) this.#recordLine(line, invoice.invoiceId);
    if (number === null) return;
    const before = this.#issued.get(invoice.invoiceId);
    const said = { number, total, currency, issuedAt, periodStart, periodEnd, purpose, lines };
    if (before !== undefined)
      assert.deepEqual(before, said, `${invoice.invoiceId} is issued and does not change (INV-1)`);
    this.#issued.set(invoice.invoiceId, said);
  }

  /** The very comparison that a reconciliation makes: sound books differ in nothing. */
  #assertReconciled({ after, settledCreditNotes }: Decision): void {
    const { account, pendingLines } = after;
    for (const note of [...after.pendingCreditNotes, ...settledCreditNotes])
      this.#creditNotes.set(note.creditNoteId, note);
    for (const cycle of after.meterCycles) this.#cycles.set(`${cycle.meter} ${cycle.start}`, cycle);
    const invoices = [...this.#invoices.values()];
    const creditNotes = [...this.#creditNotes.values()];
    const meterCycles = [...this.#cycles.values()];
    assert.deepEqual(compareInvoices({ account, pendingLines, invoices, creditNotes }), [], 'invoices add up (AUD-3)');
    const isEnded = false; // What came after the last invoice may still wait for its own.
    const overage = compareOverage({ account, isEnded, catalog: this.#catalog, pendingLines, invoices, meterCycles });
    assert.deepEqual(overage, [], 'overage is billed as it was used (AUD-3)');
  }

  #recordLine(line: Line, on: string | null): void {
    const known = this.#lines.get(line.lineId);
    if (known === undefined) {
      const { formula, inputs } = line.explanation;
      assert.equal(explainedAmount(line), line.amount, `MON-5: ${formula} ${JSON.stringify(inputs)}`);
    } else {
      if (known.line !== line) assert.deepEqual(known.line, line, `line ${line.lineId} never changes`);
      if (known.on !== null) assert.equal(on, known.on, `line ${line.lineId} stands in one place`);
    }
    this.#lines.set(line.lineId, { line, on });
  }

  #assertNoLineLost({ pendingLines }: Facts): void {
    const waiting = [...this.#lines.values()].filter(({ on }) => on === null).map(({ line }) => line.lineId);
    assert.deepEqual(
      waiting.sort(),
      pendingLines.map((line) => line.lineId).sort(),
      'what waits for an invoice is not lost',
    );
  }

  #assertTimeMovesOn({ account }: Facts): void {
    const { settledThrough } = account;
    if (this.#settledThrough !== null)
      assert.ok(settledThrough >= this.#settledThrough, 'settledThrough never goes back');
    this.#settledThrough = settledThrough;
  }
}

function assertSoundSeats(facts: Facts, catalog: Catalog): void {
  const seated = facts.seats.flatMap((seat) => (seat.memberId === null ? [] : [seat.memberId]));
  assert.equal(new Set(seated).size, seated.length, 'nobody has two seats');
  assert.ok(
    facts.seats.every((seat) => seat.endedAt === null),
    'seats that ended have left',
  );
  if (!isSeatBilled(facts, catalog)) return;
  const enabled = facts.members.filter((member) => member.state === 'enabled').map((member) => member.memberId);
  assert.deepEqual([...seated].sort(), enabled.sort(), 'who is enabled has a seat, and nobody else');
}

function assertSoundMeters(facts: Facts, settledThrough: Instant): void {
  const keys = facts.meterCycles.map((cycle) => `${cycle.meter} ${cycle.start}`);
  assert.equal(new Set(keys).size, keys.length, 'one balance per meter and start');
  for (const cycle of facts.meterCycles) {
    assert.ok(cycle.usedIncludedUnits <= cycle.includedUnits, 'no more of the base is used than there is');
    // Late use may open what has ended: the free month in between, beside the paid one that went on after it (INV-6).
    const isOpen = ({ closedAt, end }: MeterCycle): boolean => closedAt === null && end > settledThrough;
    const open = facts.meterCycles.filter(
      (each) => isOpen(each) && each.meter === cycle.meter && each.start < each.end,
    );
    const overlapping =
      isOpen(cycle) &&
      cycle.start < cycle.end &&
      open.find((other) => other !== cycle && other.start < cycle.end && cycle.start < other.end);
    assert.ok(!overlapping, `nothing overlaps ${cycle.meter} from ${cycle.start} to ${cycle.end}`);
  }
}

/** Complaint 10: every state that is not final has something that leads out of it. */
function assertNoDeadEnd(facts: Facts, catalog: Catalog): void {
  const { account, subscription, liveInvoices } = facts;
  const dues = duesOf(facts, catalog);
  if (account.phase === 'past_due') {
    assert.ok(subscription !== null, 'who is past due has a subscription');
    assert.ok(
      liveInvoices.some((invoice) => invoice.status === 'open'),
      'past due means that an invoice is open',
    );
  }
  if (subscription !== null || account.phase === 'trialing') assert.ok(dues.length > 0, 'something is due');
  for (const due of dues)
    assert.ok(due.at >= account.settledThrough, `${due.kind} at ${due.at} is not before ${account.settledThrough}`);
}

/** AUD-2: no change of money, seat, cap, plan or member without an entry. */
function assertAudited({ before, after, audit }: Decision): void {
  if (before === null) return;
  const told = (facts: Facts): unknown => ({
    seats: facts.seats.map(({ seatNumber, removalRequestedAt }) => [seatNumber, removalRequestedAt]),
    members: facts.members.map(({ memberId, state, reason }) => [memberId, state, reason]),
    terms: facts.subscription === null ? null : { ...facts.subscription, meterBoundaryAt: null },
    account: [facts.account.phase, facts.account.caps, facts.account.trialEndsAt, facts.account.automaticAllocation],
    // A draft says nothing yet; it is told of when it is issued.
    invoices: facts.liveInvoices.flatMap(({ number, status, attempts }) =>
      number === null ? [] : [[number, status, attempts]],
    ),
  });
  if (JSON.stringify(told(before)) !== JSON.stringify(told(after)))
    assert.ok(audit.length > 0, 'the change is audited (AUD-2)');
}
