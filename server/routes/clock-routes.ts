import { z } from 'zod';

import { parseInstant } from '../../billing/calendar/instant.ts';
import type { Perennial } from '../../client/perennial.ts';
import { answers, POSTED } from '../answers/answers.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { pageOf, pageQuery, readPlace, toPage } from '../answers/cursor.ts';
import { givenInstant, id, instant, listOf } from '../schemas/fields.ts';
import { assertSandbox } from './sandbox-only.ts';

const clock = z
  .object({
    clockId: z.string(),
    now: instant,
    accountIds: listOf(z.string()).meta({ description: 'The accounts on this clock.' }),
  })
  .meta({ id: 'TestClock' });

const access = { scope: 'sandbox', portal: null } as const;
const tags = ['Test clocks'];
const clockParams = z.object({ clock: id });
/** A year of many accounts is worked off before the answer comes. */
const ADVANCE_TIMEOUT_MS = 300_000;

/** Virtual time, in sandboxes only. */
export function clockRoutes(api: Api, context: ApiContext): void {
  const { perennial } = context;
  const guarded = guardedBy(context);
  api.post(
    '/v1/test-clocks',
    {
      ...guarded,
      schema: {
        operationId: 'createTestClock',
        tags,
        summary: 'Create a test clock',
        description: 'The clock stands still until it is advanced. Sign up accounts on it with `testClockId`.',
        body: z
          .strictObject({ clockId: id, now: givenInstant })
          .meta({ examples: [{ clockId: 'what-if', now: '2027-01-31T00:00:00Z' }] }),
        ...answers({ 201: clock }, ['not_a_sandbox', ...POSTED]),
      },
    },
    async ({ body }, reply) => {
      const { clockId, now } = body;
      await perennial.createTestClock({ clockId, now: parseInstant(now, 'now') });
      return reply.code(201).send(await read(perennial, clockId));
    },
  );
  api.get(
    '/v1/test-clocks',
    {
      ...guarded,
      schema: {
        operationId: 'listTestClocks',
        tags,
        summary: 'List test clocks',
        description: 'By id, each with the accounts on it.',
        querystring: z.strictObject(pageQuery),
        ...answers({ 200: pageOf(clock) }, ['not_a_sandbox']),
      },
    },
    async ({ query: { limit, cursor } }) => {
      const after = readPlace(cursor, [id]);
      const found = await perennial.testClocks({ after, count: limit + 1 });
      return toPage(found, limit, (each) => [each.clockId]);
    },
  );
  api.get(
    '/v1/test-clocks/:clock',
    {
      ...guarded,
      schema: {
        operationId: 'getTestClock',
        tags,
        summary: 'Retrieve a test clock',
        params: clockParams,
        ...answers({ 200: clock }, ['not_a_sandbox', 'unknown_test_clock']),
      },
    },
    ({ params }) => read(perennial, params.clock),
  );
  advanceRoute(api, context);
}

function advanceRoute(api: Api, context: ApiContext): void {
  const { perennial } = context;
  api.post(
    '/v1/test-clocks/:clock/advance',
    {
      ...guardedBy(context),
      config: { access, answerWithinMs: ADVANCE_TIMEOUT_MS },
      schema: {
        operationId: 'advanceTestClock',
        tags,
        summary: 'Advance a test clock',
        description:
          'Returns once every account on the clock has processed, in order, everything scheduled until then: renewals, invoices, ' +
          'payments, and notices.',
        params: clockParams,
        body: z.strictObject({ to: givenInstant }).meta({ examples: [{ to: '2027-02-28T00:00:00Z' }] }),
        ...answers({ 200: clock }, ['not_a_sandbox', 'unknown_test_clock', 'date_before_clock', ...POSTED]),
      },
    },
    async ({ params, body }) => {
      const to = parseInstant(body.to, 'to');
      await perennial.within(ADVANCE_TIMEOUT_MS, () => perennial.advanceTestClock(params.clock, to));
      return read(perennial, params.clock);
    },
  );
}

async function read(perennial: Perennial, clockId: string): Promise<z.output<typeof clock>> {
  return { clockId, ...(await perennial.testClock(clockId)) };
}

interface Guarded {
  readonly config: { readonly access: typeof access };
  readonly preHandler: (request: unknown, reply: unknown, done: () => void) => void;
}

function guardedBy(context: ApiContext): Guarded {
  return {
    config: { access },
    preHandler: (_request, _reply, done) => {
      assertSandbox(context);
      done();
    },
  };
}
