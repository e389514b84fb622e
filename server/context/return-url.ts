import { Refusal } from '../../billing/refusal.ts';
import type { ApiContext } from './api.ts';

/**
 * Where a browser may be sent back to from somebody else's pages: to places of this installation only. Else a link that begins at Stripe,
 * and looks like it, would lead to wherever the one who made it likes. Without a `publicUrl` the API's own address is the place.
 * @returns the address as it is written in full.
 * @throws Refusal `invalid_request`.
 */
export function allowedReturnUrl(
  given: string,
  { publicUrl, returnOrigins = [] }: Pick<ApiContext, 'publicUrl' | 'returnOrigins'>,
  own: { readonly protocol: string; readonly host: string },
): string {
  // What is told to callers by a proxy about itself is theirs to say; so the address that was set comes first.
  const home = publicUrl ?? originOf(`${own.protocol}://${own.host}`);
  const allowed = [...(home === null ? [] : [home]), ...returnOrigins];
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw invalid('expected an absolute URL like https://billing.example.com/portal');
  }
  if (!allowed.includes(url.origin)) throw invalid(`expected a URL under ${allowed.join(' or ')}`);
  // A fragment is where portal tokens are, which Stripe has no business with.
  if (url.hash !== '') throw invalid('expected a URL without a fragment');
  return url.href;
}

function originOf(address: string): string | null {
  return URL.canParse(address) ? new URL(address).origin : null;
}

function invalid(expectation: string): Refusal {
  return new Refusal({ code: 'invalid_request', message: `returnUrl: ${expectation}.`, field: 'returnUrl' });
}
