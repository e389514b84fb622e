import { z } from 'zod';

import type { Perennial } from '../../client/perennial.ts';
import type { AccountEvent } from '../../client/usage/record-events.ts';
import { answers, POSTED } from '../answers/answers.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { count, givenInstant, id, listOf } from '../schemas/fields.ts';
import { invalidRequest } from '../answers/invalid-request.ts';

const MAX_EVENTS = 1000;
/** 1,000 events whose every field is as long as it may be. */
const BODY_LIMIT_BYTES = 4_194_304;

/** What an event should be. Each is read on its own, so that one that is malformed hurts no other; so this is for the reader. */
const usageEvent = z
  .strictObject({
    id: id.meta({
      description: 'Your id of the event. Sending the same id and content again never records a second event.',
    }),
    account: id,
    feature: id,
    quantity: count.exactOptional().meta({ description: 'How often the feature was used. Default: 1.' }),
    credits: count.exactOptional().meta({ description: 'Units of the meter, instead of a quantity.' }),
    member: id.exactOptional(),
    model: id.exactOptional(),
    occurredAt: givenInstant
      .exactOptional()
      .meta({ description: 'When the usage occurred, at most 35 days ago. Default: now.' }),
  })
  .meta({ id: 'UsageEvent' });

const usageBody = z
  .strictObject({
    events: z
      .array(z.unknown(), 'expected a list of events')
      .min(1, 'expected at least one event')
      .max(MAX_EVENTS, `expected at most ${String(MAX_EVENTS)} events`)
      .meta({ items: { $ref: '#/components/schemas/UsageEventInput' } }),
  })
  .meta({ examples: [{ events: [{ id: 'run-1', account: 'acme', feature: 'pr-review', member: 'github:2' }] }] });

const parts = {
  id: z.string(),
  meter: z.string(),
  included: z.number().meta({ description: 'Covered by the included amount, in the unit of the meter.' }),
  overage: z.number(),
  trial: z.number().meta({ description: 'Used in the trial, free of charge.' }),
};

const eventResult = z
  .discriminatedUnion('status', [
    z.object({ status: z.literal('accepted'), ...parts }),
    z.object({ status: z.literal('duplicate'), ...parts }),
    z.object({
      status: z.literal('refused'),
      id: z.string(),
      code: z.string().meta({ description: 'See docs/errors.md.', examples: ['spending_cap_reached'] }),
      message: z.string(),
      solve: z.string().nullable(),
      limit: z
        .string()
        .exactOptional()
        .meta({
          description:
            'The limit that was reached, if `code` explains why it was that low, for example for an event from a time without a ' +
            'subscription.',
          examples: ['spending_cap_reached'],
        }),
      field: z.string().nullable(),
    }),
  ])
  .meta({ id: 'UsageResult' });

export function usageRoutes(api: Api, { perennial }: ApiContext): void {
  api.post(
    '/v1/usage',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      config: { access: { scope: 'usage:write', portal: null } },
      // A thousand results that we have made ourselves need no check on their way out.
      serializerCompiler: () => JSON.stringify,
      schema: {
        operationId: 'recordUsage',
        tags: ['Use'],
        summary: 'Record usage',
        description:
          'Accepts up to 1,000 events of any accounts. Each event has its own result, in order: `accepted` with its parts, ' +
          '`duplicate` with the parts of the original event, or `refused` with a code. A refused event does not affect the ' +
          'others. Results are returned after they are committed. If a response is lost, send the same events again.',
        body: usageBody,
        ...answers({ 200: z.object({ results: listOf(eventResult) }) }, POSTED),
      },
    },
    ({ body }) => recordEach(perennial, body.events),
  );
}

type Result = z.output<typeof eventResult>;

const FIELDS: ReadonlySet<string> = new Set(Object.keys(usageEvent.shape));

/** A field that is not known is a mistake that would cost somebody money, so its event is refused; the others are recorded. */
async function recordEach(perennial: Perennial, events: readonly unknown[]): Promise<{ results: readonly Result[] }> {
  const refused = events.map(unknownField);
  const sound = events.filter((_event, index) => refused[index] === null);
  const recorded = await perennial.recordUsageBatch(sound as readonly AccountEvent[]);
  const rest = recorded.values();
  return { results: refused.map((each) => each ?? (rest.next().value as Result)) };
}

function unknownField(event: unknown): Result | null {
  if (typeof event !== 'object' || event === null) return null;
  for (const name in event) {
    if (FIELDS.has(name)) continue;
    const { code, message, solve, field } = invalidRequest([{ path: [], keys: [name], message: '' }]);
    const { id: given } = event as { readonly id?: unknown };
    return { status: 'refused', id: typeof given === 'string' ? given : '', code, message, solve, field };
  }
  return null;
}
