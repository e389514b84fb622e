import { describe, expect, it } from 'vitest';

import { Refusal } from '../../billing/refusal.ts';
import { REFUSAL_CODES, type RefusalCode } from '../../billing/refusal-codes.ts';

describe('AUD-1 a refusal has a stable code, a sentence and what to do next', () => {
  it('AUD-1 given a code, when refused, then the advice comes from the one table', () => {
    const refusal = new Refusal({ code: 'no_seat', message: 'bob has no seat.' });
    expect(refusal).toMatchObject({ name: 'Refusal', code: 'no_seat', solve: REFUSAL_CODES.no_seat, field: null });
    expect(refusal.message).toBe('bob has no seat.');
  });

  it('AUD-1 given better advice or a field, when refused, then those are kept', () => {
    const refusal = new Refusal({ code: 'invalid_request', message: 'No.', solve: 'Ask.', field: 'count' });
    expect(refusal).toMatchObject({ solve: 'Ask.', field: 'count' });
    expect(new Refusal({ code: 'invalid_request', message: 'No.', solve: null }).solve).toBeNull();
  });

  it.each(Object.keys(REFUSAL_CODES) as RefusalCode[])('AUD-1 given %s, then its advice is a sentence', (code) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(REFUSAL_CODES[code]).toMatch(/^[A-Z].{10,}\.$/);
  });
});
