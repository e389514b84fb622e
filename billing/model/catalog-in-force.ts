import type { Catalog } from '../catalog/catalog.ts';
import type { Facts } from './facts.ts';

/** The version that holds for facts which may have moved on since they were loaded with their catalog (CAT-2). */
export function catalogInForce({ account }: Pick<Facts, 'account'>, catalog: Catalog): Catalog {
  const { successor } = catalog;
  return successor?.version === account.catalogVersion ? successor.catalog : catalog;
}
