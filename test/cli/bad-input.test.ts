import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dumpDatabase } from '../engine/database-dump.ts';
import { type CliUnderTest, openCli } from './cli-under-test.ts';

let cli: CliUnderTest;
beforeAll(async () => {
  cli = await openCli();
});
afterAll(() => cli.close());

describe('AUD-1 bad input: a code, a sentence, what to do, and nothing written', () => {
  let account: string;
  let clock: string;
  let credits: string;
  beforeAll(async () => {
    ({ account, clock } = await cli.signedUpOnClock('codspeed', '2027-03-01T00:00:00Z'));
    await cli.words('card', account, 'visa');
    await cli.words('subscribe', account, '--plan', 'pro', '--seats', '2');
    ({ account: credits } = await cli.signedUpOnClock('qodo'));
    await cli.words('card', credits, 'visa');
  });

  const CASES: readonly (readonly [what: string, code: string, args: () => readonly string[]])[] = [
    ['an unknown account', 'unknown_account', () => ['status', 'nobody']],
    ['a command for an unknown account', 'unknown_account', () => ['seats', 'add', 'nobody', '1']],
    ['an unknown catalog', 'unknown_catalog', () => ['signup', 'new', '--owner', 'new', '--catalog', 'acme-cloud']],
    [
      'a second signup',
      'account_exists',
      () => ['signup', account, '--owner', `owner-of-${account}`, '--catalog', 'codspeed'],
    ],
    [
      'a signup of a taken name',
      'account_exists',
      () => ['signup', account, '--owner', 'mallory', '--catalog', 'codspeed'],
    ],
    [
      'a second account of one owner',
      'account_exists',
      () => ['signup', 'new', '--owner', `owner-of-${account}`, '--catalog', 'codspeed'],
    ],
    [
      'an unknown test clock',
      'unknown_test_clock',
      () => ['signup', 'new', '--owner', 'new', '--catalog', 'qodo', '--test-clock', 'none'],
    ],
    ['an unknown plan', 'unknown_plan', () => ['subscribe', credits, '--plan', 'gold']],
    ['a plan of a contract', 'plan_not_self_serve', () => ['subscribe', credits, '--plan', 'enterprise']],
    [
      'CRE-17 an interval that is not offered',
      'interval_not_offered',
      () => ['subscribe', credits, '--plan', 'pro-teams', '--interval', 'year'],
    ],
    [
      'an interval that is none',
      'invalid_request',
      () => ['subscribe', credits, '--plan', 'pro-teams', '--interval', 'week'],
    ],
    [
      'a cap with a fraction, when subscribing',
      'invalid_request',
      () => ['subscribe', credits, '--plan', 'pro-teams', '--cap', '12.5'],
    ],
    ['a cap with a fraction', 'invalid_request', () => ['cap', account, 'macro_minutes', '12.5']],
    ['a cap in dollars and cents', 'invalid_request', () => ['cap', account, 'macro_minutes', '50.00']],
    ['a cap with a decimal comma', 'invalid_request', () => ['cap', account, 'macro_minutes', '50,00']],
    [
      'a cap in dollars and cents, when subscribing',
      'invalid_request',
      () => ['subscribe', credits, '--plan', 'pro-teams', '--cap', '50.00'],
    ],
    [
      'a credit in dollars and cents',
      'invalid_request',
      () => ['credit', account, `${account}-0001`, '--line', '1=5.00', '--reason', 'down'],
    ],
    ['a negative cap', 'invalid_request', () => ['cap', account, 'macro_minutes', '-1']],
    ['a cap in words', 'invalid_request', () => ['cap', account, 'macro_minutes', 'plenty']],
    ['an unknown meter', 'unknown_meter', () => ['cap', account, 'credits', '100']],
    ['a negative count', 'invalid_request', () => ['seats', 'add', account, '-1']],
    ['a count of zero', 'invalid_request', () => ['seats', 'add', account, '0']],
    ['a fractional count', 'invalid_request', () => ['seats', 'add', account, '1.5']],
    ['a count that no account has', 'invalid_request', () => ['seats', 'add', account, '99999999999999999999']],
    ['a negative preview', 'invalid_request', () => ['seats', 'preview', account, '-3']],
    ['SBI-6 more seats than are free', 'seats_in_use', () => ['seats', 'remove', account, '3']],
    ['no seats at all', 'invalid_request', () => ['seats', 'remove', account]],
    ['an unknown member', 'unknown_member', () => ['members', 'enable', account, 'nobody']],
    ["an unknown member's seat", 'unknown_member', () => ['seats', 'remove', account, '--member', 'nobody']],
    ['a card that is none', 'invalid_request', () => ['card', account, 'gold']],
    ['a payment method that Stripe does not know', 'invalid_request', () => ['card', account, 'pm_of_nobody']],
    ['a card that is declined', 'card_declined', () => ['card', account, 'declined']],
    ['an unknown feature', 'unknown_feature', () => ['use', credits, 'teleport']],
    ['a negative quantity', 'invalid_request', () => ['use', credits, 'review', '--quantity', '-1']],
    ['a date that is none', 'invalid_request', () => ['use', credits, 'review', '--at', '2027-02-30T00:00:00Z']],
    ['an event of the future', 'event_in_future', () => ['use', credits, 'review', '--at', '2027-01-02T00:00:00Z']],
    ['a strange visibility', 'invalid_request', () => ['run', account, '--sender', 'ann', '--visibility', 'secret']],
    ['a date before the clock', 'date_before_clock', () => ['clock', 'advance', clock, '2027-02-28T23:59:59Z']],
    ['another clock of the same name', 'invalid_request', () => ['clock', 'create', clock, '2028-01-01T00:00:00Z']],
    ['an unknown invoice', 'unknown_invoice', () => ['invoices', account, 'nope']],
    ['days for a trial that never was', 'trial_over', () => ['trial', 'extend', account, '7']],
    ['a limit of no accounts', 'invalid_request', () => ['accounts', '--limit', '-1']],
  ];

  // What Stripe is asked, and answers, is remembered even where the answer is no: a request that was sent is never forgotten.
  const asksStripe = new Set(['pm_of_nobody', 'declined']);

  it.each(CASES)('AUD-1 given %s, then %s, with what to do, and nothing is written', async (_what, code, args) => {
    const before = await dumpDatabase(cli.engine.db);
    const told = await cli.here([...args(), '--json']);
    expect({ exitCode: told.exitCode, error: told.error }, told.out).toEqual({ exitCode: 1, error: '' });
    expect(JSON.parse(told.out)).toEqual({
      error: {
        code,
        message: expect.stringMatching(/\w.*\.?$/),
        solve: expect.stringMatching(/\.$/),
        field: expect.toSatisfy(isTextOrNull),
      },
    });
    const { exitCode, out, error } = await cli.here(args());
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(error).toMatch(new RegExp(`^${code}: .+\\n.+\\n$`));
    const { stripeRequests: _asked, stripe_requests: _sent, ...written } = await dumpDatabase(cli.engine.db);
    const { stripeRequests: _asked2, stripe_requests: _sent2, ...unwritten } = before;
    expect(written).toEqual(unwritten);
    if (!args().some((arg) => asksStripe.has(arg))) expect(await dumpDatabase(cli.engine.db)).toEqual(before);
  });

  it('AUD-1 given all that was refused, when the account is asked for something sensible, then it works as before', async () => {
    expect(await cli.json('seats', 'add', account, '1')).toMatchObject({ result: { bought: 1 } });
  });
});

const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string';
