/** What operators read. */
export const words = {
  installation: 'Perennial',
  overview: 'Overview',
  signIn: {
    title: 'Operator sign-in',
    text: 'Sign in with a server key that has the operator scope. On a local stack, run `perennial sign-in` to get a link.',
    key: 'Server key',
    placeholder: 'perennial_…',
    submit: 'Sign in',
  },
} as const;
