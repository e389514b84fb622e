import { addSeconds, type Instant } from '../../billing/calendar/instant.ts';
import { catalogFromObject } from '../../billing/catalog/load-catalog.ts';
import type { Invoice } from '../../billing/model/facts.ts';
import { Refusal } from '../../billing/refusal.ts';
import { EngineInMemory } from './engine-in-memory.ts';
import type { WrittenCatalog } from './life-catalogs.ts';
import { type Life, type Step, stepOf } from './random-lives.ts';
import type { ReferenceAccount } from './reference-account.ts';
import { ReferenceLife } from './reference-life.ts';

/** The first thing in a life of which the rules and the engine do not say the same. */
export interface Difference {
  readonly step: number;
  readonly kind: string;
  /** Where, like `invoices[1].total`. */
  readonly what: string;
  readonly rules: unknown;
  readonly engine: unknown;
}

export interface Comparison {
  readonly difference: Difference | null;
  /** The steps as they were played, up to the difference. */
  readonly steps: readonly Step[];
}

/** Plays one life on both sides, and compares everything after every step. An error of either is a difference, too. */
export function compareLife(life: Life): Comparison {
  const steps: Step[] = [];
  try {
    return compareSteps(life, steps);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    const [place = ''] = (error instanceof Error ? (error.stack ?? '') : '').split('\n').slice(1);
    return { steps, difference: { step: steps.length, kind: 'error', what, rules: place.trim(), engine: null } };
  }
}

function compareSteps(life: Life, steps: Step[]): Comparison {
  const rules = new ReferenceLife(life.catalog.catalog, life.start);
  let engine: EngineInMemory | null = null;
  let published: WrittenCatalog = life.catalog.written;
  for (const wish of life.wishes) {
    const account = rules.accounts.get('acme');
    const step = stepOf(wish, {
      now: rules.now,
      dues: () => account?.dues() ?? [],
      boundary: () => account?.boundaryBefore() ?? rules.now,
    });
    if (step === null) continue;
    if (['contract', 'changePlan', 'subscribe', 'close'].some((name) => name in step)) {
      // Not compared yet: what happens in the very second in which a balance began (README).
      do {
        const at = addSeconds(rules.now, 1);
        steps.push({ at });
        rules.moveTo(at);
        engine?.moveTo(at);
      } while (account?.boundaryBefore() === rules.now);
    }
    steps.push(step);
    const [kind = ''] = Object.keys(step);
    const at = (what: string, mine: unknown, theirs: unknown): Comparison => {
      return { steps, difference: { step: steps.length, kind, what, rules: mine, engine: theirs } };
    };
    if (kind === 'signup') {
      rules.play('signup', step[kind] as Step);
      engine = new EngineInMemory(life.catalog.catalog, rules.now, 'alice');
    } else if (engine === null) throw new Error('a life begins with its signup');
    else if (kind === 'at') {
      rules.moveTo(step['at'] as Instant);
      engine.moveTo(step['at'] as Instant);
    } else if (kind === 'publishCatalog') {
      published = changedBy(published, step[kind] as WrittenCatalog);
      const next = catalogFromObject(published, 'life');
      rules.publish(next);
      engine.publish(next);
    } else {
      const body = step[kind] as Step;
      const engineBody = kind === 'creditInvoice' ? sameLine(rules, engine, body) : body;
      const foretold = wish === life.wishes.at(-1) ? engine.foretell(kind, engineBody) : null;
      const mine = rules.play(kind, { account: 'acme', ...body });
      const theirs = outcomeOf(engine, kind, engineBody);
      if (!mine.ok || !theirs.ok) {
        const same = !mine.ok && !theirs.ok && isSameRefusal(mine, theirs);
        if (!same) return at('answer', mine.ok ? 'accepted' : mine.code, theirs.ok ? 'accepted' : theirs.code);
      } else {
        const difference = firstDifference(answerOf(kind, mine.answer), answerOf(kind, theirs.answer), 'answer');
        if (difference !== null) return at(...difference);
        if (foretold !== null) {
          const invoicedCents = engine.invoicedSince(foretold.known);
          if (foretold.dueNowCents !== invoicedCents) return at('preview', invoicedCents, foretold.dueNowCents);
        }
      }
    }
    const difference = compareAccounts(rules, engine);
    if (difference !== null) return at(...difference);
  }
  const difference = engine === null ? null : compareWithWhatFollows(engine);
  if (difference === null) return { steps, difference: null };
  const [what, mine, theirs] = difference;
  return { steps, difference: { step: steps.length, kind: 'end', what, rules: mine, engine: theirs } };
}

const YEAR_SECONDS = 366 * 86_400;

/** INV-3: where every payment succeeds and nothing more happens, the next invoice is the one that was foretold. */
function compareWithWhatFollows(engine: EngineInMemory): Found | null {
  engine.payEverything();
  const foretold = engine.upcoming;
  const known = engine.numbers;
  const wait = 60 * (engine.account.catalog.graceMinutes + 1);
  engine.moveTo(addSeconds(foretold?.issuedAt ?? engine.account.now, foretold === null ? YEAR_SECONDS : wait));
  const issued = engine.account.issued.find(({ number }) => !known.has(number));
  return firstDifference(asSaid(issued ?? null), asSaid(foretold), 'foretold');
}

