import * as wf from '@temporalio/workflow';

/** Runs what goes on also where somebody asked Temporal to cancel the workflow. */
export function lasting<Result>(act: () => Promise<Result>): Promise<Result> {
  return wf.CancellationScope.nonCancellable(act);
}
