import { api } from '../api/client.ts';
import type { Problem } from '../api/problem.ts';
import { useCommand } from '../api/use-command.ts';

interface CardPage {
  /** `then`: the dialog that is open again when one comes back. */
  readonly open: (then?: string) => void;
  readonly isOpening: boolean;
  readonly problem: Problem | null;
}

/** The parameter of the address that says what one was about when one went to add a card. */
export const THEN = 'then';

/**
 * A card is typed on a page of Stripe's, which leads back here. Stripe's page is in no frame, so from within one it opens beside it; the
 * card appears here by itself either way.
 */
export function useCardPage(account: string): CardPage {
  const session = useCommand(
    account,
    (returnUrl: string, header) =>
      api.POST('/v1/accounts/{account}/payment-method-sessions', {
        params: { path: { account }, header },
        body: { returnUrl },
      }),
    {
      onDone: ({ url }) => {
        if (window.self === window.top) window.location.assign(url);
        else window.open(url, '_blank', 'noopener');
      },
    },
  );
  return {
    open: (then) => {
      const here = new URL(window.location.pathname, window.location.origin);
      if (then !== undefined) here.searchParams.set(THEN, then);
      session.mutate(here.href);
    },
    // After the answer the browser is on its way, which takes a moment.
    isOpening: session.isPending || (session.isSuccess && window.self === window.top),
    problem: session.error,
  };
}
