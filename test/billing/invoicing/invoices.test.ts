import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

import type { Interval } from '../../../billing/calendar/period.ts';
import { parseCatalogYaml } from '../../../billing/catalog/load-catalog.ts';
import type { Line } from '../../../billing/model/facts.ts';
import { begin, life, take } from '../account/random-life.ts';
import { AccountInMemory, catalogNamed, refusalOf } from '../account-in-memory.ts';

const codspeed = catalogNamed('codspeed');
const qodo = catalogNamed('qodo');
const MINUTES = 'macro_minutes';

/** CodSpeed Pro from January 1: 2 000 cents a seat and month, 18 000 a year. */
function pro(seats: number, interval: Interval = 'month', catalog = codspeed): AccountInMemory {
  const account = new AccountInMemory(catalog, '2027-01-01T00:00:00Z').withCard();
  account.do('subscribe', { plan: 'pro', interval, seats });
  return account;
}

const linesOf = (account: AccountInMemory, index: number) =>
  account.issued[index]?.lines.map(({ kind, quantity, amount }) => [kind, quantity, amount]);

describe('INV: what is on an invoice', () => {
  it('INV-2 given thousands of credits, when an invoice tells of them, then with separators', () => {
    const account = new AccountInMemory(qodo, '2027-01-01T00:00:00Z').withCard();
    account.do('subscribe', { plan: 'pro-teams', startNow: true });
    account.use(6300);
    account.until('2027-02-10T00:00:00Z');
    const overage = account.issued[1]?.lines.find(({ kind }) => kind === 'overage');
    expect(overage?.description).toBe('3,800 credits beyond the included 2,500');
  });

  it('INV-1 given several acts, when invoices are issued, then each has an id of its own and numbers have no gaps', () => {
    const account = pro(1, 'year');
    account.until('2027-03-01T00:00:00Z').do('addSeats', { count: 1 });
    account.do('addSeats', { count: 2 });
    account.until('2028-01-01T00:00:00Z');
    expect(account.issued.map(({ purpose, number }) => [purpose, number])).toEqual([
      ['start', 'acme-0001'],
      ['seats', 'acme-0002'],
      ['seats', 'acme-0003'],
      ['cycle', 'acme-0004'],
    ]);
    expect(new Set(account.issued.map((invoice) => invoice.invoiceId)).size).toBe(4);
  });

  it('INV-1 given an unpaid subscription taken back, when subscribing again in the same second, then it is another invoice (complaint 5)', () => {
    const account = new AccountInMemory(qodo, '2027-01-01T00:00:00Z').until('2027-01-20T00:00:00Z').withCard();
    account.card = { kind: 'failed', reason: 'declined', detail: 'no' };
    account.do('subscribe', { plan: 'pro-teams' });
    account.do('cancel', {});
    account.card = { kind: 'paid' };
    account.do('subscribe', { plan: 'pro-teams' });
    expect(account.issued.map(({ number, status }) => [number, status])).toEqual([
      ['acme-0001', 'void'],
      ['acme-0002', 'paid'],
    ]);
  });

  it('INV-1 given issued invoices, when more happens, then their lines and totals never change', () => {
    const account = pro(2);
    const before = structuredClone(account.issued);
    account.do('addSeats', { count: 3 });
    account.useMeter(MINUTES, 60 * 700);
    account.until('2027-06-01T00:00:00Z');
    expect(account.issued.slice(0, before.length)).toEqual(before);
  });

  it('INV-2 given overage and a seat added half-way, when the month ends, then one invoice has the old arrears and the new advance', () => {
    const account = pro(1);
    account.useMeter(MINUTES, 60 * 700);
    account.until('2027-01-16T12:00:00Z').do('addSeats', { count: 1 });
    account.until('2027-02-01T00:00:00Z');
    // 2 × 2 000; 2 000 × 15.5 ÷ 31 = 1 000; 100 × 32 ÷ 10 = 320.
    expect(linesOf(account, 1)).toEqual([
      ['seats', 2, 4000],
      ['proration', 1, 1000],
      ['overage', 100, 320],
    ]);
    expect(account.bills[1]).toEqual(['cycle', 5320, 'paid']);
  });

  it('INV-3 given a moment in the month, when the upcoming invoice is asked for, then it is what is then issued, to the line', () => {
    const account = pro(2);
    account.until('2027-01-16T12:00:00Z').do('addSeats', { count: 1 });
    account.do('removeSeats', { count: 1 });
    account.useMeter(MINUTES, 60 * 777);
    const upcoming = account.upcoming();
    account.until('2027-02-01T00:00:00Z');
    expect(account.issued[1]).toMatchObject({
      lines: upcoming?.lines,
      number: upcoming?.number,
      issuedAt: upcoming?.issuedAt,
    });
  });

  it('INV-3 given a draft in its grace, when the upcoming invoice is asked for, then it is that one', () => {
    const catalog = { ...qodo, graceMinutes: 60 };
    const account = new AccountInMemory(catalog, '2027-01-01T00:00:00Z').withCard();
    account.do('subscribe', { plan: 'pro-teams', startNow: true });
    account.use(2600);
    account.until('2027-02-01T00:30:00Z');
    expect(account.bills).toHaveLength(1);
    // 3 000 + 100 × 1.2 = 3 120 cents, dated at the boundary.
    expect(account.upcoming()).toMatchObject({ total: 3120, issuedAt: '2027-02-01T00:00:00Z' });
    account.until('2027-02-01T01:00:00Z');
    expect(account.bills[1]).toEqual(['cycle', 3120, 'paid']);
  });

  it('INV-3 given any life, when the upcoming invoice and a seat’s preview are asked for at any moment, then that is what is issued', () => {
    fc.assert(
      fc.property(life, fc.integer({ min: 1, max: 5 }), ({ catalog, steps }, count) => {
        const account = begin(catalog);
        if (catalog.name !== 'qodo')
          account.do('subscribe', { plan: 'pro', interval: steps.length % 2 === 0 ? 'month' : 'year' });
        for (const step of steps) take(account, step);
        account.card = { kind: 'paid' };
        account.sentInvoices = 'paid';
        take(account, { kind: 'newCard' });
        if (catalog.name !== 'qodo' && account.facts.account.phase === 'active' && account.facts.seats.length > 0) {
          const preview = account.previewSeats(count);
          const known = account.issued.length;
          account.do('addSeats', { count });
          const charged = account.issued.slice(known).find((invoice) => invoice.status === 'paid');
          expect(preview.dueNowCents).toBe(charged?.total ?? 0);
          expect(preview.nextInvoiceCents).toBe(account.upcoming()?.total ?? 0);
        }
        const upcoming = account.upcoming();
        const known = new Set(account.issued.map((invoice) => invoice.invoiceId));
        account.until('2034-01-01T00:00:00Z');
        const next = account.issued.find((invoice) => !known.has(invoice.invoiceId));
        expect(next === undefined ? null : [next.issuedAt, next.number, next.lines]).toEqual(
          upcoming === null ? null : [upcoming.issuedAt, upcoming.number, upcoming.lines],
        );
      }),
      { numRuns: 80 },
    );
  });
});

