import type { TestProject } from 'vitest/node';

import { readSettings } from '../settings/settings.ts';
import type { Stack } from '../stack/part.ts';
import { startStack } from '../stack/stack.ts';

/** How tests of the project `stack` reach the one stack they share: `inject('stack')`. */
export interface StackForTests {
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly uiUrl: string | null;
  readonly canSkipTime: boolean;
  /** A superuser's; each test file creates databases of its own in it. */
  readonly databaseUrl: string;
  readonly stripe: { readonly apiKey: string; readonly apiBase: string | null };
}

declare module 'vitest' {
  // A declaration that is merged has to be an interface.
  interface ProvidedContext {
    stack: StackForTests;
  }
}

let stack: Stack | null = null;

/**
 * Brings one ephemeral stack up for all test files of the project `stack`; other projects have none. Where a server has
 * to be built first, that takes minutes, and says how far it is. Stripe is always the sandbox here, whatever key is in
 * the environment: tests move money.
 */
export async function setup(project: TestProject): Promise<void> {
  const { STRIPE_API_KEY: _key, STRIPE_API_BASE: _base, STRIPE_WEBHOOK_SECRET: _secret, ...env } = process.env;
  stack = await startStack({ kind: 'ephemeral' }, { settings: readSettings(env) });
  project.provide('stack', {
    temporalAddress: stack.temporal.address,
    namespace: stack.temporal.namespace,
    uiUrl: stack.temporal.uiUrl,
    canSkipTime: stack.temporal.canSkipTime,
    databaseUrl: stack.databaseUrl,
    stripe: stack.stripe,
  });
}

export async function teardown(): Promise<void> {
  await stack?.stop();
}
