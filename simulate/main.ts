import type { FoundStack } from './find-stack.ts';
import { installationIn, simulate, type SimulateIo } from './simulate.ts';

const EXIT_INTERRUPTED = 130;

const interrupted = new AbortController();
let stack: FoundStack | null = null;

const openStackAndGround: SimulateIo['openGround'] = async (clocks) => {
  const installation = installationIn(process.env);
  if (installation !== null) return (await import('./remote-ground.ts')).openRemoteGround(installation);
  // Loaded only now: who mistyped something should not wait for Temporal's worker.
  const [{ findStack }, { migrate }, { openGround }] = await Promise.all([
    import('./find-stack.ts'),
    import('../db/migrate.ts'),
    import('./ground.ts'),
  ]);
  const found = await findStack(process.env, interrupted.signal);
  stack = found;
  await migrate(found.databaseOwnerUrl ?? found.databaseUrl, (line) => process.stderr.write(`${line}\n`));
  const { temporal, databaseUrl, stripe, isShared } = found;
  return openGround({
    clocks,
    temporalAddress: temporal.address,
    namespace: temporal.namespace,
    databaseUrl,
    stripe,
    isShared,
  });
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    // A start that is under way ends by itself, and tidies up; what is being played is given up.
    interrupted.abort();
    if (stack !== null) void stack.stop().finally(() => process.exit(EXIT_INTERRUPTED));
  });
}

try {
  const exitCode = await simulate(process.argv.slice(2), {
    openGround: openStackAndGround,
    env: process.env,
    print: (text) => process.stdout.write(text),
    printError: (text) => process.stderr.write(text),
    interrupted: interrupted.signal,
    isColorful: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
  });
  process.exitCode = interrupted.signal.aborted ? EXIT_INTERRUPTED : exitCode;
} finally {
  await (stack as FoundStack | null)?.stop();
}
