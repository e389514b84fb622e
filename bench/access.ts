import type { Perennial } from '../client/perennial.ts';
import { type Comparison, rateOf } from './compare.ts';
import type { Ground } from './ground.ts';
import { load, type Target } from './http-load.ts';

const AT_ONCE = 8;
const IN_PROCESS_MS = 3_000;
const CONNECTIONS = 32;
const REQUESTS = 15_000;

const QUESTION = (member: string) => ({ kind: 'run', sender: { id: member }, visibility: 'private' }) as const;

export function accessComparisons(
  { perennial, pool }: Ground,
  api: Target,
  { accountId, memberId }: { readonly accountId: string; readonly memberId: string },
): readonly Comparison[] {
  const select = { name: 'bench-select', text: 'select * from accounts where account_id = $1', values: [accountId] };
  const body = JSON.stringify({ account: accountId, ...QUESTION(memberId) });
  const bodies = Array.from({ length: REQUESTS }, () => body);
  return [
    {
      name: 'access check inside the process ÷ a prepared select by primary key',
      unit: 'checks/s',
      ours: {
        name: 'checkAccess',
        run: () => rateOf(() => perennial.checkAccess(accountId, QUESTION(memberId)), AT_ONCE, IN_PROCESS_MS),
      },
      baseline: {
        name: 'select',
        run: () => rateOf(() => pool.query(select), AT_ONCE, IN_PROCESS_MS),
      },
      atLeast: 0.8,
    },
    {
      name: 'access check over HTTP ÷ the same server answering a bare select',
      unit: 'checks/s',
      ours: {
        name: 'POST /v1/access-checks',
        run: async () => (await load(api, { path: '/v1/access-checks', bodies, connections: CONNECTIONS })).perSecond,
      },
      baseline: {
        name: 'POST /bench/select',
        run: async () => (await load(api, { path: '/bench/select', bodies, connections: CONNECTIONS })).perSecond,
      },
      atLeast: 0.6,
    },
  ];
}

/** The median time of an access check, in milliseconds, over accounts taken in turn by a stride that visits all of them. */
export async function medianCheckMs(
  perennial: Perennial,
  accounts: readonly string[],
  memberId: string,
  count: number,
): Promise<number> {
  const times: number[] = [];
  const stride = 7919;
  for (let index = 0; index < count; index++) {
    const accountId = accounts[(index * stride) % accounts.length] ?? '';
    const startedAt = performance.now();
    await perennial.checkAccess(accountId, QUESTION(memberId));
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? Number.NaN;
}
