import type { Command } from '../../billing/model/command.ts';
import { addDays, earliest, type Instant } from '../../billing/calendar/instant.ts';
import { boundaryAt } from '../../billing/calendar/period.ts';
import type { Worker } from './made-up-use.ts';
import { type DemoStage, Past } from './past.ts';

export const CODSPEED = 'demo-codspeed';
export const PAST_DUE = 'demo-past-due';

const OWNER = 'linus';
const WORKS = [
  { feature: 'macro-run', quantity: 4, units: 4, weight: 5 },
  { feature: 'macro-run', quantity: 11, units: 11, weight: 3 },
  { feature: 'macro-run', quantity: 27, units: 27, weight: 1 },
] as const;
const TEAM: readonly Worker[] = [
  { member: 'linus', weight: 3 },
  { member: 'margaret', weight: 4 },
  { member: 'dennis', weight: 1 },
  { member: 'barbara', weight: 3 },
  { member: null, weight: 1 },
];
/** Minutes of each month of the year that is paid for; 600 are included. */
const MONTHS = [740, 980, 610] as const;

/** What happened, and on which day after the signup. */
type Story = readonly (readonly [day: number, name: string, command: Command])[];

function comes(memberId: string): Command {
  return { type: 'admitMember', memberId, login: memberId };
}

/** On Pro by the month, where somebody's seat was removed at the month's end. */
const BY_THE_MONTH: Story = [
  [0, 'card', { type: 'setPaymentMethod', paymentMethodId: 'pm_card_visa' }],
  ...(['linus', 'margaret', 'dennis', 'barbara', 'ken'] as const).map(
    (memberId, day) => [day, memberId, comes(memberId)] as const,
  ),
  [7, 'subscribe', { type: 'subscribe', plan: 'pro', interval: 'month', seats: 6 }],
  [10, 'tony', comes('tony')],
  [20, 'remove tony’s seat', { type: 'removeSeats', memberId: 'tony' }],
];

/** On Pro by the year: somebody found no seat, two were added and paid for at once, and one is to end. */
const BY_THE_YEAR: Story = [
  [40, 'by the year', { type: 'changePlan', interval: 'year' }],
  [42, 'edith', comes('edith')],
  [50, 'two seats', { type: 'addSeats', count: 2 }],
  [55, 'radia', comes('radia')],
  [60, 'invite frances', { type: 'addMember', memberId: 'frances', login: 'frances', role: 'admin' }],
  [70, 'disable ken', { type: 'disableMember', memberId: 'ken' }],
  [75, 'allocation', { type: 'setAutomaticAllocation', enabled: true, ceiling: 10 }],
  [80, 'remove dennis’ seat', { type: 'removeSeats', memberId: 'dennis' }],
  [90, 'budget', { type: 'setCap', meter: 'macro_minutes', capCents: 5_000 }],
];

/** An organization with members in every state, 7 seats by the year of which one is to end, and macro minutes beyond what is included. */
export async function codspeedOrganization(stage: DemoStage, present: Instant): Promise<void> {
  const at = addDays(present, -100);
  const past = await Past.begin(stage, { accountId: CODSPEED, ownerId: OWNER, catalog: 'codspeed', at });
  if (past === null) return;
  const tell = async (story: Story): Promise<void> => {
    for (const [day, name, command] of story) await past.run(past.day(day), command, name, OWNER);
  };
  const use = { works: WORKS, workers: TEAM };
  await tell(BY_THE_MONTH);
  await past.useInWeeks({ ...use, name: 'first weeks', from: past.day(20), to: past.day(37), units: 260 });
  const [yearly, ...later] = BY_THE_YEAR;
  if (yearly !== undefined) await tell([yearly]);
  const anchor = past.day(40);
  const end = past.day(100);
  for (const [month, units] of MONTHS.entries()) {
    const [from, to] = [boundaryAt(anchor, 'month', month), boundaryAt(anchor, 'month', month + 1)];
    if (from >= end) break;
    const until = earliest(to, end);
    await tell(later.filter(([day]) => past.day(day) < until && past.day(day) >= from));
    await past.useInWeeks({ ...use, name: `month ${String(month)}`, from, to, units }, until);
  }
  await past.until(end);
  await past.goOnForReal();
}

/** An organization whose card was declined when its second month began. */
export async function pastDueOrganization(stage: DemoStage, present: Instant): Promise<void> {
  const at = addDays(present, -40);
  const past = await Past.begin(stage, { accountId: PAST_DUE, ownerId: 'jean', catalog: 'codspeed', at });
  if (past === null) return;
  const story: Story = [
    [0, 'card', { type: 'setPaymentMethod', paymentMethodId: 'pm_card_visa' }],
    [0, 'jean', comes('jean')],
    [1, 'marlyn', comes('marlyn')],
    [7, 'subscribe', { type: 'subscribe', plan: 'pro', interval: 'month', seats: 3 }],
    [30, 'card that fails', { type: 'setPaymentMethod', paymentMethodId: 'pm_card_chargeCustomerFail' }],
  ];
  for (const [day, name, command] of story) await past.run(past.day(day), command, name, 'jean');
  await past.until(past.day(40));
  await past.goOnForReal();
}
