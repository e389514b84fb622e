import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Webhook } from 'standardwebhooks';
import { vi } from 'vitest';

export interface Received {
  readonly path: string;
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly event: {
    readonly type: string;
    readonly timestamp: string;
    readonly data: Readonly<Record<string, unknown>>;
  };
}

/** Answers a delivery with a status and a body, or never. */
export type Reaction = 'hang' | { readonly status: number; readonly body?: string; readonly location?: string };

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** How deliveries to a path are answered: these first, in order, then the last one again and again. Default 200. */
  react: (path: string, ...reactions: readonly Reaction[]) => void;
  /** Waits for deliveries to a path; `matches` narrows them down. */
  arrived: (path: string, matches: (received: Received) => boolean, count?: number) => Promise<readonly Received[]>;
  close: () => void;
}

/** A product's backend, which is told of events. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const reactions = new Map<string, Reaction[]>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      const body = Buffer.concat(chunks).toString();
      const headers = request.headers as Record<string, string>;
      const event = JSON.parse(body) as Received['event'];
      received.push({ path, id: headers['webhook-id'] ?? '', headers, body, event });
      const queue = reactions.get(path) ?? [];
      const reaction = (queue.length > 1 ? queue.shift() : queue[0]) ?? { status: 200 };
      if (reaction === 'hang') return;
      const { status, body: answer = '', location } = reaction;
      response.writeHead(status, location === undefined ? {} : { location }).end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    received,
    react: (path, ...next) => reactions.set(path, [...next]),
    arrived: (path, matches, count = 1) =>
      vi.waitUntil(
        () => {
          const found = received.filter((each) => each.path === path && matches(each));
          return found.length >= count ? found : null;
        },
        { timeout: 30_000, interval: 30 },
      ),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Whether a receiver that knows this secret takes the message for ours. */
export function isSignedWith(secret: string, { body, headers }: Pick<Received, 'body' | 'headers'>): boolean {
  try {
    new Webhook(secret).verify(body, { ...headers });
    return true;
  } catch {
    return false;
  }
}
