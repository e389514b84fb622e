import type Stripe from 'stripe';

/** Why the bank said no: Stripe's `decline_code` where there is one (the SDK's type says always), else the error's code. */
export function declineCodeOf(error: InstanceType<typeof Stripe.errors.StripeCardError>): string {
  const codes: readonly (string | undefined)[] = [error.decline_code, error.code];
  return codes.find((code) => code !== undefined && code !== '') ?? 'card_declined';
}
