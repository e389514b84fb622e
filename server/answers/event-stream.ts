import type { ServerResponse } from 'node:http';

import type { FastifyReply } from 'fastify';

/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) on an answer that stays open. */
export class EventStream {
  readonly #response: ServerResponse;

  /** Takes the answer out of Fastify's hands, which would end it when the handler's time is over. */
  constructor(reply: FastifyReply) {
    reply.hijack();
    this.#response = reply.raw;
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) this.#response.setHeader(name, value);
    }
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // For proxies that keep an answer until it is whole.
      'x-accel-buffering': 'no',
    });
  }

  send(event: string, data: object): void {
    this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Says nothing, but that it is still there. */
  beat(): void {
    this.#write(':\n\n');
  }

  end(): void {
    this.#response.end();
  }

  /** Once, whoever ended it. */
  onEnd(ended: () => void): void {
    if (this.#response.closed) ended();
    else this.#response.once('close', ended);
  }

  /** Who does not read what is sent is not there any more. */
  #write(text: string): void {
    if (this.#response.writableEnded || this.#response.destroyed) return;
    if (!this.#response.write(text)) this.#response.destroy();
  }
}
