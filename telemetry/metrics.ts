import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What this process counts, in Prometheus' format. Amounts of money are not metrics: they belong to the ledger. */
const registry = new Registry();
collectDefaultMetrics({ register: registry, prefix: 'perennial_process_' });

const registers = [registry];
/** Seconds; an access check takes a millisecond, a command that charges a card some seconds. */
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export const usageEvents = new Counter({
  name: 'perennial_usage_events_total',
  help: 'Events of use, by how they were answered: accepted, duplicate, or the code of the refusal.',
  labelNames: ['answer'],
  registers,
});

export const usageBatchEvents = new Histogram({
  name: 'perennial_usage_commit_events',
  help: 'How many events of use shared one commit.',
  buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500],
  registers,
});

export const accessChecks = new Counter({
  name: 'perennial_access_checks_total',
  help: 'Access checks, by their answer: allowed, or the code of the refusal.',
  labelNames: ['answer'],
  registers,
});

export const httpSeconds = new Histogram({
  name: 'perennial_http_request_seconds',
  help: 'How long answers of the HTTP API took, by route (never by its parameters).',
  labelNames: ['method', 'route', 'status'],
  buckets: LATENCY_BUCKETS,
  registers,
});

/** A pool of connections at a moment. */
export interface PoolCounts {
  readonly inUse: number;
  readonly idle: number;
  /** Askers that wait for a connection. */
  readonly waiting: number;
}

const pools = new Map<string, () => PoolCounts>();

new Gauge({
  name: 'perennial_postgres_connections',
  help: 'Connections to Postgres by pool and state; `waiting` counts those who wait for one.',
  labelNames: ['pool', 'state'],
  registers,
  collect() {
    this.reset();
    for (const [pool, count] of pools) {
      for (const [state, value] of Object.entries(count())) this.set({ pool, state }, value as number);
    }
  },
});

/** Counts a pool until the function that is returned is called. A later pool of the same name takes its place. */
export function watchPool(name: string, count: () => PoolCounts): () => void {
  pools.set(name, count);
  return () => {
    if (pools.get(name) === count) pools.delete(name);
  };
}

export const METRICS_CONTENT_TYPE = registry.contentType;

/**
 * All metrics as text. Those of Temporal's workers are kept by its native part, which serves them at an address of its own; without one,
 * or when nothing answers there, they are missing and a comment says so.
 */
export async function metricsText(workerMetricsAddress: string | null): Promise<string> {
  const own = await registry.metrics();
  if (workerMetricsAddress === null) return own;
  return `${own}\n${await workerMetrics(workerMetricsAddress)}`;
}

const WORKER_TIMEOUT_MS = 1_000;

async function workerMetrics(address: string): Promise<string> {
  try {
    const answer = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(WORKER_TIMEOUT_MS) });
    return await answer.text();
  } catch {
    return "# the worker's metrics cannot be read now\n";
  }
}
