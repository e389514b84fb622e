import { randomBytes } from 'node:crypto';

import { Client, Connection } from '@temporalio/client';

import type { Instant } from '../../billing/calendar/instant.ts';
import { type ConnectOptions, Perennial } from '../../client/perennial.ts';
import { startWorker } from '../../workers/worker.ts';
import { canSkipTime } from '../temporal/prepare-namespace.ts';
import type { Ground } from './play-scenario.ts';
import type { ScenarioClock } from './scenario-clock.ts';
import { SkippingClock } from './skipping-clock.ts';
import { TestClock } from './test-clock.ts';


export interface GroundOptions extends Pick<
  ConnectOptions,
  'temporalAddress' | 'namespace' | 'databaseUrl' | 'stripe'
> {
  /** `test`: the engine's test clocks. `timers`: durable timers and the server's time skipping. */
  readonly clocks: 'test' | 'timers';
}

/**
 * One worker, on a task queue of its own so that an outage concerns nobody else, and one client, for any number of scenarios
 * that are played one after the other.
 * @throws TimeSkippingUnavailable when `timers` are asked of a server that does not skip time.
 */
export async function openGround({ clocks, ...options }: GroundOptions): Promise<Ground & { close(): Promise<void> }> {
  const taskQueue = `simulate-${randomBytes(6).toString('hex')}`;
  const timers = clocks === 'timers' ? await Timers.connect(options) : null;
  const connectOptions: ConnectOptions = {
    ...options,
    taskQueue,
    ...(timers === null ? {} : { now: () => Promise.resolve(timers.now) }),
  };
  const worker = new WorkerSwitch(connectOptions);
  await worker.start();
  const client = await Perennial.connect(connectOptions);
  return {
    client,
    worker,
    createClock: (start, mark) =>
      timers === null ? TestClock.create(client, `scenario${mark}`, start) : Promise.resolve(timers.createClock(start)),
    close: async () => {
      await client.close();
      await worker.stop();
      await timers?.close();
    },
  };
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

class WorkerSwitch {
  readonly #options: ConnectOptions;
  #running: { stop(): Promise<void> } | null = null;

  constructor(options: ConnectOptions) {
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

/** The border's clock is the scenario's: workflows' own clocks go on in real time after they arrived (see SkippingClock). */
class Timers {
  readonly #connection: Connection;
  readonly #client: Client;
  #clock: ScenarioClock | null = null;

  private constructor(connection: Connection, client: Client) {
    this.#connection = connection;
    this.#client = client;
  }

  static async connect({
    temporalAddress,
    namespace,
  }: Pick<GroundOptions, 'temporalAddress' | 'namespace'>): Promise<Timers> {
    if (!(await canSkipTime(temporalAddress, namespace))) throw new TimeSkippingUnavailable(temporalAddress);
    const connection = await Connection.connect({ address: temporalAddress });
    return new Timers(connection, new Client({ connection, namespace }));
  }

  get now(): Instant {
    if (this.#clock === null) throw new Error('no scenario is being played');
    return this.#clock.now;
  }

  createClock(start: Instant): ScenarioClock {
    this.#clock = new SkippingClock(this.#client, start);
    return this.#clock;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
