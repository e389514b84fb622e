import type { AccountDocument, InvoiceDocument, MeterDocument } from '../../billing/model/document.ts';
import type { Instant } from '../../billing/calendar/instant.ts';
import { formatAmount } from '../../billing/money/currency.ts';
import { amountWithCode } from '../../billing/money/amount-with-code.ts';
import { at, count, fromNow, gauge, metered, meterName } from './words.ts';
import { invoiceLines, invoiceTable } from './invoice-page.ts';
import type { Paint } from './paint.ts';
import { table } from './table.ts';

export interface StatusPage {
  readonly account: AccountDocument;
  readonly now: Instant;
  readonly upcoming: InvoiceDocument | null;
}

/** An account as a small billing page: how it stands, what it has used, what comes next, and what it will pay. */
export function statusPage({ account, now, upcoming }: StatusPage, paint: Paint): string {
  const open = account.invoices.filter(({ status }) => status === 'open' || status === 'draft');
  return [
    `${paint('bold', account.accountId)} · ${phaseWords(account, paint)} · ${account.catalog}`,
    '',
    table(facts(account, now), { indent: 2 }),
    ...section('Usage', usage(account, now), paint),
    ...section('Next', table(nextRows(account, now), { indent: 2 }), paint),
    ...section(upcomingTitle(upcoming), upcoming === null ? '' : invoiceLines(upcoming, paint), paint),
    ...section('Open invoices', open.length === 0 ? '' : indent(invoiceTable(open)), paint),
  ].join('\n');
}

function section(title: string, body: string, paint: Paint): readonly string[] {
  return body === '' ? [] : ['', paint('bold', title), body];
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}

function phaseWords({ phase, trialEndsAt, closedAt, plan }: AccountDocument, paint: Paint): string {
  if (closedAt !== undefined) return paint('red', `closed since ${at(closedAt)}`);
  const words = phase.replace('_', ' ');
  if (phase === 'active' || phase === 'free' || phase === 'trialing') return paint('green', words);
  if (phase === 'blocked' && plan === null && trialEndsAt !== undefined)
    return paint('red', 'blocked (the trial has ended)');
  return paint(phase === 'past_due' ? 'yellow' : 'red', words);
}

function facts(account: AccountDocument, now: Instant): readonly (readonly string[])[] {
  const { plan, trialEndsAt, cycle, scheduledChange, paymentMethod, phase } = account;
  const isTrialing = phase === 'trialing' && trialEndsAt !== undefined;
  return [
    ['now', at(now)],
    ['plan', plan === null ? 'none' : planWords(account)],
    ...(isTrialing
      ? [['trial', `ends ${at(trialEndsAt)}, ${fromNow(now, trialEndsAt)}; usage is free until then`]]
      : []),
    ...(cycle === null ? [] : [['cycle', `${at(cycle.start)} – ${at(cycle.end)}, ends ${fromNow(now, cycle.end)}`]]),
    ...(scheduledChange === null ? [] : [['change', `${scheduledChange.to} at ${at(scheduledChange.at)}`]]),
    [
      'paid by',
      paymentMethod === null ? 'no payment method yet' : `${paymentMethod.brand} ending in ${paymentMethod.last4}`,
    ],
    ...seatRows(account),
    ...(account.members.length === 0 && account.seats === null ? [] : [['members', memberWords(account)]]),
  ];
}

function planWords({ plan, interval, pack }: AccountDocument): string {
  const size = pack === null ? '' : `, pack ${pack}`;
  return `${plan ?? 'none'}${size}${interval === null ? '' : `, billed by the ${interval}`}`;
}

function seatRows({ seats, automaticAllocation }: AccountDocument): readonly (readonly string[])[] {
  if (seats === null) return [];
  const { enabled, ceiling } = automaticAllocation;
  const limit = ceiling === null ? 'no limit' : `up to ${count(ceiling, 'seat')}`;
  return [
    ['seats', seatWords(seats)],
    ['', `automatic allocation is ${enabled ? `on, ${limit}` : 'off'}`],
  ];
}

export function seatWords({ quantity, used, free, awaitingRemoval }: NonNullable<AccountDocument['seats']>): string {
  return `${count(quantity, 'seat')}: ${String(used)} used, ${String(free)} free, ${String(awaitingRemoval)} awaiting removal`;
}

function memberWords({ members }: AccountDocument): string {
  const enabled = members.filter(({ state }) => state === 'enabled').length;
  const disabled = members.length - enabled;
  return members.length === 0 ? 'none yet' : `${String(enabled)} enabled, ${String(disabled)} disabled`;
}

function usage(account: AccountDocument, now: Instant): string {
  const rows = Object.entries(account.meters).flatMap(([meter, balance]) => meterRows(meter, balance, account, now));
  return rows.length === 0 ? '' : table(rows, { indent: 2 });
}

function meterRows(
  meter: string,
  balance: MeterDocument,
  account: AccountDocument,
  now: Instant,
): readonly (readonly string[])[] {
  const { included, usedIncluded, trial, renewsAt, refusals } = balance;
  const name = meterName(meter);
  if (account.phase === 'trialing') return [[name, '', `${metered(trial, meter)} used in the trial, free of charge`]];
  const renews = renewsAt === null ? '' : `, renews ${at(renewsAt)} (${fromNow(now, renewsAt)})`;
  return [
    [
      name,
      gauge(usedIncluded, included),
      `${metered(usedIncluded, meter)} used of ${included.toLocaleString('en-US')} included${renews}`,
    ],
    ['overage', ...overageCells(meter, balance, account.currency)],
    ...(balance.held === 0 ? [] : [['held', '', metered(balance.held, meter)]]),
    ...(refusals === 0 ? [] : [['refused', '', `${count(refusals, 'request')} refused at the cap`]]),
  ];
}

function overageCells(
  meter: string,
  { overage, overageCents, capCents }: MeterDocument,
  currency: string,
): readonly string[] {
  const cost = `${metered(overage, meter)}, ${formatAmount(overageCents, currency)}`;
  if (capCents === null) return ['', `${cost}, no cap`];
  return [gauge(overageCents, capCents), `${cost} of the cap of ${formatAmount(capCents, currency)}`];
}

function nextRows({ next }: AccountDocument, now: Instant): readonly (readonly string[])[] {
  return next.map(({ at: dueAt, what }) => [at(dueAt), fromNow(now, dueAt), what]);
}

/** INV-3: what is issued if nothing more happens. */
function upcomingTitle(upcoming: InvoiceDocument | null): string {
  if (upcoming === null) return '';
  const { total, currency, issuedAt } = upcoming;
  return `Upcoming invoice: ${amountWithCode(total, currency)} on ${at(issuedAt)}, if nothing else changes`;
}
