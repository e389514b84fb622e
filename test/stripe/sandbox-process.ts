import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type Stripe from 'stripe';
import { type StripeConnection, createStripeClient } from '../../stripe/stripe-client.ts';

export interface SandboxProcess {
  readonly baseUrl: string;
  readonly pid: number;
  /** The real SDK, pointed at this sandbox. */
  client: (options?: Partial<StripeConnection>) => Stripe;
  /** Calls `/_sandbox/…`. */
  control: (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<unknown>;
  /** Sets something up to go wrong; see stripe-sandbox/faults.ts. */
  fault: (fault: object) => Promise<void>;
  /** Ends it as its parent's death would: by the end of its standard input. */
  stop: () => Promise<void>;
  kill: (signal: NodeJS.Signals) => Promise<void>;
}

const MAIN = fileURLToPath(new URL('../../stripe-sandbox/main.ts', import.meta.url));
export const TEST_KEY = 'sk_test_perennial';

/** Starts the sandbox as users do: its own process, a free port. */
export async function startSandbox(options: { readonly stateFile?: string } = {}): Promise<SandboxProcess> {
  const state = options.stateFile === undefined ? [] : ['--state', options.stateFile];
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, '--port', '0', ...state], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const baseUrl = await firstAnnouncement(child);
  const control: SandboxProcess['control'] = async (method, path, body) => {
    const answer = await fetch(`${baseUrl}/_sandbox${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json: unknown = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path} ${String(answer.status)}: ${JSON.stringify(json)}`);
    return json;
  };
  const ended = once(child, 'exit');
  return {
    baseUrl,
    pid: child.pid ?? 0,
    client: (more = {}) => createStripeClient({ apiKey: TEST_KEY, apiBase: baseUrl, ...more }),
    control,
    fault: async (fault) => {
      await control('POST', '/faults', fault);
    },
    stop: async () => {
      child.stdin.end();
      await ended;
    },
    kill: async (signal) => {
      child.kill(signal);
      await ended;
    },
  };
}

async function firstAnnouncement(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The sandbox has no standard output.');
  for await (const line of createInterface({ input: child.stdout })) {
    const { listening } = JSON.parse(line) as { listening: string };
    return listening;
  }
  throw new Error('The sandbox ended before it listened.');
}
