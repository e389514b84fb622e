/** What operators read. */
export const words = {
  installation: 'Perennial',
  overview: 'Overview',
  signIn: {
    title: 'Operator sign-in',
    text: 'With a server key that has the scope operator. npm start keeps one in .perennial/operator-key; `perennial sign-in` prints a link.',
    key: 'Server key',
    placeholder: 'perennial_…',
    submit: 'Sign in',
  },
} as const;
