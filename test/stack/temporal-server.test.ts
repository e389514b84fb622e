import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { canSkipTime, prepareNamespace } from '../../stack/temporal/prepare-namespace.ts';
import { waitMonths } from './year-long-workflow.ts';

const DAY_MS = 86_400_000;

describe('the Temporal server of the stack', () => {
  const { temporalAddress: address, namespace, uiUrl } = inject('stack');
  let connection: Connection;
  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('WARN') });
    connection = await Connection.connect({ address });
  });
  afterAll(() => connection.close());

  it('given a stack, when its UI is opened, then it answers and shows the namespace', async () => {
    expect(uiUrl).not.toBeNull();
    const settings = (await (await fetch(`${uiUrl ?? ''}/api/v1/settings`)).json()) as { DefaultNamespace?: string };
    expect(settings.DefaultNamespace).toBe(namespace);
  });

  it('given a prepared namespace, when prepared again by several at once, then nothing changes', async () => {
    const attributes = async (): Promise<unknown> =>
      (await connection.operatorService.listSearchAttributes({ namespace })).customAttributes;
    const before = await attributes();
    expect(before).toMatchObject({ BillingPhase: 2, BillingPlan: 2, NextBoundary: 6, Seats: 3 });
    await Promise.all([1, 2, 3].map(() => prepareNamespace(address, namespace)));
    expect(await attributes()).toEqual(before);
  });

  it('given another namespace, when prepared, then it can be used and found by its search attributes', async () => {
    const other = `other-${randomUUID()}`;
    await prepareNamespace(address, other);
    const client = new Client({ connection, namespace: other });
    await client.workflow.start('none', {
      ...{ workflowId: 'acme', taskQueue: 'nobody' },
      typedSearchAttributes: [
        { key: defineSearchAttributeKey('BillingPhase', 'KEYWORD'), value: 'trialing' },
        { key: defineSearchAttributeKey('Seats', 'INT'), value: 7 },
        { key: defineSearchAttributeKey('NextBoundary', 'DATETIME'), value: new Date() },
      ],
    });
    const query = 'BillingPhase = "trialing" AND Seats > 6';
    await expect.poll(async () => (await client.workflow.count(query)).count, { timeout: 20_000 }).toBe(1);
  });

  it('given a workflow that sleeps a year, when fast-forwarded, then it ends within seconds, on time', async () => {
    expect(await canSkipTime(address, namespace)).toBe(true);
    const client = new Client({ connection, namespace });
    const native = await NativeConnection.connect({ address });
    const taskQueue = `skip-${randomUUID()}`;
    const worker = await Worker.create({
      ...{ connection: native, namespace, taskQueue },
      workflowsPath: fileURLToPath(new URL('year-long-workflow.ts', import.meta.url)),
    });
    const ending = worker.runUntil(async () => {
      const handle = await client.workflow.start(waitMonths, { args: [12], taskQueue, workflowId: taskQueue });
      const fastForward = { id: 'a-year', duration: msToTs(361 * DAY_MS) };
      await connection.workflowService.updateWorkflowExecutionOptions({
        namespace,
        workflowExecution: { workflowId: taskQueue },
        workflowExecutionOptions: {
          timeSkippingConfig: { enabled: true, maxSessionSkipCount: 100, fastForwardConfig: fastForward },
        },
        updateMask: { paths: ['time_skipping_config'] },
      });
      return handle.result();
    });
    const { beganAtMs, endedAtMs } = await ending;
    await native.close();
    expect(Math.abs(endedAtMs - beganAtMs - 360 * DAY_MS)).toBeLessThan(60_000);
  });

  it('given an address where nobody answers, when a namespace is prepared, then the address is named', async () => {
    await expect(prepareNamespace('127.0.0.1:1', 'default')).rejects.toThrow(
      'No Temporal server answers at 127.0.0.1:1',
    );
  });
});
