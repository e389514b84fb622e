import { words } from '../words/billing.ts';

/** `Visa ending in 4242` */
export function cardName({ brand, last4 }: { readonly brand: string; readonly last4: string }): string {
  const name = brand.replaceAll('_', ' ');
  return words.card.ending(name.charAt(0).toUpperCase() + name.slice(1), last4);
}
