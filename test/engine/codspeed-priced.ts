import { readFileSync } from 'node:fs';

import type { Catalog } from '../../billing/catalog/catalog.ts';
import { parseCatalogYaml } from '../../billing/catalog/load-catalog.ts';

/** CodSpeed with other prices of a seat, as its next version, or under a name of its own. Without a price for it, no year is sold. */
export function codspeedPriced(prices: { readonly month: number; readonly year?: number }, name = 'codspeed'): Catalog {
  const yaml = readFileSync(new URL('../../catalogs/codspeed.yaml', import.meta.url), 'utf8');
  const catalog = parseCatalogYaml(yaml, 'codspeed.yaml');
  const pro = catalog.plans['pro']!;
  const seats = { ...pro.seats!, prices };
  return { ...catalog, name, plans: { ...catalog.plans, pro: { ...pro, seats } } };
}
