import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';

import { isPublicAddress, lookupPublic, PrivateAddress } from './public-address.ts';

/** The whole of a try: connecting, sending, and as much of the answer as is kept. */
const TIMEOUT_MS = 15_000;
const RESPONSE_BYTES = 1_024;

export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For tests and the local stack: deliver to any address, also without TLS. */
  readonly allowPrivate: boolean;
}

/** What came back. `status` is null, and `problem` says why, where nothing did. */
export interface WebhookAnswer {
  readonly status: number | null;
  readonly problem: string | null;
  /** The first kilobyte of the answer's body. */
  readonly response: string | null;
}

/** Sends one webhook, once, and to nobody but the address it names: a redirect is an answer like any other, and is not followed. */
export async function postWebhook(request: WebhookRequest): Promise<WebhookAnswer> {
  try {
    return await post(request, addressOf(request));
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { status: null, problem: problem.slice(0, 500), response: null };
  }
}

/** @throws for an address that webhooks do not go to. A name is checked when it is resolved. */
function addressOf({ url, allowPrivate }: WebhookRequest): URL {
  const address = new URL(url);
  if (allowPrivate) return address;
  if (address.protocol !== 'https:') throw new Error('webhooks go out over https only');
  const host = address.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw new PrivateAddress(address.hostname, host);
  return address;
}

function post({ headers, body, allowPrivate }: WebhookRequest, url: URL): Promise<WebhookAnswer> {
  return new Promise((resolve, reject) => {
    let hasAnswer = false;
    const options: https.RequestOptions = {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      // A connection of its own: none is kept that was checked in other times.
      agent: false,
      ...(allowPrivate ? {} : { lookup: lookupPublic }),
    };
    const request = (url.protocol === 'https:' ? https : http).request(url, options, (response) => {
      hasAnswer = true;
      const chunks: Buffer[] = [];
      let size = 0;
      const answer = (): void => {
        const text = Buffer.concat(chunks).subarray(0, RESPONSE_BYTES).toString().replaceAll('\0', '');
        resolve({ status: response.statusCode ?? null, problem: null, response: text });
      };
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size < RESPONSE_BYTES) return;
        // Whoever answers with a book is not read to the end.
        answer();
        response.destroy();
      });
      response.on('end', answer);
      response.on('error', reject);
      response.on('close', () => {
        reject(new Error('the answer broke off'));
      });
    });
    request.on('error', (error) => {
      reject(
        error.name === 'TimeoutError' || error.name === 'AbortError' ? new Error('no answer within 15 seconds') : error,
      );
    });
    // The last that is heard of a request. One that was answered with another protocol (101) hears of nothing else, not of its time either.
    request.on('close', () => {
      if (!hasAnswer) reject(new Error('the connection was closed without an answer'));
    });
    request.end(body);
  });
}
