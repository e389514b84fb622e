import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startTracingTo, type Tracing } from '../../telemetry/tracing.ts';
import { type Engine, openEngine } from '../engine/engine-under-test.ts';

describe('traces', () => {
  const exporter = new InMemorySpanExporter();
  let tracing: Tracing;
  let engine: Engine;

  beforeAll(async () => {
    tracing = startTracingTo(exporter);
    engine = await openEngine({ tracing });
  });
  afterAll(async () => {
    await engine.close();
    await tracing.stop();
  });

  function spansOf(traceId: string): readonly ReadableSpan[] {
    return exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId);
  }

  async function traced(name: string, act: () => Promise<unknown>): Promise<readonly ReadableSpan[]> {
    const traceId = await trace.getTracer('test').startActiveSpan(name, async (span) => {
      await act();
      span.end();
      return span.spanContext().traceId;
    });
    return spansOf(traceId);
  }

  it('given a request, when it signs an account up, then its trace goes on in the workflow and in the activity', async () => {
    const accountId = engine.name('traced');
    const spans = await traced('POST /v1/signups', () =>
      engine.perennial.signUp({ accountId, ownerId: accountId, catalog: 'codspeed' }),
    );
    const names = spans.map((span) => span.name);
    expect(names).toContain('POST /v1/signups');
    expect(names.some((name) => name.includes('Update'))).toBe(true);
    expect(names).toContain('RunActivity:applyCommands');
  });
});
