import type { Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInterceptors, Next } from '@temporalio/worker';

/** A third of the shortest heartbeat timeout that a workflow asks for. */
const INTERVAL_MS = 3_000;

/**
 * Says for every running activity that its worker is alive, so that the work of one that was killed goes to another within seconds
 * instead of after the longest that a call to Stripe may take.
 */
export function heartbeatWhileRunning(context: Context): ActivityInterceptors {
  return {
    inbound: {
      execute: async (
        input: ActivityExecuteInput,
        next: Next<NonNullable<ActivityInterceptors['inbound']>, 'execute'>,
      ) => {
        const beat = setInterval(() => {
          context.heartbeat();
        }, INTERVAL_MS);
        try {
          return await next(input);
        } finally {
          clearInterval(beat);
        }
      },
    },
  };
}
