import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { accessChecks, metricsText, usageEvents, watchPool } from '../../telemetry/metrics.ts';

describe('metrics', () => {
  let server: Server | null = null;
  afterEach(() => {
    server?.close();
    server = null;
  });

  it('counts answers under their names', async () => {
    const counted = async (name: string): Promise<number> => {
      const line = (await metricsText(null)).split('\n').find((each) => each.startsWith(`${name} `));
      return Number(line?.slice(name.length) ?? 0);
    };
    const refused = 'perennial_usage_events_total{answer="spending_cap_reached"}';
    const allowed = 'perennial_access_checks_total{answer="allowed"}';
    const before = [await counted(refused), await counted(allowed)] as const;
    usageEvents.inc({ answer: 'spending_cap_reached' }, 3);
    accessChecks.inc({ answer: 'allowed' });
    expect(await counted(refused)).toBe(before[0] + 3);
    expect(await counted(allowed)).toBe(before[1] + 1);
  });

  it('reads a pool when it is asked, and no longer than it is watched', async () => {
    let waiting = 2;
    const forget = watchPool('test', () => ({ inUse: 1, idle: 4, waiting }));
    expect(await metricsText(null)).toContain('perennial_postgres_connections{pool="test",state="waiting"} 2');
    waiting = 0;
    expect(await metricsText(null)).toContain('perennial_postgres_connections{pool="test",state="waiting"} 0');
    forget();
    expect(await metricsText(null)).not.toContain('pool="test"');
  });

  it("has the worker's metrics with its own", async () => {
    server = createServer((_request, response) => response.end('temporal_request 7\n')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server?.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const text = await metricsText(`127.0.0.1:${String(port)}`);
    expect(text).toContain('temporal_request 7');
    expect(text).toContain('perennial_usage_events_total');
  });

  it("says so when the worker's cannot be read, and answers all the same", async () => {
    const text = await metricsText('127.0.0.1:1');
    expect(text).toContain('cannot be read');
    expect(text).toContain('perennial_usage_events_total');
  });
});
