/** How somebody comes to a dialog: by one of the page's buttons, or by an item of the menu that a button opens. */
export interface DialogToOpen {
  /** In `web/`: what is in it. */
  readonly file: string;
  readonly button: string | RegExp;
  readonly item?: string;
  /** What the server refuses before, where that is what the dialog is about. */
  readonly refused?: string;
  readonly title: string | RegExp;
}

export interface PageToLookAt {
  /** In `web/`. */
  readonly file: string;
  /** After what comes before all of somebody's pages; an account in it is named by its situation. */
  readonly path: string;
  readonly heading: string | RegExp;
  readonly dialogs: readonly DialogToOpen[];
}

/** In these situations, as they are set up in `every-dialog.test.ts`, every page and every dialog is seen. */
export type Situation =
  'organization' | 'workspace' | 'trial' | 'trial with a card' | 'past due' | 'member' | 'operator' | 'nobody';

const OF_BILLING: Pick<PageToLookAt, 'file' | 'path' | 'heading'> = {
  ...{ file: 'billing/billing-page.tsx', path: '/billing', heading: 'Billing' },
};

/** A page or a dialog that is in `web/` and not here fails a test. */
export const EVERY_PAGE: Readonly<Record<Situation, readonly PageToLookAt[]>> = {
  organization: [
    {
      ...OF_BILLING,
      dialogs: [
        { file: 'billing/change-dialog.tsx', button: 'Change plan', title: 'Change plan' },
        { file: 'billing/leave-dialog.tsx', button: 'Change to Free', title: 'Change to Free' },
        { file: 'billing/contacts-dialog.tsx', button: 'Edit', title: 'Billing contacts' },
        { file: 'components/why-dialog.tsx', button: /^Why\?/, title: 'Why this amount' },
      ],
    },
    { file: 'usage/usage-page.tsx', path: '/usage', heading: 'Usage', dialogs: [] },
    {
      ...{ file: 'members/members-page.tsx', path: '/members', heading: 'Members' },
      dialogs: [
        { file: 'members/add-seats.tsx', button: 'Add seats', title: 'Add seats' },
        { file: 'members/remove-seats.tsx', button: 'Remove seats', title: 'Remove seats' },
        { file: 'members/change-allocation.tsx', button: 'Turn on', title: 'Turn on automatic allocation' },
        { file: 'members/invite.tsx', button: 'Invite a member', title: 'Invite a member' },
        ...(
          [
            ['members/disable-members.tsx', 'Actions for bob', 'Disable', 'Disable bob'],
            ['members/enable-members.tsx', 'Actions for dora', 'Enable', 'Enable dora'],
            ['members/change-role.tsx', 'Actions for bob', 'Make admin', 'Make bob an admin'],
            ['members/remove-seats.tsx', 'Actions for bob', 'Remove seat', 'Remove seats'],
          ] as const
        ).map(([file, button, item, title]) => ({ file, button, item, title })),
      ],
    },
    {
      ...{ file: 'budgets/budgets-page.tsx', path: '/budgets', heading: 'Budgets' },
      dialogs: [{ file: 'budgets/budget-dialog.tsx', button: 'Set a budget', title: 'Monthly budget' }],
    },
    {
      ...{ file: 'invoices/invoices-page.tsx', path: '/invoices', heading: 'Invoices' },
      dialogs: [
        {
          ...{ file: 'invoices/pdf-button.tsx', button: /^Download .* as PDF$/, title: /^Download .* as PDF$/ },
          refused: '**/*.pdf',
        },
      ],
    },
    { file: 'activity/activity-page.tsx', path: '/activity', heading: 'Activity', dialogs: [] },
  ],
  workspace: [
    {
      ...OF_BILLING,
      dialogs: [
        { file: 'billing/cap-dialog.tsx', button: 'Change cap', title: 'Spending cap' },
        { file: 'billing/take-back-dialog.tsx', button: 'Undo', title: 'Undo the scheduled change' },
      ],
    },
  ],
  trial: [
    { ...OF_BILLING, dialogs: [{ file: 'billing/needs-card-dialog.tsx', button: 'Subscribe', title: 'Subscribe' }] },
  ],
  'trial with a card': [
    { ...OF_BILLING, dialogs: [{ file: 'billing/subscribe-dialog.tsx', button: 'Subscribe', title: 'Subscribe' }] },
  ],
  'past due': [
    { ...OF_BILLING, dialogs: [{ file: 'billing/pay-dialog.tsx', button: 'Pay now', title: 'Pay the open invoice' }] },
    {
      ...{ file: 'invoices/invoice-page.tsx', path: '/invoices/{past due}-0002', heading: /^Invoice/ },
      dialogs: [],
    },
  ],
  member: [
    { ...OF_BILLING, dialogs: [] },
    { file: 'members/members-page.tsx', path: '/members', heading: 'Members', dialogs: [] },
  ],
  nobody: [
    { file: 'operator/sign-in.tsx', path: '/operator/', heading: 'Operator sign-in', dialogs: [] },
    { file: 'portal/portal-frame.tsx', path: '/portal/', heading: 'Your session has ended.', dialogs: [] },
    {
      ...{ file: 'portal/portal-frame.tsx', path: '/portal/acme/billing?card=saved', heading: 'Your card is saved.' },
      dialogs: [],
    },
    { file: 'app/not-found.tsx', path: '/portal/acme/none', heading: 'Page not found', dialogs: [] },
  ],
  operator: [
    {
      ...{ file: 'operator/accounts-page.tsx', path: '/', heading: 'Accounts' },
      dialogs: [{ file: 'operator/sign-up-dialog.tsx', button: 'Sign up an account', title: 'Sign up an account' }],
    },
    {
      ...{ file: 'operator/account-overview-page.tsx', path: '/accounts/{past due}', heading: /^late/ },
      dialogs: [
        { file: 'operator/open-as-customer.tsx', button: 'Open as a customer', title: 'Open as a customer' },
        { file: 'operator/record-payment.tsx', button: /^Record the payment/, title: /^Record the payment/ },
        { file: 'operator/contract-dialog.tsx', button: 'Set a contract', title: 'Enterprise contract' },
        { file: 'operator/credit-dialog.tsx', button: 'Issue a credit note', title: 'Issue a credit note' },
        {
          file: 'operator/migrate-catalog.tsx',
          button: /^Move to another version/,
          title: 'Move to another catalog version',
        },
        { file: 'operator/close-account.tsx', button: 'Close the account', title: 'Close the account permanently' },
      ],
    },
    {
      ...{ file: 'operator/account-overview-page.tsx', path: '/accounts/{trial}', heading: /^trial/ },
      dialogs: [{ file: 'operator/extend-trial.tsx', button: 'Extend the trial', title: 'Extend the trial' }],
    },
    { file: 'operator/reconciliation-page.tsx', path: '/reconciliation', heading: 'Reconciliation', dialogs: [] },
    {
      ...{ file: 'operator/time-machine-page.tsx', path: '/time-machine', heading: 'Time machine' },
      dialogs: [{ file: 'operator/new-clock-dialog.tsx', button: 'New clock', title: 'Create a test clock' }],
    },
    { file: 'operator/compare-page.tsx', path: '/compare', heading: 'Compare catalogs', dialogs: [] },
  ],
};
