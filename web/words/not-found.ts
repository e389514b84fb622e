export const words = {
  title: 'Page not found',
  text: 'The link may be incomplete. Go back to your product and open the page again.',
} as const;
