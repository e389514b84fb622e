/** When a part is ended: `first` stops answering, `last` is what others write to until they end. */
type Stage = 'first' | 'middle' | 'last' | 'afterwards';

const STAGES: readonly Stage[] = ['first', 'middle', 'last', 'afterwards'];

/**
 * What has to be ended, in stages; the parts of one stage end side by side. A part that is added when all has ended,
 * because its start was under way, is ended at once.
 */
export class Teardown {
  readonly #steps: { readonly stage: Stage; readonly end: () => Promise<void> }[] = [];
  #running: Promise<void> | null = null;

  add(stage: Stage, end: () => Promise<void>): void {
    if (this.#running !== null) void end().catch(() => undefined);
    else this.#steps.push({ stage, end });
  }

  get hasBegun(): boolean {
    return this.#running !== null;
  }

  /** Ends everything; a second call waits for the first. Rejects, after all was tried, with the first thing that failed. */
  run(): Promise<void> {
    return (this.#running ??= this.#end());
  }

  async #end(): Promise<void> {
    const failures: unknown[] = [];
    for (const stage of STAGES) {
      const steps = this.#steps.filter((step) => step.stage === stage);
      for (const result of await Promise.allSettled(steps.map((step) => step.end()))) {
        if (result.status === 'rejected') failures.push(result.reason);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
