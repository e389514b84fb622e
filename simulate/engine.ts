import type { Perennial } from '../client/perennial.ts';

/** What scenarios ask of an engine: of the typed client, or of an installation's HTTP API. */
export type Engine = Pick<
  Perennial,
  | 'signUp'
  | 'execute'
  | 'addPaymentMethod'
  | 'previewSeats'
  | 'recordUsage'
  | 'checkAccess'
  | 'hold'
  | 'capture'
  | 'release'
  | 'reverseUsage'
  | 'status'
  | 'createTestClock'
  | 'advanceTestClock'
>;
