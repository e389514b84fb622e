export const words = {
  title: 'There is no such page.',
  text: 'The address may be incomplete. Open the page again from where you came.',
} as const;
