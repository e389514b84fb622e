import type { Due } from '../billing/schedule/dues.ts';
import { duesOf } from '../billing/schedule/dues.ts';
import { catalogInForce } from '../billing/model/catalog-in-force.ts';
import type { Facts, Invoice } from '../billing/model/facts.ts';
import type { Phase } from '../billing/model/phase.ts';
import { isSeatBilled } from '../billing/seats/seats.ts';
import type { LoadedAccount } from '../db/account/load-account.ts';

/** What an account's workflow knows of it: what comes next, and what it shows in the Temporal UI. */
export interface AccountSummary {
  readonly phase: Phase;
  readonly plan: string;
  /** Null where nothing is billed by the seat. */
  readonly seats: number | null;
  /** Counts decisions, so that of two summaries the newer is known. */
  readonly version: number;
  /** Invoices whose payment is due and has not yet been made or refused. */
  readonly unpaid: readonly Pick<Invoice, 'invoiceId' | 'commandIds'>[];
  /** Earliest first; the workflow waits for the first one. */
  readonly dues: readonly Due[];
  /** Invoices that ended here and are still open at Stripe. */
  readonly openAtStripe: readonly string[];
  /** The account is closed and nothing is left to do for it. */
  readonly isOver: boolean;
  /** Lines for the page that the Temporal UI shows of the workflow. */
  readonly story: readonly string[];
}

/** As many dues as a person reads, besides the invoices to collect: those may be passed over while they are under way. */
const SHOWN_DUES = 6;

/** The facts may be those after a decision: what is said of them is then what is said of the same facts when they are read again. */
export function summarize(
  { facts: given, catalog: loaded, version }: Pick<LoadedAccount, 'facts' | 'catalog' | 'version'>,
  openAtStripe: readonly string[],
): AccountSummary {
  const facts = { ...given, liveInvoices: [...given.liveInvoices].sort(byIssue) };
  const catalog = catalogInForce(facts, loaded);
  const { account, subscription } = facts;
  const dues = duesOf(facts, catalog);
  const shown = new Set(dues.filter((due) => due.kind !== 'collect').slice(0, SHOWN_DUES));
  const plan = account.phase === 'free' ? (catalog.defaultPlan ?? 'none') : (subscription?.plan ?? 'none');
  return {
    phase: account.phase,
    plan,
    seats: isSeatBilled(facts, catalog) ? facts.seats.length : null,
    version,
    unpaid: dues
      .filter((due) => due.kind === 'collect' && due.at <= account.settledThrough)
      .flatMap((due) => facts.liveInvoices.filter((invoice) => invoice.invoiceId === due.invoiceId))
      .map(({ invoiceId, commandIds }) => ({ invoiceId, commandIds })),
    dues: dues.filter((due) => due.kind === 'collect' || shown.has(due)),
    openAtStripe,
    isOver: account.closedAt !== null && dues.length === 0 && openAtStripe.length === 0,
    story: storyOf(facts),
  };
}

/** By id where they were issued at one instant. Not the database's order: that depends on its language. */
function byIssue(one: Invoice, other: Invoice): number {
  const [a, b] = one.issuedAt === other.issuedAt ? [one.invoiceId, other.invoiceId] : [one.issuedAt, other.issuedAt];
  return a < b ? -1 : a > b ? 1 : 0;
}

function storyOf({ account, subscription, seats, members, pendingLines, liveInvoices }: Facts): readonly string[] {
  const lines: string[] = [
    `owner ${account.ownerId}, catalog ${account.catalogName} v${String(account.catalogVersion)}`,
  ];
  if (account.trialEndsAt !== null) lines.push(`trial until ${account.trialEndsAt}`);
  if (account.closedAt !== null) lines.push(`closed since ${account.closedAt}`);
  if (account.blockedCode !== null) lines.push(`blocked: ${account.blockedCode}`);
  if (subscription !== null) {
    const { plan, pack, interval, state, cycle } = subscription;
    lines.push(
      `${plan}${pack === null ? '' : `, pack ${pack}`}, by the ${interval}, ${state}, cycle ${cycle.start} to ${cycle.end}`,
    );
  }
  if (seats.length > 0) {
    const used = seats.filter((seat) => seat.memberId !== null).length;
    const leaving = seats.filter((seat) => seat.removalRequestedAt !== null).length;
    lines.push(`${String(seats.length)} seats, ${String(used)} taken, ${String(leaving)} to be removed`);
  }
  if (members.length > 0) lines.push(`${String(members.length)} members`);
  if (pendingLines.length > 0) lines.push(`${String(pendingLines.length)} lines wait for the next invoice`);
  for (const invoice of liveInvoices) {
    lines.push(
      `invoice ${invoice.number ?? invoice.invoiceId}: ${invoice.status}, ${String(invoice.total)} ${account.currency} (minor units)`,
    );
  }
  return lines;
}
