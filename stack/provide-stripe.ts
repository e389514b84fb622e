import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ChildFailed, startChild, waitUntilReady } from './process/child.ts';
import { nodeProgram } from './process/node-program.ts';
import { pickPort } from './process/ports.ts';
import type { PartContext, Stack, StackPart } from './part.ts';

const SANDBOX = fileURLToPath(new URL('../stripe-sandbox/main.ts', import.meta.url));
const SANDBOX_KEY = 'sk_test_perennial';
const USUAL_PORT = 12111;
const READY_WITHIN_MS = 30_000;
const TRIES = 4;

/** Starts the Stripe sandbox, or takes the Stripe that settings name. */
export async function provideStripe(context: PartContext): Promise<Stack['stripe'] & { part: StackPart }> {
  const { apiKey, apiBase, webhookSecrets } = context.settings.stripe;
  if (apiKey !== null || apiBase !== null) {
    const where = apiBase ?? 'https://api.stripe.com (test mode)';
    const part = { name: 'Stripe', where, startedByUs: false };
    return { apiKey: apiKey ?? SANDBOX_KEY, apiBase, webhookSecrets, part };
  }
  const where = await startSandbox(context);
  const part = { name: 'Stripe sandbox', where, startedByUs: true };
  return { apiKey: SANDBOX_KEY, apiBase: where, webhookSecrets, part };
}

async function startSandbox(context: PartContext): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      return await startSandboxOnce(context);
    } catch (error) {
      if (!(error instanceof ChildFailed) || !error.isPortTaken || tries >= TRIES) throw error;
    }
  }
}

async function startSandboxOnce({ settings, keptIn, logFile, teardown, watch }: PartContext): Promise<string> {
  const port = await pickPort({
    purpose: 'the Stripe sandbox',
    chosen: settings.ports.sandbox,
    variable: 'PERENNIAL_SANDBOX_PORT',
    usual: keptIn === null ? null : USUAL_PORT,
  });
  const said: { listening: string | null } = { listening: null };
  const child = startChild({
    name: 'The Stripe sandbox',
    command: process.execPath,
    args: [
      ...nodeProgram(SANDBOX, '--port', String(port)),
      ...(keptIn === null ? [] : ['--state', join(keptIn, 'stripe-sandbox.jsonl')]),
    ],
    logFile: logFile('stripe-sandbox'),
    onLine: (line) => {
      said.listening ??= /^\{"listening":"([^"]+)"\}$/.exec(line)?.[1] ?? null;
    },
  });
  teardown.add('middle', () => child.stop());
  await waitUntilReady(child, () => Promise.resolve(said.listening !== null), READY_WITHIN_MS);
  watch(child);
  return said.listening ?? '';
}
