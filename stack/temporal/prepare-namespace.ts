import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, ServiceError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { accepts } from '../process/ports.ts';
import { INDEXED_VALUE_TYPE, SEARCH_ATTRIBUTES } from './search-attributes.ts';

const RETENTION_DAYS = 30;
const USABLE_WITHIN_MS = 30_000;
// Each service of a server reads namespaces anew every 2 s (system.namespaceCacheRefreshInterval), and only the
// frontend can be asked whether it has. Until history has, a workflow cannot set an attribute that is new.
const EVERY_SERVICE_KNOWS_MS = 2500;

// gRPC status codes, https://grpc.io/docs/guides/status-codes/
const CODE = {
  notFound: 5,
  alreadyExists: 6,
  deadlineExceeded: 4,
  invalidArgument: 3,
  unimplemented: 12,
  unavailable: 14,
};

/** The Temporal server that was named could not be reached, or does not let us prepare its namespace. */
export class NamespaceNotReady extends Error {
  readonly code = 'TEMPORAL_NAMESPACE_NOT_READY';

  constructor(reason: string) {
    super(reason);
    this.name = 'NamespaceNotReady';
  }
}

/**
 * Makes a namespace fit for Perennial: registers it and its search attributes where they are missing, and waits until
 * they can be used. Safe to repeat and for several at once. Throws {@link NamespaceNotReady}.
 */
export async function prepareNamespace(address: string, namespace: string): Promise<void> {
  const connection = await connectTo(address);
  try {
    const giveUpAt = Date.now() + USABLE_WITHIN_MS;
    const changes = { made: false };
    for (;;) {
      const obstacle = await advance(connection, namespace, changes);
      if (obstacle === null) break;
      if (Date.now() > giveUpAt) {
        throw new NamespaceNotReady(`Namespace "${namespace}" at ${address} cannot be prepared: ${obstacle}`);
      }
      await sleep(50);
    }
    if (changes.made) await sleep(EVERY_SERVICE_KNOWS_MS);
  } finally {
    await connection.close();
  }
}

/**
 * Whether this server can skip time in a single execution. Asked about an execution that does not exist, a server
 * that can says so; one that cannot refuses before it looks.
 */
export async function canSkipTime(address: string, namespace: string): Promise<boolean> {
  const connection = await connectTo(address);
  try {
    await connection.workflowService.updateWorkflowExecutionOptions({
      namespace,
      workflowExecution: { workflowId: 'perennial-time-skipping-probe' },
      workflowExecutionOptions: { timeSkippingConfig: { enabled: true, maxSessionSkipCount: 1 } },
      updateMask: { paths: ['time_skipping_config'] },
    });
    return true;
  } catch (error) {
    return statusOf(error) === CODE.notFound;
  } finally {
    await connection.close();
  }
}

async function connectTo(address: string): Promise<Connection> {
  // The SDK would try for as long as it may, also where nobody is at home.
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? [];
  if (!(await accepts(Number(port), host.replace(/^\[|\]$/g, '')))) {
    throw new NamespaceNotReady(
      `No Temporal server answers at ${address}. Start one there, or unset TEMPORAL_ADDRESS.`,
    );
  }
  try {
    return await Connection.connect({ address, connectTimeout: '10 seconds' });
  } catch (error) {
    throw new NamespaceNotReady(`No Temporal server answers at ${address}: ${messageOf(error)}`);
  }
}

/** One step towards a usable namespace; answers what is still in the way, or `null`. */
async function advance(connection: Connection, namespace: string, changes: { made: boolean }): Promise<string | null> {
  try {
    if (!(await exists(connection, namespace))) {
      changes.made = true;
      await register(connection, namespace);
    }
    const missing = await missingAttributes(connection, namespace);
    if (Object.keys(missing).length > 0) {
      changes.made = true;
      await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
    }
    // The frontend learns of new attributes a moment later; a query that names them all shows that it has.
    const query = Object.keys(SEARCH_ATTRIBUTES)
      .map((name) => `${name} IS NULL`)
      .join(' AND ');
    await connection.workflowService.countWorkflowExecutions({ namespace, query });
    return null;
  } catch (error) {
    const status = statusOf(error);
    const willPass = [CODE.notFound, CODE.invalidArgument, CODE.unavailable, CODE.deadlineExceeded, CODE.alreadyExists];
    if (error instanceof NamespaceNotReady || status === null || !willPass.includes(status)) {
      throw error instanceof NamespaceNotReady ? error : new NamespaceNotReady(messageOf(error));
    }
    return messageOf(error);
  }
}

async function exists(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch (error) {
    if (statusOf(error) === CODE.notFound) return false;
    throw error;
  }
}

async function register(connection: Connection, namespace: string): Promise<void> {
  await connection.workflowService.registerNamespace({
    namespace,
    description: 'Perennial: one workflow per customer account',
    workflowExecutionRetentionPeriod: msToTs(RETENTION_DAYS * 86_400_000),
  });
}

async function missingAttributes(connection: Connection, namespace: string): Promise<Record<string, number>> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing: Record<string, number> = {};
  for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES)) {
    const present = customAttributes[name] as number | undefined;
    if (present === undefined) missing[name] = INDEXED_VALUE_TYPE[type];
    else if (present !== INDEXED_VALUE_TYPE[type]) {
      throw new NamespaceNotReady(
        `Search attribute ${name} of namespace "${namespace}" has another type than ${type}. ` +
          'Remove it or choose another namespace with TEMPORAL_NAMESPACE.',
      );
    }
  }
  return missing;
}

function statusOf(error: unknown): number | null {
  const inner = error instanceof ServiceError ? error.cause : error;
  return inner instanceof Error && 'code' in inner && typeof inner.code === 'number' ? inner.code : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
