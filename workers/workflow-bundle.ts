import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { bundleWorkflowCode, type WorkflowBundle } from '@temporalio/worker';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const WORKFLOWS = join(ROOT, 'workflows', 'all-workflows.ts');
const PAYLOAD_CONVERTER = join(ROOT, 'workflows', 'lenient-payload-converter.ts');
/** Runs inside workflows, so it is bundled with them. */
const TRACING = '@temporalio/interceptors-opentelemetry/lib/workflow-interceptors';
/** Whatever a workflow may import: a change in any of them makes another bundle. */
const SOURCE_ROOMS = ['workflows', 'billing', 'activities'];

/**
 * The workflows' code as the worker runs it. Bundling takes seconds, so the result is kept per user, under a name made of everything that
 * goes into it; an interrupted or second writer does no harm, because a bundle appears under its name whole or not at all.
 */
export async function workflowBundle({ isTraced }: { isTraced: boolean }): Promise<WorkflowBundle> {
  const directory = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'perennial', 'workflows');
  const path = join(directory, `${await digestOfSources()}${isTraced ? '-traced' : ''}.js`);
  const cached = await readFile(path, 'utf8').catch(() => null);
  if (cached !== null) return { code: cached };
  const bundle = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    payloadConverterPath: PAYLOAD_CONVERTER,
    ...(isTraced ? { workflowInterceptorModules: [TRACING] } : {}),
    logger: quiet,
  });
  await mkdir(directory, { recursive: true });
  // Two workers of one process may be at it at once, too.
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, bundle.code);
  await rename(temporary, path);
  return bundle;
}

async function digestOfSources(): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  const sdk = createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string };
  hash.update(sdk.version);
  for (const room of SOURCE_ROOMS) {
    const names = (await readdir(join(ROOT, room), { recursive: true })).filter((name) => name.endsWith('.ts')).sort();
    for (const name of names) hash.update(name).update(await readFile(join(ROOT, room, name)));
  }
  return hash.digest('hex').slice(0, 32);
}

const silent = (): void => undefined;
const quiet = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: console.error };
