import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

import type { Settings } from './settings.ts';

/** What the stack that `npm start` keeps says of itself: `stack.json` in its directory, written when everything answers. */
export interface RunningStack {
  readonly temporal: {
    /** `host:port` of the frontend. */
    readonly address: string;
    readonly namespace: string;
    readonly uiUrl: string | null;
  };
  /** With its password: the file is for its owner's eyes only (mode 0600). */
  readonly databaseUrl: string;
  readonly stripe: {
    readonly apiKey: string;
    /** `null`: api.stripe.com. */
    readonly apiBase: string | null;
  };
  /** Where the API and the pages are; absent where the stack is without them. */
  readonly apiUrl?: string | undefined;
  /** Absent: the usual one. */
  readonly taskQueue?: string | undefined;
}

const RUNNING_STACK: z.ZodType<RunningStack> = z.object({
  temporal: z.object({ address: z.string().min(1), namespace: z.string().min(1), uiUrl: z.string().nullable() }),
  databaseUrl: z.string().min(1),
  stripe: z.object({ apiKey: z.string().min(1), apiBase: z.string().nullable() }),
  apiUrl: z.string().optional(),
  taskQueue: z.string().min(1).optional(),
});

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where a stack that keeps its data in `settings.directory` says how it is reached. */
export function runningStackFile(settings: Pick<Settings, 'directory'>): string {
  return join(resolve(PROJECT, settings.directory), 'stack.json');
}

/** Where a stack that keeps its data in `directory` has the secret of a key with every scope. */
export function operatorKeyFile(directory: string): string {
  return join(resolve(PROJECT, directory), 'operator-key');
}

/** The secret of the key with every scope that the stack in this directory keeps; null where there is none. */
export function readOperatorKey(directory: string): string | null {
  try {
    return readFileSync(operatorKeyFile(directory), 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * The stack that was started in this directory, or null where none was. A stack that was killed leaves its file behind: whether it
 * answers is found out by asking it.
 */
export function readRunningStack(settings: Pick<Settings, 'directory'>): RunningStack | null {
  let text: string;
  try {
    text = readFileSync(runningStackFile(settings), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    return RUNNING_STACK.parse(JSON.parse(text));
  } catch {
    // Half written, or by another version: as good as none, and the next start writes it again.
    return null;
  }
}