describe('INV: payments that fail', () => {
  const failing = { kind: 'failed', reason: 'declined', detail: 'insufficient funds' } as const;

  /** Renewal of February 1 that the bank declines. */
  function pastDue(): AccountInMemory {
    const account = pro(2);
    account.access('ann');
    account.card = failing;
    return account.until('2027-02-01T00:00:00Z');
  }

  it('INV-5 given a renewal that fails, when days pass, then it is tried again after 1, 3, 5 and 7 days, and never more', () => {
    const account = pastDue().until('2027-02-14T00:00:00Z');
    const failures = account.audit.filter((entry) => entry.action === 'payment.failed').map((entry) => entry.at);
    expect(failures).toEqual(['01', '02', '04', '06', '08'].map((day) => `2027-02-${day}T00:00:00Z`));
    expect(account.issued[1]).toMatchObject({ attempts: 5, nextAttemptAt: null, status: 'open' });
    expect(account.notices.filter((notice) => notice.kind === 'payment_failed')).toHaveLength(5);
  });

  it('INV-5 given a failed renewal, when it is retried, then paid seats work, and neither overage nor new seats do', () => {
    const account = pastDue();
    expect(account.facts.account.phase).toBe('past_due');
    expect(account.access('ann')?.state).toBe('enabled');
    account.useMeter(MINUTES, 60 * 600);
    expect(refusalOf(() => account.useMeter(MINUTES, 1))).toBe('payment_failed');
    expect(refusalOf(() => account.do('addSeats', { count: 1 }))).toBe('payment_failed');
  });

  it('INV-5 given Qodo and a failed renewal, when an event needs overage, then it is refused whole and the base stays', () => {
    const account = new AccountInMemory(qodo, '2027-01-01T00:00:00Z').withCard();
    account.do('subscribe', { plan: 'pro-teams', startNow: true });
    account.card = failing;
    account.until('2027-02-01T00:00:00Z');
    account.use(2499);
    expect(refusalOf(() => account.use(2))).toBe('payment_failed');
    expect(account.use(1).includedUnits).toBe(1);
  });

  it('INV-5 given the last try failed, when the catalog has a free plan, then its rules hold; without one everything is refused', () => {
    const account = pastDue().until('2027-02-08T00:00:00Z');
    expect(account.facts.account.phase).toBe('free');
    expect(account.facts.subscription?.state).toBe('suspended');
    const workspace = new AccountInMemory(qodo, '2027-01-01T00:00:00Z').withCard();
    workspace.do('subscribe', { plan: 'pro-teams', startNow: true });
    workspace.card = failing;
    workspace.until('2027-02-08T00:00:00Z');
    expect(workspace.facts.account).toMatchObject({ phase: 'blocked', blockedCode: 'payment_failed' });
    expect(refusalOf(() => workspace.use(1))).toBe('payment_failed');
  });

  it('INV-5 given nobody pays, when seven days have passed since the last try, then the advance is void, visibly, and nothing is invoiced any more', () => {
    const account = pastDue().until('2027-02-14T23:59:59Z');
    expect(account.facts.subscription).toMatchObject({ state: 'suspended' });
    account.until('2027-02-15T00:00:00Z');
    expect(account.bills).toEqual([
      ['start', 4000, 'paid'],
      ['cycle', 4000, 'void'],
    ]);
    expect(account.facts).toMatchObject({ subscription: null, seats: [], liveInvoices: [] });
    account.until('2028-03-01T00:00:00Z');
    expect(account.bills).toHaveLength(2);
  });

  it.each(['2027-02-03T07:00:00Z', '2027-02-14T23:59:59Z'])(
    'INV-6 given a failed renewal, when a new card comes at %s, then it is paid at once and service is back in the same cycle',
    (at) => {
      const account = pastDue().until(at);
      account.card = { kind: 'paid' };
      account.withCard();
      expect(account.facts.account.phase).toBe('active');
      expect(account.facts.subscription).toMatchObject({
        state: 'running',
        cycle: { start: '2027-02-01T00:00:00Z', end: '2027-03-01T00:00:00Z' },
      });
      expect(account.issued[1]).toMatchObject({ status: 'paid', paidAt: at });
      expect(account.access('ann')?.state).toBe('enabled');
      account.do('addSeats', { count: 1 });
      account.until('2027-03-01T00:00:00Z');
      expect(account.bills).toHaveLength(3);
    },
  );

  it('INV-6 given a new card that fails too, when it is tried out of turn, then the other tries stay as they are', () => {
    const account = pastDue().until('2027-02-03T07:00:00Z').withCard();
    expect(account.issued[1]).toMatchObject({ attempts: 3, nextAttemptAt: '2027-02-04T00:00:00Z' });
    account.card = { kind: 'paid' };
    account.until('2027-02-04T00:00:00Z');
    expect(account.issued[1]).toMatchObject({ status: 'paid', paidAt: '2027-02-04T00:00:00Z' });
  });
});

