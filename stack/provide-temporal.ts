import { ChildFailed } from './process/child.ts';
import { pickPort } from './process/ports.ts';
import { locateServer } from './temporal/locate-server.ts';
import { canSkipTime, prepareNamespace } from './temporal/prepare-namespace.ts';
import type { ServerBinary } from './temporal/server-binary.ts';
import { startTemporalServer, type TemporalServer } from './temporal/start-server.ts';
import type { PartContext, Stack, StackPart } from './part.ts';

const USUAL_PORT = 7233;
const USUAL_UI_PORT = 8233;
const TRIES = 4;

/** Starts a Temporal server, or takes the one a setting names, and prepares its namespace. */
export async function provideTemporal(
  context: PartContext,
  postgresUrl: Promise<string> | null,
): Promise<{ access: Stack['temporal']; parts: StackPart[] }> {
  const { settings } = context;
  const { namespace, address: given, uiUrl: givenUi } = settings.temporal;
  const server = given === null ? await start(context, postgresUrl) : null;
  const address = given ?? server?.address ?? '';
  await prepareNamespace(address, namespace);
  const access = {
    address,
    namespace,
    uiUrl: server === null ? givenUi : server.uiUrl,
    canSkipTime: await canSkipTime(address, namespace),
    source: server === null ? 'TEMPORAL_ADDRESS' : server.source,
  };
  const startedByUs = server !== null;
  const parts: StackPart[] = [{ name: 'Temporal', where: address, startedByUs }];
  if (access.uiUrl !== null) parts.push({ name: 'Temporal UI', where: access.uiUrl, startedByUs });
  return { access, parts };
}

async function start(
  context: PartContext,
  postgresUrl: Promise<string> | null,
): Promise<TemporalServer & { source: string }> {
  const binary = await locateServer(context.settings, context.report);
  const url = await postgresUrl;
  for (let tries = 1; ; tries++) {
    try {
      return { ...(await startOnce(binary, context, url)), source: binary.source };
    } catch (error) {
      if (!(error instanceof ChildFailed) || !error.isPortTaken || tries >= TRIES) throw error;
    }
  }
}

async function startOnce(
  binary: ServerBinary,
  { settings, keptIn, logFile, teardown, watch }: PartContext,
  postgresUrl: string | null,
): Promise<TemporalServer> {
  const isKept = keptIn !== null;
  const port = await pickPort({
    purpose: 'Temporal',
    chosen: settings.ports.temporal,
    variable: 'PERENNIAL_TEMPORAL_PORT',
    usual: isKept ? USUAL_PORT : null,
  });
  const uiPort = await pickPort({
    purpose: "Temporal's UI",
    chosen: settings.ports.temporalUi,
    variable: 'PERENNIAL_TEMPORAL_UI_PORT',
    usual: isKept ? USUAL_UI_PORT : null,
  });
  const server = await startTemporalServer(binary, {
    port,
    uiPort,
    namespace: settings.temporal.namespace,
    store: isKept ? { kind: 'kept', postgresUrl, directory: keptIn } : { kind: 'memory' },
    logFile: logFile('temporal'),
    onStarted: (child) => {
      teardown.add('middle', () => child.stop());
    },
  });
  watch(server.child);
  return server;
}
