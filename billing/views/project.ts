import type { Instant } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Facts, Invoice } from '../model/facts.ts';
import { Refusal } from '../refusal.ts';
import type { Command } from '../model/command.ts';
import { decideCommands } from '../commands/decide-command.ts';
import type { Decision } from '../schedule/decision.ts';
import { decideDue } from '../subscription/decide-due.ts';
import { decidePayment } from '../dunning/decide-payment.ts';
import { decideRefund } from '../invoicing/decide-refund.ts';
import { type Due, duesOf, nextTurningPoint } from '../schedule/dues.ts';

/** Longer than any account's future is worth looking at; reached only by a bug. */
const MAX_STEPS = 10_000;

/**
 * The facts as they will be once everything due up to `now` is worked off: what usage and access decide on, so that they are right
 * while no worker runs (design.md, "Decisions look at instants"). Payments are left open: nobody can foresee them.
 */
export function projectTo(facts: Facts, catalog: Catalog, now: Instant): Facts {
  let current = facts;
  for (let step = 0; step < MAX_STEPS; step++) {
    const due = nextTurningPoint(current, catalog);
    if (due === undefined || due.at > now) return current;
    current = decideDue(current, catalog, due).after;
  }
  throw new Error(`${facts.account.accountId} has no end of dues before ${now}`);
}

/** One step of the future in which every payment and every refund succeeds. */
function step(facts: Facts, catalog: Catalog, due: Due): Decision {
  if (due.kind === 'refund') return decideRefund(facts, catalog, due.creditNoteId ?? '', { kind: 'refunded' }, due.at);
  return due.kind === 'collect'
    ? decidePayment(facts, catalog, due.invoiceId ?? '', { kind: 'paid' }, due.at)
    : decideDue(facts, catalog, due);
}

/** One may be that of a change which is being paid, and another's draft may still be in its grace. */
const FRUITLESS_RENEWALS = 3;

/** The boundary's invoice that comes next if nothing more happens (INV-3); null where none will come. */
export function upcomingInvoice(facts: Facts, catalog: Catalog): Invoice | null {
  let current = facts;
  // A draft is still to be issued: it is the one that comes next.
  const known = new Set(
    facts.liveInvoices.filter((invoice) => invoice.number !== null).map((invoice) => invoice.invoiceId),
  );
  let renewals = 0;
  for (let count = 0; count < MAX_STEPS; count++) {
    const due = duesOf(current, catalog)[0];
    // A contract may cost nothing in advance (CRE-18): then no boundary has an invoice, as long as nothing is used beyond it.
    if (due === undefined || renewals > FRUITLESS_RENEWALS) return null;
    const decision = step(current, catalog, due);
    const issued = [...decision.after.liveInvoices, ...decision.settledInvoices];
    const next = issued.find((invoice) => !known.has(invoice.invoiceId) && invoice.number !== null);
    if (next !== undefined) return next;
    if (decision.after.subscription?.cycle.start !== current.subscription?.cycle.start) renewals++;
    current = decision.after;
  }
  throw new Error(`no invoice of ${facts.account.accountId} comes after ${String(MAX_STEPS)} steps`);
}

/** What a command would cost. Invoices have not been issued, so their ids and numbers are not those they will have. */
export interface CommandPreview {
  /** What is invoiced at once: charged to the card, or sent and due on `dueNow.dueAt` (CRE-18). Minor units. */
  readonly dueNowCents: number;
  /** The whole next invoice, as it is issued if nothing more happens (INV-3). */
  readonly nextInvoiceCents: number;
  readonly dueNow: Invoice | null;
  readonly nextInvoice: Invoice | null;
}

/**
 * What a command would cost: the very decision that it takes, thrown away (invariant 11: the preview is what is issued), if its payments
 * succeed and nothing more happens.
 * @throws Refusal for the reasons that the command itself would be refused.
 */
export function previewCommand(facts: Facts, catalog: Catalog, command: Command, now: Instant): CommandPreview {
  assertPreviewable(command);
  const present = projectTo(facts, catalog, now);
  const envelope = { commandId: 'preview', actor: 'preview', effectiveAt: now, command };
  const { decisions, answers } = decideCommands(present, catalog, [envelope]);
  const [answer] = answers;
  if (answer === undefined) throw new Error('a previewed command has no answer');
  if (answer.refusal !== null) throw answer.refusal;
  const after = decisions.at(-1)?.after ?? present;
  const dueBefore = new Set(chargedBy(present, answer.at).map((invoice) => invoice.invoiceId));
  // Beside its own invoice that of the month, where it was a draft until now (INV-1).
  const charged = chargedBy(after, answer.at).filter((invoice) => !dueBefore.has(invoice.invoiceId));
  const dueNow = charged.at(-1) ?? null;
  const nextInvoice = upcomingInvoice(after, catalog);
  return {
    dueNowCents: charged.reduce((sum, { total }) => sum + total, 0),
    nextInvoiceCents: nextInvoice?.total ?? 0,
    dueNow,
    nextInvoice,
  };
}

/** Open invoices whose payment is tried by an instant. */
function chargedBy({ liveInvoices }: Facts, at: Instant): readonly Invoice[] {
  return liveInvoices.filter(({ status, nextAttemptAt }) => status === 'open' && (nextAttemptAt ?? at) <= at);
}

const WITHOUT_PREVIEW: ReadonlySet<Command['type']> = new Set<Command['type']>([
  'signUp',
  'setPaymentMethod',
  'creditInvoice',
  'migrateCatalog',
]);

/**
 * A signup costs nothing and has no account yet; a card is asked for at Stripe, and what it pays is on the open invoices already; a credit note says itself
 * what it gives; what a newer catalog costs is on the upcoming invoice as soon as the move is scheduled, which can be taken back.
 */
function assertPreviewable({ type }: Command): void {
  if (!WITHOUT_PREVIEW.has(type)) return;
  throw new Refusal({
    code: 'invalid_request',
    message: `type: the command ${type} cannot be previewed.`,
    field: 'type',
  });
}
