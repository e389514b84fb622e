import type { AccountDocument } from '../billing/model/document.ts';
import type { Instant } from '../billing/calendar/instant.ts';

/** What `--json` prints for one file; its shape is a fixed interface (scenarios/README.md). Amounts are minor units. */
export interface ScenarioDocument {
  readonly name: string;
  readonly ok: boolean;
  /** Wall time, to the millisecond. */
  readonly seconds: number;
  readonly steps: readonly StepDocument[];
  /** By the scenario's own names, as they stand at its end. */
  readonly accounts: Readonly<Record<string, AccountDocument>>;
  /** Why it was not played, or not to its end. */
  readonly error?: { readonly code: string; readonly message: string };
}

export interface StepDocument {
  readonly step: string;
  /** The scenario's clock once the step is done. */
  readonly at: Instant;
  readonly ok: boolean;
  readonly result?: unknown;
  readonly refusal?: { readonly code: string; readonly message: string };
  readonly mismatch?: string;
}

/** For a file that could not be played at all. */
export function unplayedDocument(
  file: string,
  seconds: number,
  error: { code: string; message: string },
): ScenarioDocument {
  return { name: file, ok: false, seconds, steps: [], accounts: {}, error };
}
