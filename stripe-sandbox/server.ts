import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { ApiError } from './api-error.ts';
import { answerApiRequest } from './api.ts';
import { answerControlRequest } from './control.ts';
import { pressButton, showPage } from './pages.ts';
import type { Sandbox } from './sandbox.ts';

const MAX_BODY_BYTES = 4_000_000;

export function createSandboxServer(sandbox: Sandbox): Server {
  const server = createServer((request, response) => {
    handle(sandbox, request, response).catch((error: unknown) => {
      process.stderr.write(
        `stripe sandbox: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
      if (!response.headersSent)
        sendJson(response, 500, { error: { type: 'api_error', message: 'The sandbox failed.' } });
    });
  });
  // Longer than the SDK keeps an idle connection, so that the client, not the server, is the one to close it.
  server.keepAliveTimeout = 65_000;
  return server;
}

async function handle(sandbox: Sandbox, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, search } = new URL(request.url ?? '/', 'http://sandbox');
  const method = request.method ?? 'GET';
  const body = await readBody(request);
  if (body === null) {
    sendJson(response, 413, { error: { type: 'invalid_request_error', message: 'The request is too large.' } });
    return;
  }
  if (pathname.startsWith('/_sandbox/')) {
    if (sendPage(sandbox, method, pathname, body, response)) return;
    const control = answerControlRequest(sandbox, method, pathname, body);
    sendJson(response, control.status, control.body);
    return;
  }
  const answer = await answerApiRequest(sandbox, {
    method,
    pathname,
    query: search.slice(1),
    body,
    headers: request.headers as Record<string, string | undefined>,
    isWaiting: () => !request.destroyed,
  });
  if (answer === 'hang') return;
  if (answer === 'reset') {
    request.socket.resetAndDestroy();
    return;
  }
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(answer.body),
    ...answer.headers,
  });
  response.end(answer.body);
}

/** True when it was a page that was asked for. */
function sendPage(sandbox: Sandbox, method: string, pathname: string, body: string, response: ServerResponse): boolean {
  const page = sandbox.transact({ requestId: null, idempotencyKey: null }, (context) => {
    try {
      if (method === 'GET') return showPage(context, pathname);
      return method === 'POST' ? pressButton(context, pathname, new URLSearchParams(body)) : null;
    } catch (error) {
      if (error instanceof ApiError) return { status: error.status, html: error.body.message, location: undefined };
      throw error;
    }
  });
  if (page === null) return false;
  response.writeHead(page.status, {
    'content-type': 'text/html; charset=utf-8',
    ...(page.location === undefined ? {} : { location: page.location }),
  });
  response.end(page.html);
  return true;
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
}
