import { addSeconds, type Instant } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { catalogInForce } from '../model/catalog-in-force.ts';
import type { Facts, Invoice, Subscription } from '../model/facts.ts';
import { collectionStep } from './collection.ts';
import { metersOf } from '../model/terms.ts';
import { nextTrialNotice } from './trial.ts';

/** Something that happens by itself when its instant comes. The workflow waits for the earliest one. */
export interface Due {
  readonly at: Instant;
  readonly kind: 'trialNotice' | 'trialEnd' | 'grace' | 'cycle' | 'collect' | 'refund';
  /** The invoice of a `grace` or a `collect`. */
  readonly invoiceId: string | null;
  /** The credit note of a `refund`. */
  readonly creditNoteId?: string;
  /** For people, in the Temporal UI and in `status`. */
  readonly summary: string;
}

/** At one instant: what ended before what begins, and payments last. */
const ORDER: Readonly<Record<Due['kind'], number>> = {
  trialNotice: 0,
  trialEnd: 1,
  grace: 2,
  cycle: 3,
  collect: 4,
  refund: 5,
};

const LAST = 6;

/** Everything an account waits for, earliest first; worked out from its facts alone. */
export function duesOf(facts: Facts, loadedCatalog: Catalog): readonly Due[] {
  const catalog = catalogInForce(facts, loadedCatalog);
  const dues = [
    ...trialDues(facts),
    ...cycleDues(facts, catalog),
    ...invoiceDues(facts, catalog),
    ...refundDues(facts),
  ];
  // What may still be paid until an instant is tried at that instant before it is given up (INV-5); at its cycle's end the cycle is over.
  const { subscription } = facts;
  const isLast = subscription?.state === 'suspended' && (subscription.recoveryEndsAt ?? '') < subscription.cycle.end;
  const rank = ({ kind }: Due): number => (isLast && kind === 'cycle' ? LAST : ORDER[kind]);
  return dues.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : rank(a) - rank(b)));
}

/** The due that changes the facts by itself next. A payment or a refund does not: nobody can foresee how it ends. */
export function nextTurningPoint(facts: Facts, catalog: Catalog): Due | undefined {
  return duesOf(facts, catalog).find((due) => due.kind !== 'collect' && due.kind !== 'refund');
}

function refundDues({ pendingCreditNotes }: Facts): readonly Due[] {
  return pendingCreditNotes.map(({ issuedAt, invoiceId, creditNoteId, number }) => {
    return { at: issuedAt, kind: 'refund', invoiceId, creditNoteId, summary: `refund ${number}` };
  });
}

function trialDues({ account, subscription }: Facts): readonly Due[] {
  if (account.phase !== 'trialing' || account.trialEndsAt === null) return [];
  const notice = nextTrialNotice(account);
  const id = account.accountId;
  const then = subscription === null ? 'trial' : `trial, then ${subscription.plan},`;
  const end: Due = { at: account.trialEndsAt, kind: 'trialEnd', invoiceId: null, summary: `${then} of ${id} ends` };
  if (notice === null) return [end];
  const words = notice.kind.replaceAll('_', ' ');
  return [{ at: notice.at, kind: 'trialNotice', invoiceId: null, summary: `notice for ${id}: ${words}` }, end];
}

function cycleDues({ account, subscription }: Facts, catalog: Catalog): readonly Due[] {
  if (subscription === null || subscription.state === 'scheduled') return [];
  const cycle = { kind: 'cycle', invoiceId: null } as const;
  if (subscription.state === 'suspended') {
    const at = subscription.recoveryEndsAt ?? subscription.cycle.end;
    return [{ ...cycle, at, summary: `end of unpaid subscription of ${account.accountId} (${subscription.plan})` }];
  }
  const isMetered = metersOf(catalog, subscription).length > 0;
  const at = isMetered ? subscription.meterBoundaryAt : subscription.cycle.end;
  const isRenewal = at === subscription.cycle.end;
  const what = isRenewal ? describeRenewal(subscription) : 'month of metered use';
  const version = isRenewal ? account.nextCatalogVersion : null;
  const onVersion = version === null ? '' : `, catalog version ${String(version)}`;
  return [{ ...cycle, at, summary: `${what} of ${account.accountId} (${subscription.plan}${onVersion})` }];
}

function describeRenewal({ ending, change }: Subscription): string {
  if (ending?.kind === 'cancel') return 'end';
  if (ending?.kind === 'free') return 'change to free';
  return change === null ? 'renewal' : 'renewal on new terms';
}

function invoiceDues({ liveInvoices }: Facts, catalog: Catalog): readonly Due[] {
  return liveInvoices.flatMap((invoice): Due[] => {
    if (invoice.status === 'draft') {
      const at = addSeconds(invoice.issuedAt, catalog.graceMinutes * 60);
      return [{ at, kind: 'grace', invoiceId: invoice.invoiceId, summary: 'end of grace period for late usage' }];
    }
    if (invoice.nextAttemptAt === null) return [];
    const summary = `${describeCollection(invoice, invoice.nextAttemptAt)} invoice ${invoice.number ?? invoice.invoiceId}`;
    return [{ at: invoice.nextAttemptAt, kind: 'collect', invoiceId: invoice.invoiceId, summary }];
  });
}

function describeCollection(invoice: Invoice, at: Instant): string {
  const step = collectionStep(invoice, at);
  if (step !== 'charge') return step === 'send' ? 'send' : 'last day of';
  return invoice.attempts === 0 ? 'collect' : `retry ${String(invoice.attempts)} of`;
}
