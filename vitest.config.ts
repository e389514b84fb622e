import { defineConfig } from 'vitest/config';

const testsIn = (...folders: readonly string[]): string[] => folders.map((folder) => `test/${folder}/**/*.test.ts`);

/** Facts in, an answer out: no server, no global setup, seconds for all of them. */
const UNIT = testsIn('billing', 'reference', 'simulate', 'web/unit');

/** No server either, but not in seconds: thousands of random lives, and what holds of the repository itself. */
const SLOW = ['test/reference/random-lives.test.ts', ...testsIn('house')];

export default defineConfig({
  test: {
    // Workers and the Temporal SDK's native part want processes of their own.
    pool: 'forks',
    // Every file may run a worker; more at once than this only slows a small machine down.
    maxWorkers: 2,
    // Files of one process share what they import, which is seconds for each: nothing that a test counts on is in a module.
    isolate: false,
    // Real servers on a busy machine: these end what hangs, they do not measure.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'unit', include: UNIT, exclude: SLOW } },
      { extends: true, test: { name: 'slow', include: SLOW } },
      {
        extends: true,
        test: {
          name: 'stack',
          // Whatever is not above, so that a new folder is run without being named here.
          include: ['test/**/*.test.ts'],
          exclude: [...UNIT, ...SLOW],
          globalSetup: ['test/stack-global-setup.ts'],
        },
      },
    ],
  },
});
