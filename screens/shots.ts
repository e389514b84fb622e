/** One picture of a page: whose eyes see it, and where. */
export interface Shot {
  readonly name: string;
  readonly as: 'operator' | { readonly account: string; readonly memberId: string; readonly role: 'admin' | 'member' };
  readonly path: string;
  /** What is pressed first, by role and name: a dialog is a page's second face. */
  readonly press?: readonly { readonly role: 'button' | 'tab' | 'radio'; readonly name: string | RegExp }[];
  /** What is said when what was pressed is done. */
  readonly until?: string | RegExp;
}

const QODO = { account: 'demo-qodo', memberId: 'ada', role: 'admin' } as const;
const TRIAL = { account: 'demo-trial', memberId: 'joan', role: 'admin' } as const;
const CODSPEED = { account: 'demo-codspeed', memberId: 'linus', role: 'admin' } as const;
const PAST_DUE = { account: 'demo-past-due', memberId: 'jean', role: 'admin' } as const;

function pageOf(as: Exclude<Shot['as'], 'operator'>, page: string): string {
  return `/portal/${as.account}/${page}`;
}

/** Every page there is, with the demo accounts of `npm start`. */
export const SHOTS: readonly Shot[] = [
  { name: 'billing-credits', as: QODO, path: pageOf(QODO, 'billing') },
  { name: 'billing-trial', as: TRIAL, path: pageOf(TRIAL, 'billing') },
  { name: 'billing-seats', as: CODSPEED, path: pageOf(CODSPEED, 'billing') },
  { name: 'billing-past-due', as: PAST_DUE, path: pageOf(PAST_DUE, 'billing') },
  { name: 'usage', as: QODO, path: pageOf(QODO, 'usage') },
  { name: 'members', as: CODSPEED, path: pageOf(CODSPEED, 'members') },
  { name: 'budgets', as: CODSPEED, path: pageOf(CODSPEED, 'budgets') },
  { name: 'invoices', as: QODO, path: pageOf(QODO, 'invoices') },
  { name: 'invoice', as: CODSPEED, path: pageOf(CODSPEED, 'invoices/demo-codspeed-0003') },
  {
    name: 'add-seats',
    as: CODSPEED,
    path: pageOf(CODSPEED, 'members'),
    press: [{ role: 'button', name: 'Add seats' }],
  },
  { name: 'activity', as: CODSPEED, path: pageOf(CODSPEED, 'activity') },
  {
    name: 'billing-member',
    as: { account: 'demo-codspeed', memberId: 'margaret', role: 'member' },
    path: '/portal/demo-codspeed/billing',
  },
  { name: 'operator-accounts', as: 'operator', path: '/operator/' },
  { name: 'operator-account', as: 'operator', path: '/operator/accounts/demo-codspeed' },
  {
    name: 'reconciliation',
    as: 'operator',
    path: '/operator/reconciliation',
    press: [{ role: 'button', name: 'Compare the books' }],
    until: /Nothing differs|(was|were) found/,
  },
  {
    name: 'time-machine',
    as: 'operator',
    path: '/operator/time-machine',
    press: [
      { role: 'button', name: '+1 month' },
      { role: 'button', name: '+1 month' },
    ],
  },
  {
    name: 'compare',
    as: 'operator',
    path: '/operator/compare',
    press: [{ role: 'button', name: 'Play the year' }],
    until: 'What it costs',
  },
];
