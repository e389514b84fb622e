import { randomBytes } from 'node:crypto';

import { Client, Connection } from '@temporalio/client';

import type { Instant } from '../billing/calendar/instant.ts';
import { type ConnectOptions, Perennial } from '../client/perennial.ts';
import { startWorker, type WorkerOptions } from '../workers/worker.ts';
import { canSkipTime } from '../stack/temporal/prepare-namespace.ts';
import type { Ground } from './play-scenario.ts';
import type { ScenarioClock } from './scenario-clock.ts';
import { SkippingClock } from './skipping-clock.ts';
import { TestClock } from './test-clock.ts';

export interface GroundOptions extends Pick<WorkerOptions, 'temporalAddress' | 'namespace' | 'databaseUrl' | 'stripe'> {
  /** `test`: the engine's test clocks. `timers`: durable timers and the server's time skipping. */
  readonly clocks: 'test' | 'timers';
  /** Others use the stack too: what is left running there would wait for ever for a worker on our task queue. */
  readonly isShared: boolean;
}

/** This server cannot do what `--timers` needs. */
class TimeSkippingUnavailable extends Error {
  override readonly name = 'TimeSkippingUnavailable';
  readonly code = 'TIME_SKIPPING_UNAVAILABLE';

  constructor(address: string) {
    super(
      `--timers needs a Temporal server that skips time, and the one at ${address} does not. Let the local stack start its own ` +
        '(unset TEMPORAL_ADDRESS), or set frontend.WorkflowTimeSkippingEnabled in that server’s dynamic configuration.',
    );
  }
}

/**
 * One worker, on a task queue of its own so that an outage concerns nobody else, and one client, for any number of scenarios
 * that are played one after the other.
 * @throws TimeSkippingUnavailable when `timers` are asked of a server that does not skip time.
 */
export async function openGround(options: GroundOptions): Promise<Ground & { close(): Promise<void> }> {
  const { clocks, isShared, temporalAddress, namespace, databaseUrl, stripe } = options;
  if (clocks === 'timers' && !(await canSkipTime(temporalAddress, namespace))) {
    throw new TimeSkippingUnavailable(temporalAddress);
  }
  const taskQueue = `simulate-${randomBytes(6).toString('hex')}`;
  const connection = await Connection.connect({ address: temporalAddress });
  const temporal = new Client({ connection, namespace });
  const border = new BorderClock();
  const connectOptions: ConnectOptions = { temporalAddress, namespace, databaseUrl, taskQueue, stripe };
  const client = await Perennial.connect({ ...connectOptions, ...(clocks === 'timers' ? { now: border.now } : {}) });
  const worker = new WorkerSwitch(connectOptions);
  await worker.start();
  return {
    client,
    worker,
    publish: ({ catalog }, name) => client.publishCatalog({ ...catalog, name }),
    createClock: async (start, mark) => {
      if (clocks === 'test') return TestClock.create(client, `scenario${mark}`, start);
      return border.show(
        new SkippingClock(temporal, start, async (accountId) => (await client.status(accountId)).next),
      );
    },
    close: async () => {
      await client.close();
      await worker.stop();
      if (isShared) await endWorkflows(temporal, taskQueue);
      await connection.close();
    },
  };
}

/** Their histories stay to be read, in the Temporal UI, as long as the server keeps them. */
async function endWorkflows(temporal: Client, taskQueue: string): Promise<void> {
  const query = `TaskQueue = "${taskQueue}" AND ExecutionStatus = "Running"`;
  for await (const { workflowId } of temporal.workflow.list({ query })) {
    await temporal.workflow.getHandle(workflowId).terminate('the scenario is over');
  }
}

/** With timers the border's clock is the scenario's: workflows' own go on in real time after they arrived (see SkippingClock). */
class BorderClock {
  #shown: ScenarioClock | null = null;

  show(clock: ScenarioClock): ScenarioClock {
    this.#shown = clock;
    return clock;
  }

  readonly now = (): Promise<Instant> => {
    if (this.#shown === null) throw new Error('no scenario is being played');
    return Promise.resolve(this.#shown.now);
  };
}

class WorkerSwitch {
  readonly #options: WorkerOptions;
  #running: { readonly stop: () => Promise<void> } | null = null;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#running ??= await startWorker(this.#options);
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.stop();
  }
}
