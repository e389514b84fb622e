/** What Stripe's page adds to the address that it leads back to, once a card is saved there (`stripe/open-card-page.ts`). */
const CARD = 'card';

/**
 * Whether one has come here from having saved a card. In the tab that was opened beside a product's frame nobody is signed in, and this is
 * all that there is to say; elsewhere the pages show the card themselves.
 */
export function saysCardSaved(): boolean {
  return new URLSearchParams(window.location.search).get(CARD) === 'saved';
}

/** It was news when one came back, and is none at a later reload. */
export function forgetCardSaved(): void {
  const url = new URL(window.location.href);
  if (!url.searchParams.has(CARD)) return;
  url.searchParams.delete(CARD);
  window.history.replaceState(window.history.state, '', url);
}
