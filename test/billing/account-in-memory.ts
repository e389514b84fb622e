import { readFileSync } from 'node:fs';

import type { Command, CommandBodies, CommandType } from '../../billing/model/command.ts';
import { type AccessRequest, decideAccess } from '../../billing/seats/decide-access.ts';
import { type CommandContext, decideCommands } from '../../billing/commands/decide-command.ts';
import type { Decision } from '../../billing/schedule/decision.ts';
import { decideDue } from '../../billing/subscription/decide-due.ts';
import { decidePayment, type PaymentOutcome } from '../../billing/dunning/decide-payment.ts';
import { decideRefund, type RefundOutcome } from '../../billing/invoicing/decide-refund.ts';
import { BalanceSheet } from '../../billing/usage/balance-sheet.ts';
import { assertTimely, priceUsage } from '../../billing/usage/decide-usage.ts';
import { type Due, duesOf } from '../../billing/schedule/dues.ts';
import { type CommandPreview, previewCommand, projectTo, upcomingInvoice } from '../../billing/views/project.ts';
import { decideSignUp } from '../../billing/subscription/sign-up.ts';
import { type Instant, latest, parseInstant } from '../../billing/calendar/instant.ts';
import type { Catalog } from '../../billing/catalog/catalog.ts';
import { parseCatalogYaml } from '../../billing/catalog/load-catalog.ts';
import type { UsageParts } from '../../billing/usage/charge-usage.ts';
import { catalogInForce } from '../../billing/model/catalog-in-force.ts';
import type { AuditEntry, CreditNote, Facts, Invoice, Member, Notice, Seat } from '../../billing/model/facts.ts';
import { collectionStep } from '../../billing/schedule/collection.ts';
import { Refusal } from '../../billing/refusal.ts';
import { SoundBooks } from './sound-books.ts';

export function catalogNamed(name: 'qodo' | 'codspeed'): Catalog {
  return parseCatalogYaml(
    readFileSync(new URL(`../../catalogs/${name}.yaml`, import.meta.url), 'utf8'),
    `${name}.yaml`,
  );
}

export const instant = (text: string): Instant => parseInstant(text);

const NO_CARD: PaymentOutcome = { kind: 'failed', reason: 'no_payment_method', detail: '' };

/**
 * An account as the engine would live it, without its servers: commands, dues and payments in the order in which the workflow works
 * them off, on the very decisions that the activities write. `card` says how payments end.
 */
export class AccountInMemory {
  facts: Facts;
  now: Instant;
  card: PaymentOutcome = { kind: 'paid' };
  /** Whether invoices that are sent (CRE-18) are paid when they arrive, or not at all. */
  sentInvoices: 'paid' | 'unpaid' = 'unpaid';
  /** What was published, by version (CAT-2); it signed up under the first. */
  readonly versions = new Map<number, Catalog>();
  /** How refunds end. */
  refund: RefundOutcome = { kind: 'refunded' };
  readonly invoices = new Map<string, Invoice>();
  readonly creditNotes = new Map<string, CreditNote>();
  readonly notices: Notice[] = [];
  readonly audit: AuditEntry[] = [];
  readonly endedSeats: Seat[] = [];
  readonly #books: SoundBooks;
  #commands = 0;

  constructor(catalog: Catalog, at: string, owner = 'owner') {
    this.versions.set(1, catalog);
    this.#books = new SoundBooks(catalog);
    this.now = instant(at);
    const signUp = { accountId: 'acme', ownerId: owner, catalogVersion: 1, actor: owner, commandId: 'signup' };
    const decision = decideSignUp(catalog, { ...signUp, at: this.now, hadTrialBefore: false });
    this.facts = decision.after;
    this.#take(decision);
  }

  /** As it is loaded: the version that it is on, with the one that it moves to. */
  get catalog(): Catalog {
    const { catalogVersion, nextCatalogVersion: version } = this.facts.account;
    const present = this.versions.get(catalogVersion)!;
    return version === null ? present : { ...present, successor: { version, catalog: this.versions.get(version)! } };
  }

