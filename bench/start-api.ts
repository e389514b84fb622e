import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { ApiProcessOptions } from './api-process.ts';
import type { Ground } from './ground.ts';
import type { Target } from './http-load.ts';

/** Starts the API in a process of its own, with a key that may do everything. */
export async function startApiProcess(
  { options, perennial }: Ground,
  accountId: string,
): Promise<Target & { readonly stop: () => Promise<void> }> {
  const { temporalAddress, namespace, databaseUrl, stripe, taskQueue = 'perennial' } = options;
  const told: ApiProcessOptions = { temporalAddress, namespace, databaseUrl, stripe, taskQueue, accountId };
  const script = fileURLToPath(new URL('./api-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(told)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  const { secret } = await perennial.keys.create({ name: 'bench', scopes: ['usage:write', 'access:check'] });
  return {
    ...{ url, key: secret },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