function asSaid(invoice: Invoice | null): unknown {
  if (invoice === null) return null;
  const { number, purpose, issuedAt, periodStart, periodEnd, total, lines } = invoice;
  const said = lines.map(({ kind, quantity, amount, description }) => ({ kind, quantity, amount, description }));
  return { number, purpose, issuedAt, periodStart, periodEnd, total, lines: said };
}

type Found = readonly [string, unknown, unknown];

type Outcome =
  | { readonly ok: true; readonly answer: unknown }
  | { readonly ok: false; readonly code: string; readonly limit: string | null };

function outcomeOf(engine: EngineInMemory, kind: string, body: Step): Outcome {
  try {
    return { ok: true, answer: engine.play(kind, body) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, code: error.code, limit: error.limit };
    throw error;
  }
}

function isSameRefusal(
  mine: { code: string; limit: string | null },
  theirs: { code: string; limit: string | null },
): boolean {
  return mine.code === theirs.code || mine.limit === theirs.code || mine.code === theirs.limit;
}

/** Of an answer, what the model predicts. */
function answerOf(kind: string, answer: unknown): unknown {
  const given = (answer ?? {}) as Record<string, unknown>;
  switch (kind) {
    case 'use':
    case 'reverse':
    case 'capture':
      return {
        included: given['included'],
        overage: given['overage'],
        trial: given['trial'] ?? 0,
        released: given['released'],
      };
    case 'hold':
      return { held: given['held'], expiresAt: given['expiresAt'] };
    case 'release':
      return { released: given['released'] };
    case 'previewSeats':
      return { dueNowCents: given['dueNowCents'], nextInvoiceCents: given['nextInvoiceCents'] };
    default:
      return {};
  }
}

function compareAccounts(rules: ReferenceLife, engine: EngineInMemory): Found | null {
  const account = rules.accounts.get('acme')!;
  const mine = account.document();
  const theirs = engine.document();
  for (const field of ['phase', 'plan', 'interval', 'trialEndsAt', 'closedAt', 'cycle', 'seats']) {
    const found = firstDifference(mine[field] ?? null, theirs[field] ?? null, field);
    if (found !== null) return found;
  }
  const isPaid = mine['phase'] === 'active' || mine['phase'] === 'past_due';
  const members = (theirs['members'] as Record<string, unknown>[]).map(({ member, state, reason }) => {
    return reason == null ? { member, state } : { member, state, reason };
  });
  return (
    firstDifference(mine['members'], members, 'members') ??
    (account.isAnythingInForce
      ? compareMeters(mine['meters'] as Meters, theirs['meters'] as Meters, {
          isPaid,
          isTrial: mine['phase'] === 'trialing',
        })
      : null) ??
    firstDifference(
      (mine['invoices'] as Step[]).map(asFarAsIssued),
      invoicesOf(engine).map(asFarAsIssued),
      'invoices',
    ) ??
    firstDifference(inOrder(mine['notices']), inOrder(noticesOf(engine)), 'notices') ??
    compareUpcoming(account, engine)
  );
}

/** Facts for which the next invoice was compared already: what was refused, and time in which nothing happens, changes none. */
const foreseen = new WeakSet<object>();

function compareUpcoming(account: ReferenceAccount, engine: EngineInMemory): Found | null {
  const { facts } = engine.account;
  if (foreseen.has(facts)) return null;
  foreseen.add(facts);
  return firstDifference(account.upcomingTotal(), engine.upcoming?.total ?? null, 'upcoming');
}

/** A draft is worked out when it is issued: until then nothing is said of its lines. Lines of one day have no order. */
function asFarAsIssued(invoice: Step): Step {
  if (invoice['status'] !== 'draft') {
    const lines = invoice['lines'] as Step[];
    return { ...invoice, lines: withUseInOne(lines).sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)) };
  }
  const { purpose, status, issuedAt, periodStart, periodEnd } = invoice;
  return { purpose, status, issuedAt, periodStart, periodEnd };
}

/** What was used in a month, whether it is billed in one line or in several. */
function withUseInOne(lines: readonly Step[]): Step[] {
  const sums = new Map<unknown, Step>();
  const others: Step[] = [];
  for (const line of lines) {
    if (line['kind'] !== 'overage' && line['kind'] !== 'adjustment') others.push(line);
    else {
      const { periodStart, amount } = line;
      const sum = (sums.get(periodStart)?.['amount'] as number | undefined) ?? 0;
      sums.set(periodStart, { kind: 'use', periodStart, amount: sum + (amount as number) });
    }
  }
  // What comes to nothing may wait for another invoice.
  return [...others, ...[...sums.values()].filter(({ amount }) => amount !== 0)];
}

function orderOf({ periodStart, kind, amount, quantity }: Step): string {
  return JSON.stringify([periodStart, kind, amount, quantity]);
}

