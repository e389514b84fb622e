/** The fixed interface of `simulate --json` (scenarios/README.md): programs of others read it, so nothing of it may go missing. */

const instant = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$' };
const text = { type: 'string', minLength: 1 };
const whole = { type: 'integer' };
const count = { type: 'integer', minimum: 0 };
const nullable = (schema: object): object => ({ anyOf: [schema, { type: 'null' }] });
const listOf = (items: object): object => ({ type: 'array', items });
const withAll = (properties: Readonly<Record<string, object>>, ...optional: string[]): object => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

const line = withAll({
  kind: { enum: ['base', 'seats', 'proration', 'overage', 'credit', 'adjustment', 'carried'] },
  quantity: { type: 'number' },
  amount: whole,
  periodStart: instant,
  periodEnd: instant,
  description: text,
  explanation: withAll({ rule: text, formula: text, inputs: { type: 'object' } }),
});

const invoice = withAll({
  number: nullable(text),
  purpose: { enum: ['start', 'cycle', 'seats', 'plan-change', 'final'] },
  issuedAt: instant,
  periodStart: instant,
  periodEnd: instant,
  currency: { type: 'string', pattern: '^[a-z]{3}$' },
  total: whole,
  status: { enum: ['draft', 'open', 'paid', 'void', 'uncollectible', 'carried'] },
  lines: listOf(line),
  stripe: nullable(withAll({ id: text, status: text, total: whole })),
});

const meter = withAll({
  included: { type: 'number' },
  usedIncluded: { type: 'number' },
  overage: { type: 'number' },
  overageCents: count,
  capCents: nullable(count),
  held: { type: 'number' },
});

const account = withAll(
  {
    phase: { enum: ['trialing', 'free', 'active', 'past_due', 'blocked', 'canceled'] },
    plan: nullable(text),
    interval: nullable({ enum: ['month', 'year'] }),
    trialEndsAt: instant,
    cycle: nullable(withAll({ start: instant, end: instant })),
    seats: nullable(withAll({ quantity: count, used: count, free: count, awaitingRemoval: count })),
    members: listOf(withAll({ member: text, state: { enum: ['enabled', 'disabled'] }, reason: text }, 'reason')),
    meters: { type: 'object', additionalProperties: meter },
    invoices: listOf(invoice),
    notices: listOf(withAll({ at: instant, kind: text })),
    audit: listOf(withAll({ at: instant, actor: text, action: text })),
  },
  'trialEndsAt',
);

const codeAndMessage = withAll({ code: text, message: text });
const step = {
  ...withAll(
    { step: text, at: instant, ok: { type: 'boolean' }, result: {}, refusal: codeAndMessage, mismatch: text },
    'result',
    'refusal',
    'mismatch',
  ),
  additionalProperties: false,
};

export const SCENARIO_DOCUMENT_SCHEMA = {
  ...withAll(
    {
      name: text,
      ok: { type: 'boolean' },
      seconds: { type: 'number', minimum: 0 },
      steps: listOf(step),
      accounts: { type: 'object', additionalProperties: account },
      error: codeAndMessage,
    },
    'error',
  ),
  additionalProperties: false,
};
