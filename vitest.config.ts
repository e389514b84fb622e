import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/stack-global-setup.ts'],
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
  },
});
