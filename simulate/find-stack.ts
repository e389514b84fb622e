import { Connection } from '@temporalio/client';

import { openDatabase } from '../db/database.ts';
import { readRunningStack } from '../settings/running-stack.ts';
import { readSettings, type Settings } from '../settings/settings.ts';
import { startStack } from '../stack/stack.ts';

/** What scenarios are played on, and who it belongs to. */
export interface FoundStack {
  readonly temporal: { readonly address: string; readonly namespace: string };
  readonly databaseUrl: string;
  /** Who owns its tables, where that is another login. */
  readonly databaseOwnerUrl: string | null;
  readonly stripe: { readonly apiKey: string; readonly apiBase: string | null };
  /** Others use it, and it is there afterwards. */
  readonly isShared: boolean;
  readonly stop: () => Promise<void>;
}

const ANSWER_TIMEOUT_MS = 2000;

/**
 * The stack that `npm start` runs here, if it answers; else one of our own, for as long as the scenarios play, with whatever the environment
 * puts in the place of its parts.
 */
export async function findStack(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<FoundStack> {
  const settings = readSettings(env);
  const running = isAnyPartSet(settings) ? null : readRunningStack(settings);
  if (running !== null && (await answers(running))) {
    return { ...running, databaseOwnerUrl: null, isShared: true, stop: () => Promise.resolve() };
  }
  const stack = await startStack({ kind: 'ephemeral' }, { settings, signal });
  const { databaseOwnerUrl } = settings;
  return { ...stack, databaseOwnerUrl, isShared: settings.temporal.address !== null };
}

function isAnyPartSet({ temporal, databaseUrl, stripe }: Settings): boolean {
  return [temporal.address, databaseUrl, stripe.apiKey, stripe.apiBase].some((part) => part !== null);
}

/** A stack that was killed leaves its address behind. */
async function answers(stack: Pick<FoundStack, 'temporal' | 'databaseUrl'>): Promise<boolean> {
  const db = openDatabase(stack.databaseUrl, 1);
  try {
    const connection = await Connection.connect({ address: stack.temporal.address, connectTimeout: ANSWER_TIMEOUT_MS });
    await connection.close();
    await db.raw('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await db.destroy();
  }
}
