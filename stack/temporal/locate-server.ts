import { delimiter, isAbsolute, join } from 'node:path';
import type { Settings } from '../../settings/settings.ts';
import { buildServer, builtServerPath, isExecutable } from './build-server.ts';
import { downloadedServerPath, downloadServer } from './download-server.ts';
import { NoTemporalServer, type ServerBinary } from './server-binary.ts';

/**
 * Finds a Temporal server to start: the binary a setting names, `temporal` on the PATH, what an earlier start built
 * or downloaded, the SDK's download, a build from Go modules. What was got once is preferred to asking the network
 * again, so only the first start on a machine can take long. `TEMPORAL_ADDRESS` goes before all of these and is
 * dealt with by the caller: then nothing is started.
 * Throws {@link NoTemporalServer} with what a person can do.
 */
export async function locateServer(settings: Settings, report: (line: string) => void): Promise<ServerBinary> {
  const named = settings.temporal.serverBinary;
  if (named !== null) {
    if (isExecutable(named)) return { kind: 'own', path: named, source: 'PERENNIAL_TEMPORAL_SERVER' };
    throw new NoTemporalServer(`PERENNIAL_TEMPORAL_SERVER: "${named}" is not an executable file.`);
  }
  const onPath = findOnPath('temporal', process.env['PATH'] ?? '');
  if (onPath !== null) return { kind: 'cli', path: onPath, source: '`temporal` on the PATH' };
  const built = builtServerPath();
  if (isExecutable(built)) return { kind: 'own', path: built, source: 'built from Go modules' };
  const downloaded = downloadedServerPath() ?? (await downloadServer(report));
  if (downloaded !== null) return { kind: 'cli', path: downloaded, source: "the SDK's download" };
  return { kind: 'own', path: await buildServer({ report }), source: 'built from Go modules' };
}

/** The first executable of that name in the absolute directories of a PATH. */
export function findOnPath(name: string, path: string): string | null {
  const directories = path.split(delimiter).filter((directory) => isAbsolute(directory));
  return directories.map((directory) => join(directory, name)).find((file) => isExecutable(file)) ?? null;
}
