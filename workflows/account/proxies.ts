import { proxyActivities } from '@temporalio/workflow';

import type { AccountActivities } from '../../activities/account-activities.ts';

/** A worker that died is noticed by its heartbeats (workers/polling/heartbeat.ts), not by the end of minutes. */
const TIMEOUTS = { startToCloseTimeout: '2 minutes', heartbeatTimeout: '10 seconds' } as const;

/**
 * What the queue waits for. Retried for ever: what an activity reports as an error is an outage of ours or a bug, and money must not be
 * forgotten over either. Trouble at Stripe is no error here but an answer, after some seconds.
 */
export const activities = proxyActivities<AccountActivities>({
  ...TIMEOUTS,
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** The same beside the queue: for ever too, but slower, so that an outage of hours does not end in a rush of all accounts. */
export const errandActivities = proxyActivities<AccountActivities>({
  ...TIMEOUTS,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 minutes' },
});

/** Acts that somebody asks for again until they have had their effect (workers/stripe-inbox.ts): not tried for ever. */
export const briefActivities = proxyActivities<Pick<AccountActivities, 'lookAtInvoice'>>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '200 milliseconds', maximumAttempts: 3 },
});
