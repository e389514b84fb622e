import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startTracingTo, type Tracing } from '../../telemetry/tracing.ts';
import { type ApiUnderTest, openApi } from './api-under-test.ts';

const MISSED = 'perennial_http_request_seconds_count{method="GET",route="/v1/accounts/:account",status="404"} ';

/** How many accounts were asked for that are not there, in this process so far. */
function countOf(text: string): number {
  const line = text.split('\n').find((each) => each.startsWith(MISSED));
  return Number(line?.slice(MISSED.length) ?? 0);
}

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('what the API tells of itself', () => {
  const exporter = new InMemorySpanExporter();
  let tracing: Tracing;
  let api: ApiUnderTest;

  beforeAll(async () => {
    tracing = startTracingTo(exporter);
    api = await openApi();
  });
  afterAll(async () => {
    await api.close();
    await tracing.stop();
  });

  const metrics = async (): Promise<string> => {
    const answer = await fetch(`${api.url}/metrics`);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    return answer.text();
  };

  it('times answers by route, and never by what stands in a path', async () => {
    const before = countOf(await metrics());
    await fetch(`${api.url}/v1/accounts/somebodys-secret`, { headers: { authorization: `Bearer ${api.key}` } });
    const text = await metrics();
    expect(countOf(text)).toBe(before + 1);
    expect(text).not.toContain('somebodys-secret');
  });

  it("continues its caller's trace", async () => {
    await fetch(`${api.url}/healthz`, { headers: { traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01` } });
    const span = exporter.getFinishedSpans().find((candidate) => candidate.name === 'GET /healthz');
    expect(span?.spanContext().traceId).toBe(TRACE_ID);
    expect(span?.attributes['http.response.status_code']).toBe(200);
  });
});
