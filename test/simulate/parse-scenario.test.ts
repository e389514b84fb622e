import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';

import { parseCatalogYaml } from '../../billing/catalog/load-catalog.ts';
import type { RefusalCode } from '../../billing/refusal-codes.ts';
import { Refusal } from '../../billing/refusal.ts';
import { parseScenario, type ReadCatalog } from '../../simulate/parse-scenario.ts';
import { STEP_NAMES } from '../../simulate/scenario.ts';

const product = `
name: product
entity: team
currency: usd
afterTrial: free
defaultPlan: free
plans:
  free: { seats: { limit: 5 } }
  pro: { seats: { month: 2000 } }
`;
const catalogNamed = (name: string): ReadCatalog | null =>
  name === 'product'
    ? { catalog: parseCatalogYaml(product, 'product.yaml'), written: parseYaml(product) as ReadCatalog['written'] }
    : null;

const HEAD = ['name: a test', 'catalog: product', 'start: 2027-01-01T00:00:00Z', 'steps:'].join('\n');
const parse = (text: string) => parseScenario(text, 'a.yaml', catalogNamed);
const parseSteps = (...steps: string[]) =>
  parse([HEAD, ...steps.map((step) => `  - ${step}`)].join('\n')).steps.map(({ step }) => step);

function refusalOf(act: () => unknown): { code: RefusalCode; message: string } {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('it was read without a word');
}

describe('a scenario is read', () => {
  it('given the name of a catalog or a whole one, then both are catalogs', () => {
    const steps = '  - signup: { account: acme, owner: alice }';
    expect(parse(`${HEAD}\n${steps}`)).toMatchObject({
      name: 'a test',
      isCatalogInline: false,
      catalog: { name: 'product' },
    });
    const inline = HEAD.replace('catalog: product', `catalog:${product.replaceAll('\n', '\n  ')}`);
    expect(parse(`${inline}\n${steps}`)).toMatchObject({
      isCatalogInline: true,
      catalog: { name: 'product', entity: 'team' },
    });
  });

  it('given every step of the language, then all of them are read', () => {
    const steps = parseSteps(
      'signup: { account: acme, owner: alice }',
      'paymentMethod: { account: acme, card: declines_after_attach }',
      'subscribe: { plan: pro, interval: year, seats: 10, pack: small, capCents: 100, startNow: true }',
      'changePlan: { plan: free, interval: month, pack: big, keep: [alice] }',
      'cancel: { account: acme }',
      'resume:',
      'addSeats: { count: 1 }',
      'removeSeats: { member: bob }',
      'previewSeats: { count: 1 }',
      'automaticAllocation: { enabled: true, ceiling: 7 }',
      'enableMember: { member: bob }',
      'enableMembers: { members: [bob, carl] }',
      'disableMember: { member: bob }',
      'run: { sender: bob, visibility: private, minutes: 3 }',
      'openDashboard: { member: bob }',
      'use: { feature: review, quantity: 1, credits: 5, member: bob, model: big, id: e1, occurredAt: 2027-01-01T00:00:00Z }',
      'hold: { id: h1, feature: review, credits: 5 }',
      'capture: { id: h1, credits: 5 }',
      'release: { id: h1 }',
      'reverse: { id: e1 }',
      'setCap: { meter: credits, cents: 100 }',
      'extendTrial: { days: 3 }',
      'contract: { plan: enterprise, interval: month, priceCents: 200000, invoiceDueDays: 30 }',
      'recordPayment: { number: acme-0001, reference: transfer 7 }',
      'creditInvoice: { number: acme-0001, line: 1, amountCents: 500, to: balance, reason: down for a day }',
      'payOut: { reference: transfer 9 }',
      'publishCatalog: { plans: { pro: { seats: { month: 2500 } } } }',
      'migrateCatalog: { version: 2 }',
      'close: { account: acme }',
      'outage: { from: 2027-02-01T00:00:00Z, to: 2027-03-01T00:00:00Z }',
      'at: 2027-04-01T00:00:00Z',
      'advance: 1d12h',
      'expect: { phase: active }',
      'expectRefusal: { code: no_seat, step: { addSeats: { count: 1 } } }',
    );
    expect([...new Set(steps.map(({ kind }) => kind))].sort()).toEqual([...STEP_NAMES].sort());
    expect(steps.find(({ kind }) => kind === 'advance')).toEqual({ kind: 'advance', to: '2027-04-02T12:00:00Z' });
  });

  it('given one account, when a step does not name it, then it is the one that is meant', () => {
    const steps = parseSteps(
      'signup: { account: acme, owner: alice }',
      'addSeats: { count: 1 }',
      'expect: { phase: free }',
    );
    expect(steps[1]).toEqual({ kind: 'addSeats', body: { account: 'acme', count: 1 } });
    expect(steps[2]).toEqual({ kind: 'expect', account: 'acme', expected: { phase: 'free' } });
  });

  it('given two accounts, when a step does not name one, then it is asked which', () => {
    const signups = ['signup: { account: acme, owner: alice }', 'signup: { account: beta, owner: bob }'];
    const refused = refusalOf(() => parseSteps(...signups, 'addSeats: { count: 1 }'));
    expect(refused).toEqual({
      code: 'invalid_scenario',
      message: 'a.yaml:7:15: steps.2.addSeats.account: which account? name one of acme, beta, found nothing.',
    });
  });

  it('CAT-2 given what changes of the catalog, then it is the newest version with that, nothing else, and what is null is gone', () => {
    const steps = parseSteps(
      'publishCatalog: { plans: { pro: { seats: { month: 2500 } } } }',
      'publishCatalog: { currency: eur }',
      'publishCatalog: { plans: { pro: null } }',
    );
    const published = steps.flatMap((step) => (step.kind === 'publishCatalog' ? [step] : []));
    expect(published.map(({ catalog }) => [catalog.currency, Object.keys(catalog.plans)])).toEqual([
      ['usd', ['free', 'pro']],
      ['eur', ['free', 'pro']],
      ['eur', ['free']],
    ]);
    expect(published[1]?.writtenCatalog).toMatchObject({ plans: { pro: { seats: { month: 2500 } } } });
    expect(refusalOf(() => parseSteps('publishCatalog: { plans: { pro: { seats: { month: many } } } }'))).toMatchObject(
      {
        code: 'invalid_catalog',
        message: expect.stringContaining('a.yaml:5:55: plans.pro.seats.month: ') as string,
      },
    );
    expect(refusalOf(() => parseSteps('publishCatalog: all')).message).toContain(
      'expected what changes of the catalog',
    );
  });

  it('given answers beside a step, then they are kept with it', () => {
    const { steps } = parse(
      `${HEAD}\n  - previewSeats: { account: acme, count: 1 }\n    answers: { dueNowCents: 9000 }`,
    );
    expect(steps[0]).toMatchObject({ step: { kind: 'previewSeats' }, answers: { dueNowCents: 9000 } });
  });
});

