import { Refusal } from '../../billing/refusal.ts';
import type { ApiContext } from '../context/api.ts';

/** Virtual time must not come near real money. @throws Refusal `not_a_sandbox`. */
export function assertSandbox({ isSandbox }: ApiContext): void {
  if (isSandbox) return;
  throw new Refusal({
    code: 'not_a_sandbox',
    message: 'This installation charges real cards, so its time is real too.',
  });
}
