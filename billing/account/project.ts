import type { Instant } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Facts, Invoice } from '../facts/facts.ts';
import { decideCommands } from './decide-command.ts';
import type { Decision } from './decision.ts';
import { decideDue } from './decide-due.ts';
import { decidePayment } from './decide-payment.ts';
import { type Due, duesOf, nextTurningPoint } from './dues.ts';

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

/** One step of the future in which every payment succeeds. */
function step(facts: Facts, catalog: Catalog, due: Due): Decision {
  return due.kind === 'collect'
    ? decidePayment(facts, catalog, due.invoiceId ?? '', { kind: 'paid' }, due.at)
    : decideDue(facts, catalog, due);
}

/** The boundary's invoice that comes next if nothing more happens (INV-3); null where none will come. */
export function upcomingInvoice(facts: Facts, catalog: Catalog): Invoice | null {
  let current = facts;
  // A draft is still to be issued: it is the one that comes next.
  const known = new Set(
    facts.liveInvoices.filter((invoice) => invoice.number !== null).map((invoice) => invoice.invoiceId),
  );
  for (let count = 0; count < MAX_STEPS; count++) {
    const due = duesOf(current, catalog)[0];
    if (due === undefined) return null;
    const decision = step(current, catalog, due);
    const issued = [...decision.after.liveInvoices, ...decision.settledInvoices];
    const next = issued.find((invoice) => !known.has(invoice.invoiceId) && invoice.number !== null);
    if (next !== undefined) return next;
    current = decision.after;
  }
  throw new Error(`no invoice of ${facts.account.accountId} comes after ${String(MAX_STEPS)} steps`);
}

export interface SeatPreview {
  readonly dueNowCents: number;
  /** The whole next invoice, as it is issued if nothing more happens (INV-3). */
  readonly nextInvoiceCents: number;
  readonly dueNow: Invoice | null;
  readonly nextInvoice: Invoice | null;
}

/**
 * What adding seats would cost: the very decisions that adding them takes, thrown away (invariant 11: the preview is what is issued).
 * @throws Refusal for the reasons that adding them would be refused.
 */
export function previewSeats(facts: Facts, catalog: Catalog, count: number, now: Instant): SeatPreview {
  const present = projectTo(facts, catalog, now);
  const command = { type: 'addSeats', count } as const;
  const envelope = { commandId: 'preview', actor: 'preview', effectiveAt: now, command };
  const { decisions, answers } = decideCommands(present, catalog, [envelope]);
  const refusal = answers[0]?.refusal ?? null;
  if (refusal !== null) throw refusal;
  const after = decisions.at(-1)?.after ?? present;
  const known = new Set(present.liveInvoices.map((invoice) => invoice.invoiceId));
  const dueNow =
    after.liveInvoices.find((invoice) => invoice.purpose === 'seats' && !known.has(invoice.invoiceId)) ?? null;
  const nextInvoice = upcomingInvoice(after, catalog);
  return { dueNowCents: dueNow?.total ?? 0, nextInvoiceCents: nextInvoice?.total ?? 0, dueNow, nextInvoice };
}
