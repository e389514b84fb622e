import type { Socket } from 'node:net';

import type { FastifyInstance } from 'fastify';

/**
 * Browsers, and Node's fetch, connect before they have something to ask. Node ends only idle connections that have asked once; without this
 * those that have not would hold a server up that stops, for a minute and more.
 */
export function closeUnused(app: FastifyInstance): void {
  const unused = new Set<Socket>();
  let isClosing = false;
  app.server.on('connection', (socket: Socket) => {
    if (isClosing) {
      socket.destroy();
      return;
    }
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  app.server.on('request', ({ socket }: { readonly socket: Socket }) => unused.delete(socket));
  app.addHook('preClose', (done) => {
    isClosing = true;
    for (const socket of unused) socket.destroy();
    done();
  });
}
