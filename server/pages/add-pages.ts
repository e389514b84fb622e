import type { Api, ApiContext } from '../context/api.ts';
import { operatorSessionCookie } from './operator-session-cookie.ts';
import { portalSessionCookie } from './portal-session-cookie.ts';
import { servePages } from './serve-pages.ts';

/** What a browser gets beside the API: the pages, and who has signed in to them. */
export function addPages(api: Api, context: ApiContext): void {
  portalSessionCookie(api, context);
  operatorSessionCookie(api, context);
  servePages(api, context);
}