/** The same line on the engine's invoice, which may have those of one day in another order. */
function sameLine(rules: ReferenceLife, engine: EngineInMemory, body: Step): Step {
  const mine = (rules.accounts.get('acme')!.document()['invoices'] as Step[]).find(
    ({ number }) => number === body['number'],
  );
  const line = (mine?.['lines'] as Step[] | undefined)?.[(body['line'] as number) - 1];
  const theirs = invoicesOf(engine).find(({ number }) => number === body['number']);
  if (line === undefined || theirs === undefined) return body;
  const at = (theirs['lines'] as Step[]).findIndex(
    (each) => orderOf({ ...each, quantity: 0 }) === orderOf({ ...line, quantity: 0 }),
  );
  return at === -1 ? body : { ...body, line: at + 1 };
}

type Meters = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function compareMeters(
  mine: Meters,
  theirs: Meters,
  { isPaid, isTrial }: { isPaid: boolean; isTrial: boolean },
): Found | null {
  for (const [meter, told] of Object.entries(theirs)) {
    // A cap counts where overage is sold; elsewhere it is only what was chosen.
    const fields = [
      'included',
      'usedIncluded',
      'overage',
      'overageCents',
      'held',
      ...(isTrial ? ['trial'] : []),
      ...(isPaid ? ['capCents'] : []),
    ];
    for (const field of fields) {
      const found = firstDifference(mine[meter]?.[field], told[field], `meters.${meter}.${field}`);
      if (found !== null) return found;
    }
  }
  return null;
}

function invoicesOf({ account }: EngineInMemory): Step[] {
  return [...account.invoices.values()]
    .sort((a, b) => (a.issuedAt === b.issuedAt ? orderOfNumbers(a, b) : a.issuedAt < b.issuedAt ? -1 : 1))
    .filter(({ status, number }) => number !== null || status === 'draft')
    .filter(
      (invoice) =>
        invoice.number !== null || account.facts.liveInvoices.some((live) => live.invoiceId === invoice.invoiceId),
    )
    .map((invoice) => ({
      number: invoice.number,
      purpose: invoice.purpose,
      status: invoice.status,
      currency: account.facts.account.currency,
      total: invoice.total,
      issuedAt: invoice.issuedAt,
      dueAt: invoice.dueAt ?? null,
      periodStart: invoice.periodStart,
      periodEnd: invoice.periodEnd,
      lines: inOrderOfPeriod(invoice.lines).map(({ kind, quantity, amount, periodStart, periodEnd }) => {
        return { kind, quantity, amount, periodStart, periodEnd };
      }),
    }));
}

function orderOfNumbers({ number: a }: Invoice, { number: b }: Invoice): number {
  return (a ?? 'z') < (b ?? 'z') ? -1 : 1;
}

/** As documents show them. */
function inOrderOfPeriod(lines: Invoice['lines']): Invoice['lines'] {
  return [...lines].sort((a, b) => (a.periodStart < b.periodStart ? -1 : Number(a.periodStart > b.periodStart)));
}

function noticesOf({ account }: EngineInMemory): unknown[] {
  return account.notices.map(({ at, kind }) => ({ at, kind }));
}

function inOrder(notices: unknown): unknown[] {
  return [...(notices as { at: string; kind: string }[])].sort((a, b) =>
    `${a.at} ${a.kind}` < `${b.at} ${b.kind}` ? -1 : 1,
  );
}

/** The first place where two values differ; of mappings, where either says something. */
function firstDifference(mine: unknown, theirs: unknown, path: string): Found | null {
  if (Array.isArray(mine) && Array.isArray(theirs)) {
    if (mine.length !== theirs.length) return [`${path}.length`, mine, theirs];
    for (const [index, value] of mine.entries()) {
      const found = firstDifference(value, theirs[index], `${path}[${index}]`);
      if (found !== null) return found;
    }
    return null;
  }
  if (isMapping(mine) && isMapping(theirs)) {
    for (const key of Object.keys({ ...mine })) {
      if (key === 'stripe' || (key === 'quantity' && mine['kind'] === 'adjustment')) continue;
      const found = firstDifference(mine[key], theirs[key], `${path}.${key}`);
      if (found !== null) return found;
    }
    return null;
  }
  return (mine ?? null) === (theirs ?? null) ? null : [path, mine ?? null, theirs ?? null];
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function changedBy(before: WrittenCatalog, changes: WrittenCatalog): WrittenCatalog {
  const changed: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(changes)) {
    const present = changed[key];
    changed[key] = isMapping(value) && isMapping(present) ? changedBy(present, value) : value;
    if (value === null) Reflect.deleteProperty(changed, key);
  }
  return changed;
}

/** Differences of one kind have one cause, mostly: the step, the place, and the words that differ. */
export function kindOf({ kind, what, rules, engine }: Difference): string {
  const place = what.replaceAll(/\[\d+\]/g, '[]');
  const isWord = typeof rules === 'string' && typeof engine === 'string' && !/^\d{4}-/.test(rules);
  return `${kind} ${place}${isWord ? ` ${rules}/${engine}` : ''}`;
}
