import { fstatSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { Journal } from './journal.ts';
import { Sandbox } from './sandbox.ts';
import { createSandboxServer } from './server.ts';

/**
 * `node --import tsx stripe-sandbox/main.ts --port N [--state FILE]`: a stand-in for Stripe on 127.0.0.1. Prints
 * `{"listening":"http://127.0.0.1:N"}` when ready; ends with its parent (end of stdin) or on SIGTERM or SIGINT.
 */
function main(): void {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, state: { type: 'string' } } });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    fail(`--port must be a number from 0 (any free port) to 65535, not ${values.port}.`);
  }
  const sandbox = new Sandbox(values.state === undefined ? null : new Journal(values.state));
  const server = createSandboxServer(sandbox);
  server.on('error', (error) => {
    fail(`The Stripe sandbox cannot listen on 127.0.0.1:${String(port)}: ${error.message}`);
  });
  server.listen(port, '127.0.0.1', () => {
    sandbox.baseUrl = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    process.stdout.write(`${JSON.stringify({ listening: sandbox.baseUrl })}\n`);
  });

  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    sandbox.close();
    server.close();
    server.closeAllConnections();
    process.stdin.destroy();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Whoever started it is gone when the pipe ends. A terminal or /dev/null is no such pipe, and says nothing.
  const stdin = fstatSync(0);
  if (stdin.isFIFO() || stdin.isSocket()) {
    process.stdin.on('end', stop);
    process.stdin.on('error', stop);
    process.stdin.resume();
  }
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

main();
