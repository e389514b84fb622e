import { describe, expect, it } from 'vitest';

import { describeMismatches, findMismatches } from '../../simulate/match-expectation.ts';

const told = (expected: unknown, found: unknown): string => describeMismatches(findMismatches(expected, found));

describe('what is expected is compared with what is found', () => {
  const account = {
    phase: 'active',
    trialEndsAt: undefined,
    seats: { quantity: 11, used: 2 },
    invoices: [
      { total: 180000, lines: [{ kind: 'seats', amount: 180000 }] },
      { total: 9000, lines: [{ kind: 'proration', amount: 9000 }] },
    ],
  };

  it('given a mapping, then only the expected keys count', () => {
    expect(told({ seats: { quantity: 11 } }, account)).toBe('');
    expect(told({ seats: { quantity: 10 } }, account)).toBe('seats.quantity: expected 10, found 11');
    expect(told({ seats: { quantiti: 11 } }, account)).toBe('seats.quantiti: expected 11, found nothing');
    expect(told({ toString: 1 }, account)).toBe('toString: expected 1, found nothing');
  });

  it('given a list, then its length and each element count, each element as a mapping does', () => {
    expect(told({ invoices: [{ total: 180000 }, { lines: [{ amount: 9000 }] }] }, account)).toBe('');
    expect(told({ invoices: [{ total: 180000 }, { lines: [{ amount: 8999 }] }] }, account)).toBe(
      'invoices[1].lines[0].amount: expected 8999, found 9000',
    );
    expect(told({ invoices: [] }, { invoices: [{ total: 1 }] })).toBe(
      'invoices.length: expected 0, found 1; invoices[0]: expected nothing, found {"total":1}',
    );
    expect(told({ invoices: [{ total: 1 }, { total: 2 }] }, { invoices: [{ total: 1 }] })).toBe(
      'invoices.length: expected 2, found 1; invoices[1]: expected {"total":2}, found nothing',
    );
  });

  it('given null, then it is met by null and by what is not there', () => {
    expect(told({ trialEndsAt: null, cycle: null }, { cycle: null })).toBe('');
    expect(told({ cycle: null }, { cycle: { start: 'x' } })).toBe('cycle: expected null, found {"start":"x"}');
  });

  it('given several differences, then all of them are told', () => {
    expect(told({ phase: 'free', seats: { used: 3 } }, account)).toBe(
      'phase: expected "free", found "active"; seats.used: expected 3, found 2',
    );
  });

  it('given another kind of value, then nothing is converted', () => {
    expect(told({ total: 1 }, { total: '1' })).toBe('total: expected 1, found "1"');
    expect(told({ lines: [] }, { lines: {} })).toBe('lines: expected [], found {}');
    expect(told({ lines: {} }, { lines: [] })).toBe('lines: expected {}, found []');
  });
});