describe('AUD-1 given a scenario with a mistake, then the refusal has a code and names the place', () => {
  const account = 'signup: { account: acme, owner: alice }';
  const cases: readonly [name: string, text: string, code: RefusalCode, message: string][] = [
    ['malformed YAML', 'name: [', 'invalid_scenario', 'a.yaml:1:8: expected well-formed YAML'],
    ['a key twice', 'name: a\nname: b', 'invalid_scenario', 'a.yaml:2:1: expected well-formed YAML'],
    ['an unknown alias', 'name: *nobody', 'invalid_scenario', 'expected well-formed YAML'],
    ['nothing', '', 'invalid_scenario', 'a.yaml:1:1: expected name, rules, catalog, start, steps, found nothing.'],
    ['a list', '- a', 'invalid_scenario', 'found a list.'],
    ['a strange key', `${HEAD} []\nstesp: 1`, 'invalid_scenario', 'a.yaml:5:1: stesp: a scenario has only'],
    ['no name', HEAD.replace('name: a test', 'name: 12'), 'invalid_scenario', 'a.yaml:1:7: name: expected what'],
    [
      'no start',
      HEAD.replace('2027-01-01T00:00:00Z', 'soon'),
      'invalid_scenario',
      'a.yaml:3:8: start: expected a date',
    ],
    [
      'a day that does not exist',
      HEAD.replace('01-01T', '02-30T'),
      'invalid_scenario',
      'a.yaml:3:8: start: expected a date and time that exist',
    ],
    [
      'an unknown catalog',
      HEAD.replace(': product', ': nothing'),
      'unknown_catalog',
      'a.yaml:2:10: catalog: there is no catalogs/nothing.yaml.',
    ],
    [
      'a catalog that is a number',
      HEAD.replace(': product', ': 12'),
      'invalid_scenario',
      'a.yaml:2:10: catalog: expected the name',
    ],
    [
      'a wrong inline catalog',
      HEAD.replace('catalog: product', 'catalog:\n  name: x\n  currency: usd\n  entity: team\n  plans: 3'),
      'invalid_catalog',
      'a.yaml:6:10: plans: expected',
    ],
    ['no steps', `${HEAD} []`, 'invalid_scenario', 'a.yaml:4:8: steps: expected a list of steps, found a list.'],
  ];
  it.each(cases)('%s', (_name, text, code, message) => {
    const refused = refusalOf(() => parse(text));
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(message);
  });

  const stepCases: readonly [step: string, code: RefusalCode, message: string][] = [
    ['fly: { to: the moon }', 'unknown_step', 'a.yaml:6:5: steps.1.fly: there is no step "fly"; there are signup, '],
    ['constructor: {}', 'unknown_step', 'there is no step "constructor"'],
    [
      'addSeats',
      'invalid_scenario',
      'a.yaml:6:5: steps.1: expected a step like addSeats: { count: 1 }, found "addSeats".',
    ],
    [
      '{ addSeats: { count: 1 }, cancel: {} }',
      'invalid_scenario',
      'expected exactly one step, found addSeats and cancel.',
    ],
    [
      'addSeats: 3',
      'invalid_scenario',
      'a.yaml:6:15: steps.1.addSeats: expected a mapping like { count: 1 }, found 3.',
    ],
    [
      'addSeats: { count: three }',
      'invalid_scenario',
      'a.yaml:6:24: steps.1.addSeats.count: expected a number, found "three".',
    ],
    ['addSeats: {}', 'invalid_scenario', 'steps.1.addSeats.count: expected a number, found nothing.'],
    [
      'addSeats: { cuont: 1, count: 1 }',
      'invalid_scenario',
      'a.yaml:6:17: steps.1.addSeats.cuont: addSeats has no such field; it has account, count.',
    ],
    [
      'paymentMethod: { card: gold }',
      'invalid_scenario',
      'expected visa or declined or declines_after_attach or requires_action, found "gold".',
    ],
    ['run: { sender: bob, visibility: secret }', 'invalid_scenario', 'expected private or public, found "secret".'],
    ['run: { sender: 7, visibility: public }', 'invalid_scenario', 'expected a name, or { id, login }, found 7.'],
    ['automaticAllocation: { enabled: 1 }', 'invalid_scenario', 'expected a yes or no (true, false), found 1.'],
    [
      'use: { feature: review, occurredAt: today }',
      'invalid_scenario',
      'expected a date and time like 2027-01-31T09:30:00Z',
    ],
    [
      'at: 2026-12-31T23:59:59Z',
      'date_before_clock',
      'a.yaml:6:9: steps.1.at: 2026-12-31T23:59:59Z is before the clock, which stands at 2027-01-01T00:00:00Z.',
    ],
    ['at: 2027-01-01', 'invalid_scenario', 'a.yaml:6:9: steps.1.at: expected a date and time'],
    ['advance: 0d', 'invalid_scenario', 'expected a time like 30d, 12h, 5m or 1d12h, found "0d".'],
    ['advance: -3d', 'invalid_scenario', 'expected a time like'],
    ['advance: 99999999d', 'invalid_scenario', 'outside the years'],
    [
      'outage: { from: 2027-02-01T00:00:00Z, to: 2027-01-31T00:00:00Z }',
      'date_before_clock',
      'steps.1.outage.to: 2027-01-31T00:00:00Z is before',
    ],
    ['expect: active', 'invalid_scenario', 'expected what the account must look like, found "active".'],
    [
      'expectRefusal: { code: nonsense, step: { cancel: {} } }',
      'invalid_scenario',
      'expected the code of a refusal, found "nonsense".',
    ],
    ['expectRefusal: { code: no_seat }', 'invalid_scenario', 'expected { code, step }, found a mapping.'],
    [
      'expectRefusal: { cod: no_seat, step: { cancel: {} } }',
      'invalid_scenario',
      'expected the code of a refusal, found nothing.',
    ],
  ];
  it.each(stepCases)('%s', (step, code, message) => {
    const refused = refusalOf(() => parseSteps(account, step));
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(message);
  });
});

describe('a step that is expected to be refused keeps its wrong values', () => {
  const refusedStep = (step: string) =>
    parseSteps('signup: { account: acme, owner: alice }', `expectRefusal: { code: no_seat, step: { ${step} } }`)[1];

  it('given a count that is a text, negative or fractional, then the engine gets to see it', () => {
    for (const count of ['three', -1, 1.5]) {
      expect(refusedStep(`addSeats: { count: ${String(count)} }`)).toMatchObject({
        step: { kind: 'addSeats', body: { account: 'acme', count } },
      });
    }
  });

  it('given an instant before the clock, then the clock gets to see it', () => {
    expect(refusedStep('at: 2020-01-01T00:00:00Z')).toMatchObject({ step: { kind: 'at', to: '2020-01-01T00:00:00Z' } });
  });

  it('given a step that does not exist, then that is its refusal', () => {
    expect(refusedStep('fly: {}')).toMatchObject({
      step: { kind: 'malformed', name: 'fly', refusal: { code: 'unknown_step' } },
    });
    expect(refusedStep('addSeats: { cuont: 1 }')).toMatchObject({
      step: { kind: 'malformed', refusal: { code: 'invalid_request' } },
    });
  });
});
