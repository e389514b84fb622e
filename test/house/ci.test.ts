import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Stands in for npm: installs nothing, checks as it is told, and reports the tests that it is given. */
const NPM = `#!/usr/bin/env bash
case "$1 \${2-}" in
  'ci ') exit "$INSTALL_STATUS" ;;
  'run check') echo "$CHECK_OUTPUT"; exit "$CHECK_STATUS" ;;
  'test --')
    for argument in "$@"; do
      case "$argument" in --outputFile.json=*) printf '%s' "$REPORT" > "\${argument#*=}" ;; esac
    done
    exit "$TEST_STATUS" ;;
esac
`;

const checkout = mkdtempSync(join(tmpdir(), 'a checkout '));
mkdirSync(join(checkout, 'bin'));
cpSync(join(ROOT, '.ci'), join(checkout, '.ci'), { recursive: true });
writeFileSync(join(checkout, 'bin/npm'), NPM, { mode: 0o755 });
afterAll(() => {
  rmSync(checkout, { recursive: true });
});

const passed = { status: 'passed' };
const failed = { status: 'failed' };
const file = (status: string, ...assertionResults: readonly object[]): object => ({ status, assertionResults });

interface Run {
  readonly tests?: readonly object[];
  readonly install?: number;
  readonly check?: number;
  readonly test?: number;
}

/** What .ci/run says, above all in its last line, and how it ends. */
function ciRun({ tests = [file('passed', passed, passed)], install = 0, check = 0, test = 0 }: Run): {
  readonly status: number | null;
  readonly last: string | undefined;
  readonly output: string;
} {
  const { status, stdout } = spawnSync(join(checkout, '.ci/run'), {
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: `${join(checkout, 'bin')}:${process.env['PATH'] ?? ''}`,
      INSTALL_STATUS: String(install),
      CHECK_STATUS: String(check),
      CHECK_OUTPUT: 'billing/money/rational.ts is not formatted',
      TEST_STATUS: String(test),
      REPORT: JSON.stringify({ testResults: tests }),
    },
  });
  return { status, last: stdout.trimEnd().split('\n').at(-1), output: stdout };
}

describe('.ci/run', () => {
  it('given tests and a check that pass, then it says how many, and ends well', () => {
    expect(ciRun({})).toMatchObject({ status: 0, last: '2 passed, 0 failed' });
    const skipped = [file('passed', passed, { status: 'pending' })];
    expect(ciRun({ tests: skipped })).toMatchObject({ status: 0, last: '1 passed, 0 failed, 1 skipped' });
  });

  it('given a check that fails, then it is one failure more, and what it said is said again after the tests', () => {
    const { status, last, output } = ciRun({ check: 2 });
    expect({ status, last }).toEqual({ status: 1, last: '2 passed, 1 failed' });
    expect(output).toContain('FAILED npm run check\nbilling/money/rational.ts is not formatted\n');
    const both = ciRun({ tests: [file('failed', passed, failed)], check: 1, test: 1 });
    expect(both).toMatchObject({ status: 1, last: '1 passed, 2 failed' });
  });

  it('given a file that cannot be loaded, an error outside all tests, or no installation, then that is a failure', () => {
    const unloadable = ciRun({ tests: [file('passed', passed), file('failed')], test: 1 });
    expect(unloadable).toMatchObject({ status: 1, last: '1 passed, 1 failed' });
    expect(ciRun({ test: 1 })).toMatchObject({ status: 1, last: '2 passed, 1 failed' });
    expect(ciRun({ install: 1 })).toMatchObject({ status: 1, last: '0 passed, 1 failed' });
  });
});
