import { migrate } from '../../db/migrate.ts';
import { findStack, type FoundStack } from './find-stack.ts';
import { openGround } from './ground.ts';
import { simulate } from './simulate.ts';

const EXIT_INTERRUPTED = 130;

const interrupted = new AbortController();
let stack: FoundStack | null = null;

async function openStackAndGround(clocks: 'test' | 'timers'): ReturnType<typeof openGround> {
  const found = await findStack(process.env, interrupted.signal);
  stack = found;
  await migrate(found.databaseUrl);
  const { temporal, databaseUrl, stripe, isShared } = found;
  const ground = await openGround({
    clocks,
    temporalAddress: temporal.address,
    namespace: temporal.namespace,
    databaseUrl,
    stripe,
    isShared,
  });
  return ground;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interrupted.abort();
    // Whatever is being played is given up; what was started for it is not left behind.
    void (stack?.stop() ?? Promise.resolve()).finally(() => process.exit(EXIT_INTERRUPTED));
  });
}

try {
  process.exitCode = await simulate(process.argv.slice(2), {
    openGround: openStackAndGround,
    env: process.env,
    print: (text) => process.stdout.write(text),
    printError: (text) => process.stderr.write(text),
    isColorful: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
  });
} finally {
  await (stack as FoundStack | null)?.stop();
}
