/** What the Budgets page says. */
export const words = {
  title: 'Budgets',
  hint: 'How much metered use is included, and the most that more of it may cost.',
  hintMember: 'How much metered use is included, and how much of it is left.',
  none: 'There is nothing metered here.',
  noneWhy: 'Budgets are for plans with metered use beside seats.',
  left: (quantity: string) => `${quantity} left`,
  open: 'New jobs run.',
  refused: 'New jobs are refused.',
  included: (quantity: string) => `Included: ${quantity} a month, renewed every month, also on a yearly plan.`,
  overage: {
    title: 'Beyond what is included',
    gauge: 'Use beyond what is included, and its budget',
    accrued: 'Accrued',
    ofBudget: (left: string, budget: string) => `${left} left of ${budget}`,
    used: (quantity: string, amount: string) => `${quantity} beyond what is included: ${amount} so far.`,
    rate: (price: string, unit: string) => `${price} for each ${unit} beyond, billed monthly.`,
    units: (quantity: string) => `${quantity} used beyond what is included.`,
    none: 'Nothing is used beyond what is included.',
  },
  rule: {
    ends: (day: string) =>
      `On this plan use ends with what is included: when it is used up, new jobs are refused until ${day}. Nothing more is charged.`,
    noBudget: (unit: string) =>
      `There is no budget: use goes on beyond the included ${unit}s, at the price above, with alerts. Set a budget to limit what it may cost.`,
    budget: (day: string) =>
      `At the budget new jobs are refused until it is raised, or until ${day}. Jobs that are running finish; what they take beyond the budget is written off, visibly, on the invoice.`,
    member: (day: string) =>
      `When what may be used is used up, new jobs are refused until ${day}; running ones finish.`,
  },
  refusals: (count: string) => `${count} refused in this month.`,
  request: 'job',
  set: 'Set a budget',
  change: 'Change budget',
  dialog: {
    title: 'Monthly budget',
    label: (unit: string, currency: string) =>
      `Most that ${unit}s beyond the included ones may cost in a month (${currency})`,
    help: '0 ends use with what is included.',
    worth: (quantity: string) => `Enough for ${quantity} beyond the included ones.`,
    worthNothing: 'Use ends with what is included.',
    accrued: (amount: string) => `${amount} has accrued in this month; it counts, and stays owed whatever you choose.`,
    raises: 'It holds at once. Raising it lets refused jobs run again.',
    lowers: 'That is below what has accrued: new jobs are refused until the next month.',
    save: 'Set budget',
    remove: 'Remove budget',
    removes: 'Without a budget use goes on without a limit, with alerts.',
  },
  alerts: {
    title: 'Alerts',
    hint: 'Each is given once a month. Raising the budget gives those again that are no longer passed.',
    share: 'Share',
    ofIncluded: 'Of what is included',
    ofBudget: 'Of the budget',
    reached: (moment: string) => `reached ${moment}`,
    notYet: 'not yet',
    noBudget: 'no budget',
  },
} as const;