describe('MON: lines and small amounts', () => {
  it('MON-2 MON-5 given any life, when invoices are issued, then every line has a rule, a formula and inputs, and totals are sums', () => {
    fc.assert(
      fc.property(life, ({ catalog, steps }) => {
        const account = begin(catalog);
        for (const step of steps) take(account, step);
        for (const invoice of account.issued) {
          expect(invoice.currency).toBe('usd');
          expect(invoice.total).toBe(invoice.lines.reduce((sum, line) => sum + line.amount, 0));
          for (const line of invoice.lines) assertExplained(line);
        }
      }),
      { numRuns: 60 },
    );
  });

  function assertExplained({ amount, description, explanation }: Line): void {
    expect(Number.isSafeInteger(amount)).toBe(true);
    expect(description).not.toBe('');
    expect(explanation.rule).toMatch(/^[A-Z]{3}-\d+$/);
    expect(explanation.formula).not.toBe('');
    expect(Object.keys(explanation.inputs).length).toBeGreaterThan(0);
    expect(Object.values(explanation.inputs)).not.toContain(undefined);
  }

  it('MON-5 given a prorated seat, when its line is read, then the amount can be worked out again from its inputs', () => {
    const account = pro(1);
    account.until('2027-01-16T12:00:00Z').do('addSeats', { count: 3 });
    const [line] = account.facts.pendingLines;
    const { priceCents, seats, from, cycleStart, cycleEnd } = line?.explanation.inputs ?? {};
    const seconds = (start: unknown, end: unknown) => (Date.parse(String(end)) - Date.parse(String(start))) / 1000;
    const again = (Number(priceCents) * Number(seats) * seconds(from, cycleEnd)) / seconds(cycleStart, cycleEnd);
    // 2 000 × 3 × 15.5 ÷ 31 = 3 000.
    expect([line?.amount, again]).toEqual([3000, 3000]);
  });

  it('MON-6 given overage below 50 cents, when it is invoiced, then it is carried to the next invoice as a visible line', () => {
    const account = pro(1, 'year');
    account.useMeter(MINUTES, 60 * 610);
    account.until('2027-02-01T00:00:00Z').useMeter(MINUTES, 60 * 610);
    account.until('2027-03-01T00:00:00Z');
    // 10 × 3.2 = 32 cents a month: 32 are carried, 32 + 32 = 64 are charged.
    expect(account.bills.slice(1)).toEqual([
      ['cycle', 32, 'carried'],
      ['cycle', 64, 'paid'],
    ]);
    expect(account.issued[1]).toMatchObject({ attempts: 0 });
    expect(linesOf(account, 2)).toEqual([
      ['carried', 1, 32],
      ['overage', 10, 32],
    ]);
  });

  it('MON-6 given exactly 50 cents, when it is invoiced, then it is charged', () => {
    const account = pro(1, 'year', { ...codspeed, plans: { ...codspeed.plans, pro: withOveragePrice(50) } });
    account.useMeter(MINUTES, 60 * 610);
    account.until('2027-02-01T00:00:00Z');
    expect(account.bills[1]).toEqual(['cycle', 50, 'paid']);
  });

  function withOveragePrice(cents: number) {
    const plan = codspeed.plans['pro'];
    const allowance = plan?.meters[MINUTES];
    if (plan === undefined || allowance === undefined) throw new Error('codspeed has a Pro plan with minutes');
    return { ...plan, meters: { [MINUTES]: { ...allowance, overage: { cents, per: 10 } } } };
  }

  it('MON-6 given a final invoice below 50 cents, when it is issued, then it is written off, visibly, without the provider', () => {
    const account = new AccountInMemory(qodo, '2027-01-01T00:00:00Z').withCard();
    account.do('subscribe', { plan: 'pro-teams', startNow: true });
    account.use(2510);
    account.do('cancel', {});
    account.until('2027-02-01T00:00:00Z');
    // 10 × 1.2 = 12 cents.
    expect(linesOf(account, 1)).toEqual([
      ['overage', 10, 12],
      ['adjustment', 1, -12],
    ]);
    expect(account.issued[1]).toMatchObject({ purpose: 'final', total: 0, status: 'paid', attempts: 0 });
    expect(account.facts.pendingLines).toEqual([]);
  });

  it('MON-7 given a catalog’s currency, when an account has subscribed, then every invoice is in it', () => {
    const account = pro(1, 'month', { ...codspeed, currency: 'eur' });
    account.until('2027-04-01T00:00:00Z');
    expect(account.issued.map((invoice) => invoice.currency)).toEqual(['eur', 'eur', 'eur', 'eur']);
    // Even when a later version of the catalog says otherwise.
    const moved = pro(1);
    moved.versions.set(1, { ...codspeed, currency: 'eur' });
    moved.until('2027-02-01T00:00:00Z');
    expect(moved.issued.map((invoice) => invoice.currency)).toEqual(['usd', 'usd']);
  });
});

describe('golden: published worked examples', () => {
  const cases = z
    .array(z.object({ id: z.string(), expect: z.unknown() }))
    .parse(parse(readFileSync(new URL('../golden.yaml', import.meta.url), 'utf8')));

  it('SBI-5 golden no-refund-on-decrease: 10 units paid in advance, reduced to 5 on day 5, give nothing back', () => {
    const catalog = parseCatalogYaml(
      `
name: units
entity: organization
currency: usd
afterTrial: free
defaultPlan: free
plans:
  free: { seats: { limit: 5 } }
  pro: { seats: { month: 1000 } }
`,
      'units.yaml',
    );
    const account = pro(10, 'month', catalog);
    account.until('2027-01-05T00:00:00Z').do('removeSeats', { count: 5 });
    const refunded = [...account.issued.slice(1), ...account.facts.liveInvoices, ...account.facts.pendingLines];
    expect(refunded.length).toBe(cases.find((example) => example.id === 'no-refund-on-decrease')?.expect);
    account.until('2027-02-01T00:00:00Z');
    // 10 × 1 000 for January, 5 × 1 000 for February.
    expect(account.bills).toEqual([
      ['start', 10_000, 'paid'],
      ['cycle', 5000, 'paid'],
    ]);
  });
});
