import { Runtime } from '@temporalio/worker';

export interface Polling {
  /** Begins nothing new, and waits for what is under way. May be called twice. */
  stop: () => Promise<void>;
}

/** After an error, however often it comes: an outage is not made longer by many who ask. */
const AFTER_ERROR_MS = 2_000;

/**
 * Does one kind of work again and again: at once while there is more of it (`work` answers true), else after `intervalMs`. An error is
 * logged, and the work is tried again. Asking beats being told here: a NOTIFY at every commit would make all commits wait for each other.
 */
export function poll(name: string, intervalMs: number, work: () => Promise<boolean>): Polling {
  let isStopping = false;
  let wake = (): void => undefined;
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const run = async (): Promise<void> => {
    // It changes while this waits, which the compiler cannot see.
    const goesOn = (): boolean => !isStopping;
    while (goesOn()) {
      const pauseMs = await once(name, intervalMs, work);
      if (pauseMs > 0 && goesOn()) await pause(pauseMs);
    }
  };
  const ended = run();
  return {
    stop: () => {
      isStopping = true;
      wake();
      return ended;
    },
  };
}

async function once(name: string, intervalMs: number, work: () => Promise<boolean>): Promise<number> {
  try {
    return (await work()) ? 0 : intervalMs;
  } catch (error) {
    warn(`${name} failed and is tried again`, error);
    return AFTER_ERROR_MS;
  }
}

/** The loop goes on also where nothing can be written (a full disk): nobody waits for its promise, so a rejection would end the process. */
function warn(message: string, error: unknown): void {
  try {
    Runtime.instance().logger.warn(message, { error: String(error) });
  } catch {
    return;
  }
}
