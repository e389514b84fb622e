import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { Refusal } from '../billing/refusal.ts';
import { type Ground, playScenario } from './play-scenario.ts';
import { readScenario } from './read-scenario.ts';
import type { Scenario } from './scenario.ts';
import { type ScenarioDocument, unplayedDocument } from './scenario-document.ts';
import { tellProblem, tellStory } from './story.ts';

const CATALOGS_DIRECTORY = join(import.meta.dirname, '..', 'catalogs');

export const USAGE = `Usage: npm run -s simulate -- FILE… [--json] [--timers]

Plays scenarios (scenarios/README.md) on the real engine, and tells what happened.

  --json    one JSON document per file and line on standard output, and nothing else
  --timers  on durable timers and the server's time skipping instead of test clocks
  --help    this text

PERENNIAL_URL and PERENNIAL_KEY play them on a running sandbox, over its HTTP API; an outage cannot be played there.

Exit code: 0 when every scenario went as expected, 1 when one did not, 2 when a file or the command line is wrong.
`;

export interface SimulateIo {
  /** Where it is played. Opened once, and only when there is something to play. */
  openGround(clocks: 'test' | 'timers'): Promise<Ground & { close(): Promise<void> }>;
  readonly env: Readonly<Record<string, string | undefined>>;
  print(text: string): void;
  printError(text: string): void;
  readonly isColorful: boolean;
  /** Somebody does not want to wait any longer: what fails then needs no explanation. */
  readonly interrupted: AbortSignal;
}

interface Request {
  readonly files: readonly string[];
  readonly isJson: boolean;
  readonly clocks: 'test' | 'timers';
}

type ReadFile =
  | { readonly file: string; readonly scenario: Scenario }
  | { readonly file: string; readonly problem: { readonly code: string; readonly message: string } };

/** The command, from its arguments to its exit code. */
export async function simulate(args: readonly string[], io: SimulateIo): Promise<number> {
  const request = readRequest(args, io);
  if (typeof request === 'number') return request;
  const refused = refusedEnvironment(io.env, request);
  const read = request.files.map((file) => (refused === null ? readFile(file) : { file, problem: refused }));
  const documents = await playAll(read, request, io);
  if (read.some((one) => 'problem' in one)) return 2;
  return documents.every((document) => document.ok) ? 0 : 1;
}

function readRequest(args: readonly string[], io: SimulateIo): Request | number {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean' }, timers: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help === true) {
      io.print(USAGE);
      return 0;
    }
    if (positionals.length > 0) {
      return { files: positionals, isJson: values.json === true, clocks: values.timers === true ? 'timers' : 'test' };
    }
    io.printError(`Name at least one scenario.\n\n${USAGE}`);
  } catch (error) {
    io.printError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
  return 2;
}

/** The installation that the environment names, which is played on over its HTTP API; null: the engine is run here. */
export function installationIn(env: SimulateIo['env']): { readonly url: string; readonly key: string } | null {
  const url = env['PERENNIAL_URL']?.trim() ?? '';
  return url === '' ? null : { url: url.replace(/\/+$/, ''), key: env['PERENNIAL_KEY']?.trim() ?? '' };
}

function refusedEnvironment(env: SimulateIo['env'], { clocks }: Request): { code: string; message: string } | null {
  const installation = installationIn(env);
  if (installation === null) return null;
  const message = problemOf(installation, clocks);
  return message === null ? null : { code: 'invalid_request', message };
}

function problemOf(
  { url, key }: { readonly url: string; readonly key: string },
  clocks: Request['clocks'],
): string | null {
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    return `PERENNIAL_URL: expected an address like http://127.0.0.1:3300, found "${url.slice(0, 100)}".`;
  }
  if (key === '') return 'PERENNIAL_KEY: expected a key of the installation at PERENNIAL_URL, with every scope.';
  if (clocks === 'test') return null;
  return '--timers cannot be played on a running installation, whose Temporal server is not ours. Unset PERENNIAL_URL.';
}

function readFile(file: string): ReadFile {
  try {
    return { file, scenario: readScenario(file, CATALOGS_DIRECTORY) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { file, problem: { code: error.code, message: error.message } };
  }
}

async function playAll(
  read: readonly ReadFile[],
  request: Request,
  io: SimulateIo,
): Promise<readonly ScenarioDocument[]> {
  const hasScenario = read.some((one) => 'scenario' in one);
  const ground = hasScenario ? await tryOpening(request, io) : null;
  try {
    const documents: ScenarioDocument[] = [];
    for (const one of read) {
      const document = await playOne(one, ground);
      documents.push(document);
      io.print(request.isJson ? `${JSON.stringify(document)}\n` : tell(one, document, io));
    }
    return documents;
  } finally {
    if (ground !== null && 'client' in ground) await ground.close();
  }
}

type Opened = (Ground & { close(): Promise<void> }) | { readonly code: string; readonly message: string };

async function tryOpening(request: Request, io: SimulateIo): Promise<Opened> {
  try {
    return await io.openGround(request.clocks);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (io.interrupted.aborted) return { code: 'interrupted', message };
    io.printError(`${error instanceof Error && !('code' in error) ? (error.stack ?? message) : message}\n`);
    return { code: error instanceof Error && 'code' in error ? String(error.code) : 'internal', message };
  }
}

async function playOne(one: ReadFile, ground: Opened | null): Promise<ScenarioDocument> {
  if ('problem' in one) return unplayedDocument(one.file, 0, one.problem);
  if (ground === null) throw new Error('a scenario was read, and no ground was opened for it');
  return 'client' in ground ? playScenario(one.scenario, ground) : unplayedDocument(one.file, 0, ground);
}

function tell(one: ReadFile, document: ScenarioDocument, io: SimulateIo): string {
  const isPlayed = 'scenario' in one && document.steps.length > 0;
  return `${isPlayed ? tellStory(one.scenario, document, io.isColorful) : tellProblem(one.file, document, io.isColorful)}\n`;
}
