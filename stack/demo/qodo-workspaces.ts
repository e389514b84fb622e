import { addDays, earliest, type Instant } from '../../billing/calendar/instant.ts';
import { boundaryAt } from '../../billing/calendar/period.ts';
import type { Work, Worker } from './made-up-use.ts';
import { type DemoStage, Past } from './past.ts';

export const QODO = 'demo-qodo';
export const TRIAL = 'demo-trial';

const OWNER = 'ada';
const TRIAL_DAYS = 14;
const MEMBERS = [
  [OWNER, 'admin'],
  ['grace', 'admin'],
  ['edsger', 'member'],
  ['barbara', 'member'],
  ['tony', 'member'],
] as const;

/** As `catalogs/qodo.yaml` prices them. */
export const CREDIT_WORKS: readonly Work[] = [
  { feature: 'review', units: 139, weight: 8 },
  { feature: 'ask', units: 12, weight: 6 },
  { feature: 'ask', model: 'example-large', units: 40, weight: 4 },
  { feature: 'describe', units: 25, weight: 4 },
  { feature: 'improve', units: 90, weight: 3 },
  { feature: 'improve', model: 'example-large', units: 240, weight: 2 },
  { feature: 'generate-tests', units: 180, weight: 2 },
];
const TEAM: readonly Worker[] = [
  { member: 'ada', weight: 6 },
  { member: 'grace', weight: 5 },
  { member: 'edsger', weight: 3 },
  { member: 'barbara', weight: 4 },
  { member: 'tony', weight: 2 },
  { member: null, weight: 2 },
];

/** What each of the paid months uses, in credits; the large pack includes 20,000. The second comes near its cap. */
const MONTHS = [21_300, 23_900, 27_500] as const;

/**
 * A workspace with a past of a hundred days: a trial, then the large pack of Pro Teams, with overage in three months, of which the second
 * came near its cap, so that it was raised.
 */
export async function qodoWorkspace(stage: DemoStage, present: Instant): Promise<void> {
  const signedUpAt = addDays(present, -100);
  const past = await Past.begin(stage, { accountId: QODO, ownerId: OWNER, catalog: 'qodo', at: signedUpAt });
  if (past === null) return;
  const trialEndsAt = past.day(TRIAL_DAYS);
  const use = { works: CREDIT_WORKS, workers: TEAM };
  for (const [memberId, role] of MEMBERS) {
    await past.run(past.day(0), { type: 'addMember', memberId, login: memberId, role }, memberId, OWNER);
  }
  await past.useInWeeks({ ...use, name: 'trial', from: past.day(0), to: past.day(10), units: 6_000 });
  await past.run(past.day(10), { type: 'setPaymentMethod', paymentMethodId: 'pm_card_visa' }, 'card', OWNER);
  const plan = { type: 'subscribe', plan: 'pro-teams', pack: 'large', capCents: 5_000 } as const;
  await past.run(past.day(10), plan, 'subscribe', OWNER);
  await past.useInWeeks({ ...use, name: 'rest of trial', from: past.day(10), to: trialEndsAt, units: 3_000 });
  const end = past.day(100);
  for (const [month, units] of MONTHS.entries()) {
    const [from, to] = [boundaryAt(trialEndsAt, 'month', month), boundaryAt(trialEndsAt, 'month', month + 1)];
    if (month === 2) {
      await past.run(addDays(from, 2), { type: 'setCap', meter: 'credits', capCents: 10_000 }, 'cap', OWNER);
    }
    await past.useInWeeks({ ...use, name: `month ${String(month)}`, from, to, units }, earliest(to, end));
  }
  await past.until(end);
  await past.goOnForReal();
}

/** A workspace on day 10 of its trial, with some use every day. It lives on the real clock from the first. */
export async function trialWorkspace(stage: DemoStage, present: Instant): Promise<void> {
  const signedUpAt = addDays(present, -10);
  const past = await Past.begin(stage, { accountId: TRIAL, ownerId: 'joan', catalog: 'qodo', at: signedUpAt });
  if (past === null) return;
  const joan = { type: 'addMember', memberId: 'joan', login: 'joan', role: 'admin' } as const;
  await past.run(past.day(0), joan, 'joan', 'joan');
  const workers = [
    { member: 'joan', weight: 2 },
    { member: 'kathleen', weight: 1 },
  ];
  await past.useInWeeks({
    name: 'trial',
    works: CREDIT_WORKS,
    workers,
    from: past.day(0),
    to: past.day(10),
    units: 4_000,
  });
  await past.until(past.day(10));
  await past.goOnForReal();
}
