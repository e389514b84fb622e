// Entry point of `npm start`: the kept stack, and the engine on it, until Ctrl-C.
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import Table from 'cli-table3';

import { readSettings, SettingsError } from '../settings/settings.ts';
import { buildPages, PagesNotBuilt } from './pages/build-pages.ts';
import { announce } from './announce.ts';
import type { Stack, StackPart } from './part.ts';
import type { Engine } from './run-engine.ts';
import { startStack } from './stack.ts';

const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const PARENT_CHECK_MS = 1000;

async function main(): Promise<number> {
  const settings = readSettings(process.env);
  const directory = resolve(PROJECT, settings.directory);
  const asked = endOfWork();
  const startedAt = Date.now();
  say('Starting the stack …');
  const pages = pagesOf();
  const stack = await startStack({ kind: 'kept', directory }, { settings, report: say, signal: asked.signal });
  let engine: Engine | null = null;
  let takeBack = (): void => undefined;
  try {
    say('Starting the engine …');
    // Loaded only now: it takes a second, in which the servers can start.
    const { runEngine } = await import('./run-engine.ts');
    const starting = runEngine(stack, { settings, report: say, directory, pages });
    const cameFirst = await Promise.race([starting, asked.promise]);
    if (typeof cameFirst === 'string') return 0;
    engine = cameFirst;
    takeBack = announce(directory, stack, { ...engine, taskQueue: settings.taskQueue });
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(`\n${overview(stack, engine, directory, seconds)}\n`);
    const why = await Promise.race([asked.promise, stack.broken]);
    say(`\n${why}`);
    return why === asked.reason ? 0 : 1;
  } finally {
    takeBack();
    await engine?.stop();
    await stack.stop();
  }
}

/** While the servers come up. An installation without pages is still one with an API. */
async function pagesOf(): Promise<string | null> {
  try {
    return await buildPages({ report: say });
  } catch (error) {
    say(error instanceof PagesNotBuilt ? error.message : `The pages could not be built: ${String(error)}`);
    return null;
  }
}

function overview(stack: Stack, engine: Engine, directory: string, seconds: string): string {
  const parts: readonly StackPart[] = [...stack.parts, ...engine.parts];
  const table = new Table({ head: ['what', 'where', 'started by'], style: { head: [], border: [] } });
  for (const { name, where, startedByUs } of parts) table.push([name, where, startedByUs ? 'us' : 'your settings']);
  return [
    table.toString(),
    `Up in ${seconds} s. Data and logs: ${directory}. Temporal server: ${stack.temporal.source}.`,
    ...(stack.temporal.canSkipTime
      ? []
      : ['This Temporal server cannot skip time: `simulate --timers` will not work.']),
    '',
    'Try next, in another terminal:',
    ...engine.hints.map((hint) => `  ${hint}`),
    '',
    'Ctrl-C ends everything.',
  ].join('\n');
}

/** The first signal, or the end of the npm that runs us, ends the work in order; a second signal ends it at once. */
function endOfWork(): { promise: Promise<string>; signal: AbortSignal; reason: string } {
  const reason = 'Stopping …';
  const controller = new AbortController();
  const promise = new Promise<string>((resolve) => {
    const ask = (): void => {
      // What we have started ends by itself when we do.
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
      resolve(reason);
    };
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, ask);
    if (process.env['npm_lifecycle_event'] === undefined) return;
    // Killed, npm takes nothing with it; a stack nobody can press Ctrl-C at must not stay.
    const parent = process.ppid;
    const check = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(check);
      ask();
    }, PARENT_CHECK_MS);
    check.unref();
  });
  return { promise, signal: controller.signal, reason };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function explain(error: unknown): string {
  if (error instanceof SettingsError) return error.message;
  // Codes are on the errors a person can do something about; for others the stack trace is the message.
  if (error instanceof Error && 'code' in error) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

try {
  process.exitCode = await main();
} catch (error) {
  say(explain(error));
  process.exitCode = 1;
}
// What is left (a build that was interrupted, a connection that waits to be closed) must not hold the terminal.
process.exit();
