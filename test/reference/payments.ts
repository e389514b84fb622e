import { type AccountState, catalogOf, type Invoice, type Subscription, tell } from './account-state.ts';
import { DAY, type Second } from './calendar.ts';
import { isExhausted, uncollectible } from './giving-up.ts';
import { finishDraft } from './invoices.ts';
import { beginTerms, spanAt } from './terms-in-force.ts';
import { advanceThing, cycleOf, resume, startTerms, suspend } from './subscription-life.ts';

/** INV-5: days after the first try on which it is tried again. */
const RETRY_DAYS = [1, 3, 5, 7];
const RECOVERY_DAYS = 7;

/** Whether a charge goes through now. A card whose holder has to consent is one that declines. */
export function canPay(state: AccountState): boolean {
  return state.card === 'visa';
}

/** A planned payment: the first try, a retry, or a sent invoice that is not paid on its day (CRE-18). */
export function tryAsPlanned(state: AccountState, invoice: Invoice, at: Second): void {
  const isSent = invoice.dueAt !== null;
  const isFirst = invoice.firstTryAt === null;
  invoice.firstTryAt ??= at;
  invoice.tries += 1;
  const from = triedFrom(state, invoice);
  const next = RETRY_DAYS.find((days) => from + days * DAY > at);
  invoice.nextTryAt = next === undefined ? null : from + next * DAY;
  if (isSent && isFirst && state.isEverythingPaid !== true) {
    // A transfer may be under way: the card is not tried on the day itself.
    fail(state, invoice, at);
    tell(state, at, 'invoice_overdue');
    return;
  }
  if (canPay(state)) {
    paid(state, invoice, at);
    return;
  }
  fail(state, invoice, at);
  tell(state, at, isSent && state.card === null ? 'payment_reminder' : 'payment_failed');
  if (invoice.nextTryAt === null) afterLastTry(state, invoice, at);
}

/** INV-5: the invoice's date, or the day on which it was due; where it waited for late use for a day or longer, the end of that. */
function triedFrom(state: AccountState, invoice: Invoice): Second {
  if (invoice.dueAt !== null) return invoice.dueAt;
  const waited = catalogOf(state).graceMinutes * 60;
  const mayWait = invoice.purpose === 'cycle' || invoice.purpose === 'final';
  return mayWait && waited >= DAY ? invoice.issuedAt + waited : invoice.issuedAt;
}

function fail(state: AccountState, invoice: Invoice, at: Second): void {
  const { subscription } = state;
  invoice.isFailed = true;
  const hasBegun = subscription?.state === 'active' || subscription?.state === 'suspended';
  invoice.failedUnder = hasBegun ? subscription.serial : null;
  // TRI-5: from then on it is the missing payment that keeps the account from working.
  const span = spanAt(state, at);
  const isFirst = subscription?.state === 'waiting' && invoice.index === subscription.firstInvoice;
  if (isFirst && span?.kind === 'none' && span.reason !== 'payment_failed')
    beginTerms(state, at, { kind: 'none', reason: 'payment_failed' });
}

/** A try beside the planned ones, because a new card came. */
export function tryWithNewCard(state: AccountState, at: Second): void {
  for (const invoice of [...state.invoices]) {
    if (invoice.status !== 'open' || (invoice.dueAt !== null && at < invoice.dueAt)) continue;
    if (canPay(state)) paid(state, invoice, at);
    else {
      fail(state, invoice, at);
      tell(state, at, 'payment_failed');
    }
  }
}

/** INV-6: service is back at once, in the same cycle. */
export function paid(state: AccountState, invoice: Invoice, at: Second): void {
  const wasOpen = invoice.status === 'open';
  invoice.status = 'paid';
  invoice.isFailed = false;
  invoice.nextTryAt = null;
  const { subscription } = state;
  if (!wasOpen || subscription === null) return;
  if (invoice.index === subscription.firstInvoice && !subscription.isFirstPaid) startTerms(state, subscription, at);
  if (subscription.state === 'suspended' && isCarriedOn(state, subscription)) resume(state, subscription, at);
}

/** INV-5: an older invoice suspends nothing that is paid. */
function isCarriedOn(state: AccountState, subscription: Subscription): boolean {
  const exhausted = state.invoices.some((other) => other.advance !== null && isExhausted(other));
  return !exhausted || isAdvancePaid(state, subscription);
}

function isAdvancePaid(state: AccountState, subscription: Subscription): boolean {
  const thing = advanceThing(subscription);
  const own = state.invoices.filter((invoice) => invoice.advance === thing && invoice.status !== 'void');
  return own.every(({ status }) => status === 'paid' || status === 'carried');
}

function afterLastTry(state: AccountState, invoice: Invoice, at: Second): void {
  const { subscription } = state;
  if (subscription === null) {
    uncollectible(invoice);
    return;
  }
  if (subscription.state === 'waiting' && invoice.index === subscription.firstInvoice) {
    subscription.until = recoveryEnd(state, subscription, at);
    return;
  }
  if (subscription.state !== 'active' || invoice.advance === null) return;
  // A first invoice, or the running cycle's: an older one suspends nothing that is paid.
  if (isAdvancePaid(state, subscription)) return;
  suspend(state, subscription, at, recoveryEnd(state, subscription, at));
}

function recoveryEnd(state: AccountState, subscription: Subscription, at: Second): Second {
  const days = (catalogOf(state) as { recoveryDays?: number }).recoveryDays ?? RECOVERY_DAYS;
  return Math.min(at + days * DAY, cycleOf(subscription).to);
}

/** What is not issued yet is issued first: what begins now comes after it. It is tried as it falls due. */
export function issueDrafts(state: AccountState, at: Second): void {
  for (const draft of state.invoices.filter(({ status }) => status === 'draft')) finishDraft(state, draft, at);
}
