import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';

import { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { expect } from 'vitest';

import { workflowBundle } from '../../workers/workflow-bundle.ts';
import type { Engine } from './engine-under-test.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HISTORIES = fileURLToPath(new URL('./histories/', import.meta.url));
export const isRecording = process.env['PERENNIAL_RECORD_HISTORIES'] === '1';

export interface NamedHistory {
  readonly name: string;
  readonly workflowId: string;
  readonly history: object;
}

/** As Temporal's wire has it, in JSON. The SDK's own `historyToJSON` cannot be used: it fails with the protobufjs that npm gives it. */
const { History } = temporal.api.history.v1;

/** As a word of its own: a short name may well stand in the middle of what is encoded. */
const HOST_NAME = new RegExp(`(?<![\\w+/=])${hostname().replaceAll(/[^\w-]/g, '.')}(?![\\w+/=])`, 'g');

/** Every run of a workflow, newest first, without the names and paths of the machine it ran on. */
export async function runsOf(engine: Engine, name: string, workflowId: string): Promise<readonly NamedHistory[]> {
  const runs: NamedHistory[] = [];
  const executions = engine.temporal.workflow.list({ query: `WorkflowId = "${workflowId}"` });
  for await (const { runId } of executions) {
    const history = await engine.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    const readable = History.toObject(History.fromObject(history), { longs: String, enums: String, bytes: String });
    const text = JSON.stringify(readable)
      .replaceAll(/"\d+@[^"]*"/g, '"worker"')
      .replaceAll(ROOT, '/')
      .replaceAll(HOST_NAME, 'host');
    runs.push({ name, workflowId, history: JSON.parse(text) as object });
  }
  return runs.map((run, index) => ({ ...run, name: `${run.name}-run-${String(runs.length - index)}` }));
}

/** What the present code does not do as it is told there. */
export async function replayFailures(histories: readonly NamedHistory[]): Promise<readonly string[]> {
  const failures: string[] = [];
  const each = histories.map(({ workflowId, history }) => ({ workflowId, history: History.fromObject(history) }));
  let index = 0;
  for await (const { error } of Worker.runReplayHistories(
    { workflowBundle: await workflowBundle({ isTraced: false }) },
    each,
  )) {
    if (error !== undefined) failures.push(`${histories[index]?.name ?? ''}: ${error.message}`);
    index++;
  }
  expect(index).toBe(histories.length);
  return failures;
}

/** Adds those whose names are new, where that was asked for. */
export async function record(histories: readonly NamedHistory[]): Promise<void> {
  if (!isRecording) return;
  await mkdir(HISTORIES, { recursive: true });
  for (const { name, ...recorded } of histories)
    await writeFile(`${HISTORIES}${name}.json`, `${JSON.stringify(recorded)}\n`, { flag: 'wx' }).catch(unlessItExists);
}

function unlessItExists(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

export async function committedHistories(): Promise<readonly NamedHistory[]> {
  const names = (await readdir(HISTORIES)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    names.map(async (name): Promise<NamedHistory> => {
      const text = await readFile(`${HISTORIES}${name}`, 'utf8');
      return { name, ...(JSON.parse(text) as Pick<NamedHistory, 'workflowId' | 'history'>) };
    }),
  );
}
