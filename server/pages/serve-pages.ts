import { join } from 'node:path';

import fastifyStatic from '@fastify/static';

import { answerError } from '../answers/answer-errors.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { HttpRefusal } from '../answers/problem.ts';
import { headersOfHelmet } from '../answers/safe-headers.ts';

const YEAR_SECONDS = 365 * 24 * 3600;
const NOBODY: readonly string[] = ["'none'"];
const OURSELVES: readonly string[] = ["'self'"];

/**
 * The pages: one document for whatever is under /portal and /operator, whose script then reads the path, and its assets, whose names change
 * with what is in them. A path may end in anything, for an account's id may have a dot.
 */
export function servePages(api: Api, { pagesDirectory, frameOrigins = [] }: ApiContext): void {
  const ancestors = { portal: frameOrigins.length === 0 ? OURSELVES : frameOrigins, operator: NOBODY };
  api.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect('/operator/'));
  void api.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => answerError(isNoFile(error) ? noFile() : error, request, reply));
    if (pagesDirectory !== undefined) {
      await scope.register(fastifyStatic, {
        root: join(pagesDirectory, 'assets'),
        prefix: '/assets/',
        index: false,
        immutable: true,
        // The build has made them small once; nothing is compressed while somebody waits.
        preCompressed: true,
        maxAge: YEAR_SECONDS * 1000,
        suppressWarning: true,
      });
    }
    for (const room of ['portal', 'operator'] as const) {
      const headers = headersOf(ancestors[room]);
      for (const url of [`/${room}`, `/${room}/*`]) {
        scope.get(url, { config: { access: 'public' }, schema: { hide: true } }, (_request, reply) => {
          if (pagesDirectory === undefined) throw notBuilt();
          return reply
            .headers(headers)
            .removeHeader('x-frame-options')
            .header('cache-control', 'no-cache')
            .sendFile('index.html', pagesDirectory, { cacheControl: false });
        });
      }
    }
  });
}

/** X-Frame-Options knows no list of origins, so it is left out where `frame-ancestors` speaks. */
function headersOf(frameAncestors: readonly string[]): Readonly<Record<string, string>> {
  return headersOfHelmet({
    frameguard: false,
    referrerPolicy: { policy: 'no-referrer' },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        // The components set sizes and colours in style attributes.
        'style-src': ["'self'", "'unsafe-inline'"],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': [...frameAncestors],
      },
    },
  });
}

/** Folders, and paths that would lead out of them. */
function isNoFile(error: unknown): boolean {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : null;
  return typeof status === 'number' && status >= 400 && status < 500;
}

function noFile(): HttpRefusal {
  return new HttpRefusal('not_found', 'There is no page at this path.');
}

function notBuilt(): HttpRefusal {
  return new HttpRefusal('not_found', 'The pages are not built. Run `npm run build` or `npm start` to build them.');
}
