import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { RunningStack } from '../settings/running-stack.ts';
import type { Stack } from './part.ts';

/**
 * Tells programs of this project that are started beside us how to reach the stack kept in `directory`. Answers what
 * takes it back.
 */
export function announce(
  directory: string,
  stack: Stack,
  engine: { readonly taskQueue: string | null; readonly apiUrl: string | null; readonly databaseUrl: string },
): () => void {
  const file = join(directory, 'stack.json');
  const { temporal, stripe } = stack;
  const { taskQueue, apiUrl, databaseUrl } = engine;
  const running: RunningStack = {
    temporal: { address: temporal.address, namespace: temporal.namespace, uiUrl: temporal.uiUrl },
    databaseUrl,
    stripe: { apiKey: stripe.apiKey, apiBase: stripe.apiBase },
    ...(apiUrl === null ? {} : { apiUrl }),
    ...(taskQueue === null ? {} : { taskQueue }),
  };
  rmSync(file, { force: true }); // The mode is given to new files only.
  writeFileSync(file, `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 });
  return () => {
    rmSync(file, { force: true });
  };
}
