import { Refusal } from '../../billing/refusal.ts';
import type { ApiContext } from '../context/api.ts';

/** Virtual time must not come near real money. @throws Refusal `not_a_sandbox`. */
export function assertSandbox({ isSandbox }: ApiContext): void {
  if (isSandbox) return;
  throw new Refusal({
    code: 'not_a_sandbox',
    message: 'Test clocks are not available: this installation charges real cards.',
  });
}
