/** What the Budgets page says. */
export const words = {
  title: 'Budgets',
  hint: 'How much metered usage is included, and the most that overage can cost.',
  hintMember: 'How much metered usage is included, and how much is left.',
  none: 'Nothing is metered here.',
  noneWhy: 'Budgets apply to plans that have metered usage in addition to seats.',
  left: (quantity: string) => `${quantity} left`,
  open: 'New jobs run.',
  refused: 'New jobs are refused.',
  included: (quantity: string) => `Included: ${quantity} per month. Renews monthly, on yearly plans too.`,
  overage: {
    title: 'Overage',
    gauge: 'Overage and its budget',
    accrued: 'Accrued',
    ofBudget: (left: string, budget: string) => `${left} left of ${budget}`,
    used: (quantity: string, amount: string) => `${quantity} of overage: ${amount} so far.`,
    rate: (price: string, unit: string) => `${price} per additional ${unit}, billed monthly.`,
    units: (quantity: string) => `${quantity} of overage.`,
    none: 'No overage so far.',
  },
  rule: {
    ends: (day: string) =>
      `On this plan, usage stops when the included amount is used up: new jobs are refused until ${day}. Nothing more is charged.`,
    noBudget: (unit: string) =>
      `No budget is set. Once the included ${unit}s are used up, usage continues at the price above, with alerts. Set a budget to limit what it can cost.`,
    budget: (day: string) =>
      `Once the budget is reached, new jobs are refused until you raise it, or until ${day}. Running jobs finish; what they use beyond the budget isn’t charged and is shown as written off on the invoice.`,
    member: (day: string) => `When nothing is left, new jobs are refused until ${day}. Running jobs finish.`,
  },
  refusals: (count: string) => `${count} refused this month.`,
  request: 'job',
  set: 'Set a budget',
  change: 'Change budget',
  dialog: {
    title: 'Monthly budget',
    label: (unit: string, currency: string) => `Maximum spend on overage ${unit}s per month (${currency})`,
    help: 'Enter 0 to stop usage when the included amount is used up.',
    worth: (quantity: string) => `Enough for ${quantity} of overage.`,
    worthNothing: 'Usage stops when the included amount is used up.',
    accrued: (amount: string) =>
      `${amount} has already accrued this month. It counts toward the budget and is owed whatever you choose.`,
    raises: 'The budget takes effect immediately. Raising it lets refused jobs run again.',
    lowers: 'That’s below what has accrued: new jobs are refused until next month.',
    save: 'Set budget',
    remove: 'Remove budget',
    removes: 'Without a budget, usage continues without a limit, with alerts.',
  },
  alerts: {
    title: 'Alerts',
    hint: 'Each alert is sent once a month. If you raise the budget, alerts that are no longer reached can be sent again.',
    share: 'Threshold',
    ofIncluded: 'Of what’s included',
    ofBudget: 'Of the budget',
    reached: (moment: string) => `reached ${moment}`,
    notYet: 'not yet',
    noBudget: 'no budget',
  },
} as const;