  /** A card that works, unless `card` says otherwise when it is charged. */
  withCard(last4 = '4242'): this {
    const context = { attachedPaymentMethod: { paymentMethodId: 'pm_1', brand: 'visa', last4 } };
    this.#command({ type: 'setPaymentMethod', paymentMethodId: 'pm_1' }, context);
    return this;
  }

  /** @throws Refusal when the rules refuse the command, or its payment fails (SBI-11). */
  do<T extends CommandType>(type: T, body: CommandBodies[T]): Readonly<Record<string, unknown>> {
    const command = { type, ...body } as unknown as Command;
    return this.#command(command, this.#contextOf(command));
  }

  /** Moves the clock and works off what comes due, in order. */
  until(to: string): this {
    this.now = instant(to);
    this.#workOff(this.now);
    return this;
  }

  /** @throws Refusal as for a real event. */
  use(units: number, at: { occurredAt?: string; feature?: string } = {}): UsageParts {
    const occurredAt = at.occurredAt === undefined ? this.now : instant(at.occurredAt);
    const priced = priceUsage(this.catalog, { feature: at.feature ?? 'review', credits: units });
    return this.useMeter(priced.meter, priced.units, occurredAt);
  }

  /** Charges a meter in its smallest units. */
  useMeter(meter: string, units: number, occurredAt = this.now): UsageParts {
    assertTimely(occurredAt, this.facts.account.signedUpAt, this.now);
    const facts = projectTo(this.facts, this.catalog, latest(this.now, occurredAt));
    const sheet = new BalanceSheet(this.facts.meterCycles);
    const instants = { at: occurredAt, now: latest(this.now, occurredAt) };
    const { parts } = sheet.charge({ meter, units }, instants, { facts, catalog: catalogInForce(facts, this.catalog) });
    const changes = sheet.changes();
    const others = this.facts.meterCycles.filter((cycle) => !changes.some(({ before }) => before === cycle));
    this.facts = { ...this.facts, meterCycles: [...others, ...changes.map(({ after }) => after)] };
    return parts;
  }

  /** Somebody runs something, or visits the dashboard; a newcomer is admitted as the engine would. @throws Refusal. */
  access(memberId: string | null, how: Partial<AccessRequest> = {}): Member | null {
    const request: AccessRequest = { kind: 'run', visibility: 'private', memberId, login: memberId, ...how };
    const decision = decideAccess(projectTo(this.facts, this.catalog, this.now), this.catalog, request, this.now);
    if (decision.kind === 'admit')
      this.do('admitMember', { memberId: decision.memberId, login: request.login ?? decision.memberId });
    const member = this.member(memberId ?? '');
    if (decision.kind === 'admit' && member?.state === 'disabled') this.access(memberId, how);
    return member;
  }

  upcoming(): Invoice | null {
    return upcomingInvoice(this.facts, this.catalog);
  }

  preview<T extends CommandType>(type: T, body: CommandBodies[T]): CommandPreview {
    const command = { type, ...body } as unknown as Command;
    const facts = command.type === 'recordPayment' ? this.#withGivenUp(command.number) : this.facts;
    return previewCommand(facts, this.catalog, command, this.now);
  }

  previewSeats(count: number): CommandPreview {
    return this.preview('addSeats', { count });
  }

  member(memberId: string): Member | null {
    return this.facts.members.find((member) => member.memberId === memberId) ?? null;
  }

  /** Purpose, total and status of every issued invoice, oldest first. */
  get bills(): readonly (readonly [string, number, string])[] {
    return this.issued.map(({ purpose, total, status }) => [purpose, total, status] as const);
  }

  get issued(): readonly Invoice[] {
    return [...this.invoices.values()].filter((invoice) => invoice.number !== null);
  }

