import { describe, expect, it } from 'vitest';

import { localNames } from '../../simulate/local-names.ts';

describe('a scenario’s names are its own', () => {
  it('given two runs, then the same name is two accounts', () => {
    expect(localNames().toReal('acme')).not.toBe(localNames().toReal('acme'));
  });

  it('given what the engine answers, then the mark is gone from ids, numbers, keys and sentences', () => {
    const names = localNames();
    const real = names.toReal('acme');
    const answer = {
      accountId: real,
      invoices: [{ number: `${real}-0001`, total: 9000, stripe: null }],
      message: `The account ${real} exists; ${names.toReal('alice')} owns it.`,
      members: { [names.toReal('bob')]: true },
    };
    expect(names.toLocal(answer)).toEqual({
      accountId: 'acme',
      invoices: [{ number: 'acme-0001', total: 9000, stripe: null }],
      message: 'The account acme exists; alice owns it.',
      members: { bob: true },
    });
  });
});
