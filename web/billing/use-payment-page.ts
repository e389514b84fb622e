import { useMutation } from '@tanstack/react-query';

import { answered, api } from '../api/client.ts';
import { type Problem, problemOf } from '../api/problem.ts';

interface PaymentPage {
  readonly open: () => void;
  readonly isOpening: boolean;
  readonly problem: Problem | null;
}

/** Stripe's page of one invoice: to pay it, or to confirm a payment as the bank wants it. In a tab of its own; this page is live. */
export function usePaymentPage(account: string, number: string): PaymentPage {
  const page = useMutation<{ url: string }, Problem, Window | null>({
    mutationFn: async () => {
      try {
        return await answered(
          api.GET('/v1/accounts/{account}/invoices/{number}/payment-page', {
            params: { path: { account, number } },
          }),
        );
      } catch (error) {
        throw problemOf(error);
      }
    },
    onSuccess: ({ url }, tab) => {
      if (tab === null) window.location.assign(url);
      else tab.location.replace(url);
    },
    onError: (_problem, tab) => tab?.close(),
  });
  return {
    open: () => {
      // Opened by the press itself: what opens after an answer is taken for a pop-up.
      const tab = window.open('about:blank', '_blank');
      if (tab !== null) tab.opener = null;
      page.mutate(tab);
    },
    isOpening: page.isPending,
    problem: page.error,
  };
}