  #command(command: Command, context: Parameters<typeof decideCommands>[3]): Readonly<Record<string, unknown>> {
    this.#workOff(this.now);
    const commandId = `command ${String((this.#commands += 1))}`;
    const envelope = { commandId, actor: 'admin', effectiveAt: this.now, command };
    if (command.type === 'recordPayment') this.facts = this.#withGivenUp(command.number);
    const { decisions, answers } = decideCommands(this.facts, this.catalog, [envelope], context);
    for (const decision of decisions) this.#take(decision);
    const revoked = this.#workOff(this.now);
    const answer = answers[0];
    if (answer?.refusal != null) throw answer.refusal;
    if (revoked.includes(commandId))
      throw new Refusal({ code: 'payment_failed', message: 'The payment for the seats failed.' });
    return answer?.result ?? {};
  }

  /** As the activity does for money that comes for an invoice that was given up. */
  #withGivenUp(number: string): Facts {
    const invoice = this.issued.find((candidate) => candidate.number === number);
    if (invoice?.status !== 'uncollectible') return this.facts;
    return { ...this.facts, liveInvoices: [...this.facts.liveInvoices, invoice] };
  }

  #workOff(now: Instant): readonly string[] {
    const revoked: string[] = [];
    for (;;) {
      const due = duesOf(this.facts, this.catalog)[0];
      if (due === undefined || due.at > now) return revoked;
      const decision = this.#decide(due);
      this.#take(decision);
      revoked.push(...decision.revokedCommandIds);
    }
  }

  #decide(due: Due): Decision {
    const { facts, catalog } = this;
    if (due.kind === 'collect') return decidePayment(facts, catalog, due.invoiceId ?? '', this.#outcomeOf(due), due.at);
    if (due.kind === 'refund') return decideRefund(facts, catalog, due.creditNoteId ?? '', this.refund, due.at);
    return decideDue(facts, catalog, due);
  }

  /** As the activity finds it for the command that credits an invoice. */
  #contextOf(command: Command): CommandContext {
    if (command.type === 'migrateCatalog') {
      const version = command.version ?? this.versions.size;
      return { catalogVersion: { version, catalog: this.versions.get(version)! } };
    }
    if (command.type !== 'creditInvoice') return {};
    const invoice = this.issued.find((candidate) => candidate.number === command.number);
    if (invoice === undefined) return { creditable: null };
    const onFile = { invoices: [...this.invoices.values()], creditNotes: [...this.creditNotes.values()] };
    return { creditable: { invoice, onFile, meterCycles: [] } };
  }

  /** Who is sent an invoice pays it when `sentInvoices` says so; a card is charged. */
  #outcomeOf(due: Due): PaymentOutcome {
    const invoice = this.facts.liveInvoices.find((candidate) => candidate.invoiceId === due.invoiceId);
    const step = invoice === undefined ? 'charge' : collectionStep(invoice, due.at);
    if (step === 'charge') return this.facts.account.paymentMethod === null ? NO_CARD : this.card;
    if (this.sentInvoices === 'paid') return { kind: 'paid' };
    return step === 'send' ? { kind: 'sent' } : { kind: 'failed', reason: 'overdue', detail: '' };
  }

  #take(decision: Decision): void {
    this.facts = decision.after;
    this.#books.record(decision);
    for (const invoice of [...decision.after.liveInvoices, ...decision.settledInvoices])
      this.invoices.set(invoice.invoiceId, invoice);
    for (const note of [...decision.after.pendingCreditNotes, ...decision.settledCreditNotes])
      this.creditNotes.set(note.creditNoteId, note);
    this.notices.push(...decision.notices);
    this.audit.push(...decision.audit);
    this.endedSeats.push(...decision.endedSeats);
  }
}

/** The code of the refusal that an act ends in; fails when it is allowed. */
export function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  throw new Error('this was expected to be refused');
}
