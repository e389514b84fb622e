import { Runtime } from '@temporalio/worker';
import { describe, expect, it, vi } from 'vitest';

import { poll } from '../../workers/polling/poll.ts';
import { installRuntime } from '../../workers/runtime.ts';

describe('work that is done again and again', () => {
  it('given work that fails, and a log that cannot be written to, then it goes on, and stops when it is told to', async () => {
    installRuntime('WARN', { metricsAddress: null });
    const fullDisk = vi.spyOn(Runtime.instance().logger, 'warn').mockImplementation(() => {
      throw new Error('ENOSPC');
    });
    let tries = 0;
    const polling = poll('a test', 1, () => {
      tries++;
      return tries === 1 ? Promise.reject(new Error('Postgres is away')) : Promise.resolve(false);
    });
    await vi.waitUntil(() => tries > 2, { timeout: 10_000 });
    await polling.stop();
    expect(fullDisk).toHaveBeenCalledTimes(1);
    fullDisk.mockRestore();
  });
});
