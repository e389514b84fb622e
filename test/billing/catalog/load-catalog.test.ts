import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import type { Catalog } from '../../../billing/catalog/catalog.ts';
import { catalogFromObject, parseCatalogYaml } from '../../../billing/catalog/load-catalog.ts';
import { Refusal } from '../../../billing/refusal.ts';

const CATALOGS = new URL('../../../catalogs/', import.meta.url);

function load(file: string): Catalog {
  return parseCatalogYaml(readFileSync(new URL(file, CATALOGS), 'utf8'), file);
}

function refusalOf(text: string): Refusal {
  try {
    parseCatalogYaml(text, 'shop.yaml');
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('The catalog was accepted.');
}

/** The inline example of the scenario format, with one part replaced. */
function example(change: (text: string) => string = (text) => text): string {
  return change(`name: example
entity: workspace
currency: usd
trial: { days: 14 }
afterTrial: blocked
defaultPlan: free
graceMinutes: 60
meters:
  credits: { unit: credit }
  macro_minutes: { unit: minute, granularitySeconds: 1 }
features: { review: { meter: credits, quantity: 139 } }
plans:
  pro-teams:
    selfServe: true
    packs: { small: { month: 3000, included: { credits: 2500 } } }
    caps: { credits: { required: true, defaultCents: 5000 } }
  pro:
    selfServe: true
    seats: { month: 2000, year: 18000 }
    meters: { macro_minutes: { includedPerMonth: 600, overage: { cents: 32, per: 10 }, cap: optional } }
  free:
    seats: { limit: 5 }
`);
}

const replaced = (from: string, to: string) =>
  example((text) => {
    if (!text.includes(from)) throw new Error(`The example has no ${from}`);
    return text.replace(from, to);
  });

describe('CAT-1 everything a product sells is data', () => {
  it('CAT-1 given the example of the scenario format, when loaded, then every part is there, defaults filled in', () => {
    expect(parseCatalogYaml(example(), 'shop.yaml')).toEqual({
      name: 'example',
      entity: 'workspace',
      currency: 'usd',
      trial: { days: 14 },
      afterTrial: 'blocked',
      defaultPlan: 'free',
      graceMinutes: 60,
      recoveryDays: 7,
      meters: {
        credits: { name: 'credits', unit: 'credit', granularitySeconds: null },
        macro_minutes: { name: 'macro_minutes', unit: 'minute', granularitySeconds: 1 },
      },
      features: { review: { meter: 'credits', quantity: 139 } },
      plans: {
        'pro-teams': {
          name: 'pro-teams',
          title: 'Pro Teams',
          selfServe: true,
          packs: { small: { name: 'small', prices: { month: 3000 }, included: { credits: 2500 } } },
          seats: null,
          meters: {},
          caps: { credits: { required: true, defaultCents: 5000 } },
          attributes: {},
        },
        pro: {
          name: 'pro',
          title: 'Pro',
          selfServe: true,
          packs: null,
          seats: { prices: { month: 2000, year: 18000 }, limit: null },
          meters: { macro_minutes: { includedPerMonth: 600, overage: { cents: 32, per: 10 }, cap: 'optional' } },
          caps: {},
          attributes: {},
        },
        free: {
          name: 'free',
          title: 'Free',
          selfServe: true,
          packs: null,
          seats: { prices: {}, limit: 5 },
          meters: {},
          caps: {},
          attributes: {},
        },
      },
    });
  });

  it('CAT-1 given only what must be said, when loaded, then the rest has defaults', () => {
    expect(catalogFromObject({ name: 'tiny', currency: 'JPY', plans: { basic: {} } }, 'here')).toMatchObject({
      entity: 'account',
      currency: 'jpy',
      trial: null,
      afterTrial: 'blocked',
      defaultPlan: null,
      graceMinutes: 0,
      meters: {},
      features: {},
      plans: { basic: { selfServe: true, packs: null, seats: null } },
    });
  });

  it('CAT-1 given afterTrial free and one plan that costs nothing, when loaded, then that is the default plan', () => {
    const catalog = { name: 'tiny', currency: 'usd', plans: { pro: { seats: { month: 1 } }, basic: {} } };
    expect(catalogFromObject({ ...catalog, afterTrial: 'free' }, 'here').defaultPlan).toBe('basic');
    expect(catalogFromObject({ ...catalog, defaultPlan: 'basic' }, 'here').afterTrial).toBe('free');
  });

  it('CAT-1 given any catalog, when written as JSON and read again, then it is the same, in the order of the file', () => {
    for (const file of readdirSync(CATALOGS).filter((name) => name.endsWith('.yaml'))) {
      const catalog = load(file);
      expect(JSON.stringify(JSON.parse(JSON.stringify(catalog)))).toBe(JSON.stringify(catalog));
    }
    expect(Object.keys(load('qodo.yaml').plans['pro-teams']?.packs ?? {})).toEqual(['small', 'medium', 'large']);
  });

  it('CAT-1 given a model with its own quantity, when loaded, then the feature has it', () => {
    const text = replaced('quantity: 139 }', 'quantity: 139, models: { vendor/large-5.2: 400 } }');
    expect(parseCatalogYaml(text, 'shop.yaml').features['review']?.models).toEqual({ 'vendor/large-5.2': 400 });
  });

  it('CAT-1 given a required cap named under caps only, when loaded, then the allowance says so too', () => {
    const text = replaced(', cap: optional } }', ' } }\n    caps: { macro_minutes: { required: true } }');
    const plan = parseCatalogYaml(text, 'shop.yaml').plans['pro'];
    expect(plan?.meters['macro_minutes']?.cap).toBe('required');
    expect(plan?.caps['macro_minutes']).toEqual({ required: true, defaultCents: null });
  });
});

describe('CAT-1 the two products', () => {
  it('CAT-1 given qodo.yaml, when loaded, then 14 days of trial, three packs at 1.2 cents a credit, no year, a cap', () => {
    const qodo = load('qodo.yaml');
    expect(qodo).toMatchObject({ name: 'qodo', entity: 'workspace', trial: { days: 14 }, afterTrial: 'blocked' });
    expect(qodo.features['review']).toMatchObject({ meter: 'credits', quantity: 139 });
    for (const pack of Object.values(qodo.plans['pro-teams']?.packs ?? {})) {
      expect((pack.prices.month ?? 0) * 2500).toBe(3000 * (pack.included['credits'] ?? 0));
      expect(pack.prices.year).toBeUndefined();
    }
    expect(qodo.plans['pro-teams']?.caps).toEqual({ credits: { required: true, defaultCents: 5000 } });
    expect(qodo.plans['enterprise']?.selfServe).toBe(false);
  });

  it('CAT-1 given codspeed.yaml, when loaded, then five free members, seats by month and year, 600 minutes', () => {
    const codspeed = load('codspeed.yaml');
    expect(codspeed).toMatchObject({ name: 'codspeed', trial: null, afterTrial: 'free', defaultPlan: 'free' });
    expect(codspeed.plans['free']?.seats).toEqual({ prices: {}, limit: 5 });
    expect(codspeed.plans['free']?.meters['macro_minutes']).toMatchObject({ includedPerMonth: 600, overage: null });
    expect(codspeed.plans['pro']?.seats?.prices).toEqual({ month: 2000, year: 18000 });
    expect(codspeed.plans['pro']?.meters['macro_minutes']?.overage).toEqual({ cents: 32, per: 10 });
    expect(codspeed.plans['enterprise']?.selfServe).toBe(false);
  });
});

describe('CAT-1 an error names file, line, column, what was expected and what was found', () => {
  it.each([
    ['month: 2000', 'month: 20.5', 'shop.yaml:19:21: plans.pro.seats.month: expected a whole number', 'found 20.5'],
    ['month: 2000', 'month: -1', 'shop.yaml:19:21: plans.pro.seats.month:', 'found -1'],
    ['month: 2000', 'month: "2000"', 'shop.yaml:19:21: plans.pro.seats.month:', 'found "2000"'],
    ['year: 18000', 'yaer: 18000', 'shop.yaml:19:27: plans.pro.seats.yaer: expected only month, year, limit', 'yaer'],
    ['currency: usd', 'currency: usx', 'shop.yaml:3:11: currency: expected an ISO 4217 code', 'found "usx"'],
    ['currency: usd\n', '', 'shop.yaml:1:1: currency: expected an ISO 4217 code', 'found nothing'],
    ['days: 14', 'days: 0', 'shop.yaml:4:16: trial.days: expected a whole number of days, 1 or more', 'found 0'],
    ['days: 14', 'days: fourteen', 'shop.yaml:4:16: trial.days:', 'found "fourteen"'],
    ['afterTrial: blocked', 'afterTrial: open', 'shop.yaml:5:13: afterTrial: expected blocked or free', '"open"'],
    ['defaultPlan: free', 'defaultPlan: basic', 'shop.yaml:6:14: defaultPlan: expected a plan that', 'such as free'],
    [
      'defaultPlan: free',
      'defaultPlan: pro',
      'shop.yaml:6:14: defaultPlan: expected a plan that costs nothing',
      '"pro"',
    ],
    ['graceMinutes: 60', 'graceMinutes: 1e9', 'shop.yaml:7:15: graceMinutes: expected', 'found 1000000000'],
    ['  pro:', '  Pro:', 'shop.yaml:17:3: plans.Pro: expected a name of lowercase', 'found "Pro"'],
    ['granularitySeconds: 1', 'granularitySeconds: 7', 'shop.yaml:10:54: meters.macro_minutes.gran', 'found 7'],
    ['unit: minute', 'unit: byte', 'shop.yaml:10:26: meters.macro_minutes.unit: expected second, minute', '"byte"'],
    ['meter: credits', 'meter: coins', 'shop.yaml:11:30: features.review.meter: expected one of the', '"coins"'],
    ['credits: 2500', 'credits: 0', 'shop.yaml:15:57: plans.pro-teams.packs.small.included.credits:', 'found 0'],
    ['month: 3000, ', '', 'shop.yaml:15:21: plans.pro-teams.packs.small: expected a price per month', 'included'],
    ['month: 3000, ', 'month: 3000, year: 1, ', 'plans.pro-teams.packs.small.year: expected month only', 'found 1'],
    ['caps: { credits', 'caps: { coins', 'shop.yaml:16:13: plans.pro-teams.caps.coins: expected one of', '"coins"'],
    ['caps: { credits', 'caps: { macro_minutes', 'shop.yaml:16:13: plans.pro-teams.caps.macro_minutes:', 'overage of'],
    ['overage: { cents: 32, per: 10 }, ', '', 'plans.pro.meters.macro_minutes.cap: expected none', '"optional"'],
    ['seats: { limit: 5 }', 'seats: { limit: 0 }', 'shop.yaml:22:21: plans.free.seats.limit: expected', 'found 0'],
    ['graceMinutes: 60', 'graceMinute: 60', 'shop.yaml:7:1: graceMinute: expected only name, entity', 'graceMinute'],
  ])('CAT-1 given %j written as %j, when loaded, then %s', (from, to, place, found) => {
    const refusal = refusalOf(replaced(from, to));
    expect(refusal).toMatchObject({ code: 'invalid_catalog' });
    expect(refusal.message.split('\n')).toHaveLength(1);
    expect(refusal.message).toContain(place);
    expect(refusal.message).toContain(found);
  });

  it('CAT-1 given several mistakes, when loaded, then all are named, in the order of the file', () => {
    const text = replaced('cents: 32', 'cents: -32').replace('quantity: 139', 'quantity: no').replace('2500', '1.5');
    const refusal = refusalOf(text);
    expect(refusal.message.split('\n').map((line) => line.split(':')[1])).toEqual(['11', '15', '20']);
    expect(refusal.field).toBe('features.review.quantity');
  });

  it('CAT-1 given a meter that does not exist in a pack, when loaded, then the cap that refers to it is named too', () => {
    const { message } = refusalOf(replaced('{ credits: 2500', '{ coins: 2500'));
    expect(message).toContain(
      'shop.yaml:15:48: plans.pro-teams.packs.small.included.coins: expected one of the meters',
    );
    expect(message).toContain('shop.yaml:16:13: plans.pro-teams.caps.credits: expected a meter that this plan sells');
  });

  it('CAT-1 given afterTrial free and no plan that costs nothing, when loaded, then refused', () => {
    const text = 'name: x\ncurrency: usd\nafterTrial: free\nplans:\n  pro: { seats: { month: 1 } }\n';
    expect(refusalOf(text).message).toContain('shop.yaml:3:13: afterTrial: expected blocked');
  });

  it.each([
    ['', 'shop.yaml:1:1: expected a catalog', 'found nothing'],
    ['- a\n- b\n', 'shop.yaml:1:1: expected a catalog', 'found a list'],
    ['name: x\nname: y\n', 'shop.yaml:2:1: expected well-formed YAML', 'unique'],
    ['name: [\n', 'expected well-formed YAML', 'shop.yaml:'],
    ['name: x\n\tcurrency: usd\n', 'expected well-formed YAML', 'shop.yaml:'],
    ['name: *nobody\n', 'expected well-formed YAML', 'nobody'],
    ['name: x\n---\nname: y\n', 'expected well-formed YAML', 'shop.yaml:'],
    ['name: x\ncurrency: usd\nplans: {}\n', 'shop.yaml:3:8: plans: expected at least one plan', 'found none'],
    ['name: x\ncurrency: usd\nplans: { __proto__: { seats: { limit: 1 } } }\n', 'plans', 'shop.yaml:3'],
  ])('CAT-1 given the text %j, when loaded, then %s', (text, place, found) => {
    const refusal = refusalOf(text);
    expect(refusal.code).toBe('invalid_catalog');
    expect(refusal.message).toContain(place);
    expect(refusal.message).toContain(found);
  });

  it('CAT-1 given an object from elsewhere, when it is wrong, then the caller’s place is named', () => {
    expect(() => catalogFromObject({ name: 'x', currency: 'usd', plans: 3 }, 'year.yaml, catalog')).toThrow(
      'year.yaml, catalog: plans: expected plans by name, found 3.',
    );
    expect(() => catalogFromObject(42, 'here')).toThrow('here: expected a catalog');
  });
});
