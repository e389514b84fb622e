import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { parseInstant } from '../../billing/calendar/instant.ts';
import { notice } from '../../server/schemas/notice-document.ts';
import { eventOfAudit, eventOfNotice, type OutgoingEvent } from '../../billing/notices/outgoing-event.ts';
import { RETRY_DELAYS_SECONDS } from '../../workers/outgoing/retry-delays.ts';
import {
  type Engine,
  openEngine,
  signUpOnClock,
  subscribedToCredits,
  subscribedToPro,
} from '../engine/engine-under-test.ts';

const DOCUMENT = readFileSync(new URL('../../docs/webhooks.md', import.meta.url), 'utf8');

const timestamp = z.string().refine((text) => parseInstant(text) === text);
const quantity = z.looseObject({ quantity: z.int() });
const minor = z.int();

function change(type: string, before: z.ZodType, after: z.ZodType): z.ZodType {
  const data = z.strictObject({ account: z.string(), actor: z.string(), before, after });
  return z.strictObject({ type: z.literal(type), timestamp, data });
}

/** Nothing that the API does not document is sent. */
const noticeDetail = z.strictObject(notice.shape.detail.shape);

/** What docs/webhooks.md promises of the types that it shows. */
const SHAPES: Readonly<Record<string, z.ZodType>> = {
  'invoice.issued': change(
    'invoice.issued',
    z.null(),
    z.strictObject({ number: z.string(), purpose: z.string(), total: minor }),
  ),
  'invoice.paid': change('invoice.paid', z.null(), z.strictObject({ number: z.string(), total: minor })),
  'payment.failed': change(
    'payment.failed',
    z.null(),
    z.strictObject({ number: z.string(), reason: z.string(), detail: z.string() }),
  ),
  'phase.changed': change('phase.changed', z.string(), z.string()),
  'seat.added': change('seat.added', quantity, quantity),
  'notice.given': z.strictObject({
    type: z.literal('notice.given'),
    timestamp,
    data: z.strictObject({
      account: z.string(),
      kind: z.string(),
      currency: z.string(),
      detail: noticeDetail,
    }),
  }),
  'webhook_endpoint.failing': z.strictObject({
    type: z.literal('webhook_endpoint.failing'),
    timestamp,
    data: z.strictObject({ endpoint: z.string(), url: z.url() }),
  }),
};

const documented = (type: string): boolean => {
  const [family = '', name = ''] = type.split('.');
  return new RegExp(`^\\| .*\`${family}\\.[^|]*\`[^|]*`, 'm').test(DOCUMENT) && DOCUMENT.includes(`.${name}\``);
};

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
});

afterAll(async () => {
  await engine.close();
});

describe('docs/webhooks.md', () => {
  it('given its examples, then each has the shape that is promised, and no promised type is without one', () => {
    const examples = [...DOCUMENT.matchAll(/```json event\n(.*?)```/gs)].map(
      ([, text]) => JSON.parse(text ?? '') as { type: string },
    );
    for (const example of examples) expect(SHAPES[example.type]?.safeParse(example).error ?? null).toBeNull();
    expect(new Set(examples.map(({ type }) => type))).toEqual(new Set(Object.keys(SHAPES)));
  });

  it('given accounts that live a while, then what is sent has these shapes, and every type is documented', async () => {
    const seats = await subscribedToPro(engine, { now: '2027-01-31T09:00:00Z', seats: 2, interval: 'month' });
    await engine.perennial.execute(seats.accountId, { type: 'addSeats', count: 1 });
    await engine.perennial.execute(seats.accountId, { type: 'setAutomaticAllocation', enabled: true });
    await engine.perennial.addPaymentMethod(seats.accountId, 'pm_card_chargeCustomerFail');
    await seats.advance('2027-03-20T00:00:00Z');
    const trial = await signUpOnClock(engine, { catalog: 'qodo', now: '2027-01-31T09:00:00Z' });
    await trial.advance('2027-02-20T00:00:00Z');
    const credits = await subscribedToCredits(engine, { now: '2027-01-31T09:00:00Z', capCents: 1_200 });
    await engine.perennial.recordUsage(credits.accountId, { feature: 'ask', credits: 3_500 });
    await engine.perennial.execute(credits.accountId, { type: 'close' });
    const audit = await engine.db('auditEntries').orderBy('auditId');
    const notices = await engine.db('notices').orderBy('noticeId');
    const events: readonly OutgoingEvent[] = [
      ...audit.flatMap((entry) => eventOfAudit(entry.accountId, entry) ?? []),
      ...notices.map((each) => eventOfNotice({ ...each, currency: 'usd' }, each)),
    ];
    for (const event of events)
      expect([event, SHAPES[event.type]?.safeParse(event).error ?? null]).toEqual([event, null]);
    const types = new Set(events.map(({ type }) => type));
    for (const type of ['invoice.paid', 'payment.failed', 'seat.added', 'notice.given']) expect(types).toContain(type);
    expect([...types].filter((type) => !documented(type))).toEqual([]);
  });

  it('given the schedule of retries, then it is the one in the text', () => {
    const words = RETRY_DELAYS_SECONDS.map((seconds) =>
      seconds < 60 ? `${seconds} s` : seconds < 3600 ? `${seconds / 60} min` : `${seconds / 3600} h`,
    );
    expect(DOCUMENT).toContain(`${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`);
  });
});
